"""Stores for tests: `opened` makes clients of one empty store and closes them, `store` is the first of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bbs.stores.contract import Store
from tests.engines.etcd import EtcdServer
from tests.engines.mariadb import MariaDBServer
from tests.engines.postgresql import PostgreSQLServer
from tests.engines.relational import SERVERS, RelationalServer
from tests.stores.engines import ENGINES


@pytest.fixture(scope="session")
def etcd_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdServer]:
    """A real etcd 3.6, started by the first test that asks for it."""
    server = EtcdServer(tmp_path_factory.mktemp("etcd"), "--quota-backend-bytes=4000000000")
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDBServer]:
    """A real MariaDB (or MySQL: MYSQLD), started by the first test that asks for it."""
    server = SERVERS["mysql"]()
    assert isinstance(server, MariaDBServer)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLServer]:
    """A real PostgreSQL, started by the first test that asks for it."""
    server = PostgreSQLServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(params=sorted(SERVERS))
def server(request: pytest.FixtureRequest) -> RelationalServer:
    """Each relational server in turn, emptied."""
    found: RelationalServer = request.getfixturevalue(
        "mariadb_server" if request.param == "mysql" else "postgresql_server"
    )
    found.empty()
    return found


@pytest_asyncio.fixture(params=sorted(ENGINES))
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Callable[[], Store]]:
    """A new client of the test's one store at each call."""
    clients: list[Store] = []
    with ENGINES[request.param](tmp_path, request) as place:

        def client() -> Store:
            clients.append(place())
            return clients[-1]

        yield client
        for each in clients:
            await each.close()


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    """A client of an empty store."""
    return opened()
