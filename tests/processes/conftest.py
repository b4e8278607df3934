"""One etcd for all tests of this folder, emptied before each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.etcd import EtcdServer


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
