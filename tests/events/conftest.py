"""A station behind a real server on a free port, with or without mutual TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from bbs.client import BBSClient
from bbs.server import BBSApplication, BBSServer, Bind, Credentials, RequestMetrics
from tests.certificates import Certificates
from tests.events.station import Station
from tests.server.member import context, no_cells

StartServer = Callable[..., Awaitable[BBSServer]]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.create(Path(tmp_path_factory.mktemp("certificates")))


@pytest.fixture
async def station() -> AsyncIterator[Station]:
    station = Station()
    await station.serve()
    yield station
    await station.stop()


@pytest.fixture
async def start_server(station: Station, certificates: Certificates) -> AsyncIterator[StartServer]:
    async with AsyncExitStack() as stack:

        async def start(*, tls: bool = False) -> BBSServer:
            registry = CollectorRegistry()
            metrics = RequestMetrics(registry)
            application = BBSApplication(station, context, no_cells, events=station.hub, metrics=metrics)
            credentials = Credentials(certificates.server()) if tls else None
            server = BBSServer(station, application, registry, credentials)
            server.start(Bind("127.0.0.1", 0), Bind("127.0.0.1", 0))
            stack.push_async_callback(server.close, 0.1)
            return server

        yield start


@pytest.fixture
async def server(start_server: StartServer) -> BBSServer:
    return await start_server()


@pytest.fixture
async def client(server: BBSServer) -> AsyncIterator[BBSClient]:
    async with BBSClient(f"http://127.0.0.1:{server.address.port}", timeout=10) as client:
        yield client
