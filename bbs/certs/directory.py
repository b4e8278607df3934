"""The folder that `bbs certs` writes: an authority, and a subfolder per leaf in the form of a Kubernetes TLS secret."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from bbs.certs.authority import Authority, create_authority

LEAVES = MappingProxyType({"server": "bbs", "client": "client", "operator": "diego-operator"})
"""Folder -> common name. `bbs` may follow a stream, `diego-operator` may call the admin routes."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")
VALID = timedelta(days=3650)


def write_certificates(directory: Path, now: datetime, names: Sequence[str] = ()) -> None:
    """Make an authority and the leaves; `names` are further DNS names and addresses of the server.

    Raises FileExistsError when an authority lies there already: replacing it would cut off everyone who trusts it.
    """
    if (directory / "ca.crt").exists():
        message = (
            f"{directory / 'ca.crt'} exists already and others may trust it; choose another directory or remove it"
        )
        raise FileExistsError(message)
    directory.mkdir(parents=True, exist_ok=True)
    authority = create_authority("bbs ca", now, VALID)
    _write(directory / "ca.key", authority.key, 0o600)
    for folder, common_name in LEAVES.items():
        _write_leaf(directory / folder, authority, common_name, now, (*LOOPBACK, *names))
    _write(directory / "ca.crt", authority.certificate, 0o644)


def _write_leaf(directory: Path, authority: Authority, common_name: str, now: datetime, names: Sequence[str]) -> None:
    leaf = authority.issue(common_name, names, now, VALID)
    directory.mkdir(exist_ok=True)
    _write(directory / "tls.key", leaf.key, 0o600)
    _write(directory / "tls.crt", leaf.certificate, 0o644)
    _write(directory / "ca.crt", authority.certificate, 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a whole file or none: live reload must never see half a key."""
    part = path.with_name(f"{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    part.replace(path)
