"""A relational server in a configuration."""

from __future__ import annotations

from typing import Any

from bbs.stores.sql_hosts import SQLPlace


def section(engine: str, place: SQLPlace) -> dict[str, Any]:
    """The section `store` of a BBS that keeps its records there."""
    assert place.tls is not None
    files = {"ca_file": place.tls.ca_file, "cert_file": place.tls.cert_file, "key_file": place.tls.key_file}
    database = {
        "hosts": list(place.hosts),
        "database": place.database,
        "username_file": str(place.username_file),
        "password_file": str(place.password_file),
        "tls": {name: str(file) for name, file in files.items()},
    }
    return {"type": engine, engine: database}
