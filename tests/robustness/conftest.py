"""One server for all tests of this folder: what one of them leaves behind, the next ones would notice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.processes.cluster import Cluster
from tests.robustness.server import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    cluster = Cluster(tmp_path_factory.mktemp("robustness"), 1)
    try:
        yield Server(asyncio.run(cluster.start()))
    finally:
        cluster.end()
