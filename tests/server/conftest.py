"""A real server on a free port with real mutual TLS, in front of a member from memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from bbs.client import BBSClient
from bbs.server import BBSApplication, BBSServer, Bind, Credentials, RequestMetrics
from tests.certificates import Certificates
from tests.server.member import Member, context, no_cells

StartServer = Callable[..., Awaitable[BBSServer]]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.create(Path(tmp_path_factory.mktemp("certificates")))


@pytest.fixture
async def member() -> Member:
    return Member()


@pytest.fixture
async def start_server(member: Member, certificates: Certificates) -> AsyncIterator[StartServer]:
    async with AsyncExitStack() as stack:

        async def start(serving: Member = member, *, tls: bool = True, stream: Any = None, **options: Any) -> BBSServer:
            registry = CollectorRegistry()
            metrics = RequestMetrics(registry)
            application = BBSApplication(serving, context, no_cells, stream=stream, metrics=metrics)
            credentials = Credentials(certificates.server()) if tls else None
            server = BBSServer(serving, application, registry, credentials, **options)
            server.start(Bind("127.0.0.1", 0), Bind("127.0.0.1", 0))
            stack.push_async_callback(server.close, 0.1)
            return server

        yield start


@pytest.fixture
async def server(start_server: StartServer) -> BBSServer:
    return await start_server()


@pytest.fixture
async def client(server: BBSServer, certificates: Certificates) -> AsyncIterator[BBSClient]:
    async with BBSClient(f"https://localhost:{server.address.port}", certificates.client(), timeout=3) as client:
        yield client
