"""One etcd for all tests of this folder, and one database of each engine for those of a module, emptied before each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.etcd import EtcdServer
from tests.engines.relational import SERVERS, RelationalServer


@pytest.fixture(scope="session")
def shared_etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdServer]:
    server = EtcdServer(tmp_path_factory.mktemp("etcd"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def etcd(shared_etcd: EtcdServer) -> EtcdServer:
    shared_etcd.empty()
    return shared_etcd


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture(scope="module", params=sorted(SERVERS))
def started(request: pytest.FixtureRequest) -> Iterator[RelationalServer]:
    server = SERVERS[request.param]()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def database(started: RelationalServer) -> RelationalServer:
    started.empty()
    return started
