"""One API server for all tests of this folder, and a connection to it for each."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio
from kubernetes.aio import client, config

from controllers.cluster import Cluster
from tests.controllers.loop.api_server import api_server
from tests.controllers.loop.standins import Machines


@pytest.fixture(scope="session")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with api_server(tmp_path_factory.mktemp("api")) as found:
        yield found


@pytest_asyncio.fixture
async def cluster(kubeconfig: Path) -> AsyncIterator[Cluster]:
    settings = client.Configuration()
    await config.load_kube_config(str(kubeconfig), client_configuration=settings)
    found = Cluster(client.ApiClient(settings))
    yield found
    await found.close()


@pytest_asyncio.fixture
async def machines(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Machines]:
    found = Machines(cluster, tmp_path)
    found.bbs.initial = 0
    task = asyncio.create_task(found.run())
    yield found
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
