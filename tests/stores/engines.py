"""The engines that the conformance suite runs over. One more engine is one more line in ENGINES."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from bbs.stores.contract import Store
from bbs.stores.etcd import EtcdStore
from bbs.stores.mysql import MySQL
from bbs.stores.postgresql import PostgreSQL
from bbs.stores.sql import SQLStore
from bbs.stores.sqlite import SQLiteStore
from tests.engines.etcd import EtcdServer
from tests.engines.mariadb import MariaDBServer
from tests.engines.postgresql import PostgreSQLServer
from tests.simulation.store import SimulatedStore
from tests.simulation.tables import LIMITS, Tables


class Place(Protocol):
    """One empty store, and a new client of it at each call."""

    def __call__(self) -> Store: ...


@contextmanager
def sqlite(tmp_path: Path, _request: pytest.FixtureRequest) -> Iterator[Place]:
    """A file of its own for each test."""
    yield lambda: SQLiteStore(tmp_path / "bbs.sqlite", timeout=5.0)


@contextmanager
def etcd(_tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """One server for the session, emptied before each test."""
    server: EtcdServer = request.getfixturevalue("etcd_server")
    server.empty()
    yield lambda: EtcdStore([server.endpoint], server.secrets, timeout=5.0)


@contextmanager
def mysql(_tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """One server for the session, emptied before each test."""
    server: MariaDBServer = request.getfixturevalue("mariadb_server")
    server.empty()
    yield lambda: SQLStore(MySQL(5.0), server.place(), timeout=5.0)


@contextmanager
def postgresql(_tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """One server for the session, emptied before each test."""
    server: PostgreSQLServer = request.getfixturevalue("postgresql_server")
    server.empty()
    yield lambda: SQLStore(PostgreSQL(5.0), server.place(), timeout=5.0)


@contextmanager
def simulated(_tmp_path: Path, _request: pytest.FixtureRequest) -> Iterator[Place]:
    """The store of the simulation, on a line without faults."""
    tables = Tables(limits=LIMITS._replace(payload_bytes=1_000_000, row_bytes=1_550_000))
    yield lambda: SimulatedStore(tables)


ENGINES = {
    "etcd": etcd,
    "mysql": mysql,
    "postgresql": postgresql,
    "simulated": simulated,
    "sqlite": sqlite,
}
