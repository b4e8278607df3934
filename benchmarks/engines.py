"""A deployment on each engine, with a server of its own that lives as long as the measurement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.engines.etcd import EtcdServer
from tests.engines.relational import SERVERS
from tests.processes.cluster import Cluster

ENGINES = ("etcd", "mysql", "postgresql", "sqlite")
_QUOTA = str(6 * 2**30)


@contextmanager
def cluster_on(engine: str, folder: Path, members: int, **settings: Any) -> Iterator[Cluster]:
    """Members on an empty store of that engine; `settings`: further keys of their configuration."""
    where = folder / "cluster"
    if engine == "sqlite":
        yield Cluster(where, members, **settings)
    elif engine == "etcd":
        (folder / "etcd").mkdir()
        etcd = EtcdServer(folder / "etcd", "--quota-backend-bytes", _QUOTA)
        etcd.start()
        try:
            yield Cluster(where, members, etcd, **settings)
        finally:
            etcd.kill()
    else:
        server = SERVERS[engine]()
        server.start()
        try:
            yield Cluster(where, members, database=server, **settings)
        finally:
            server.remove()
