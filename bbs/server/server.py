"""The two listeners of a BBS, wired: mutual TLS for clients, plain for probes."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from bbs.master.serving import Serving
from bbs.server.credentials import Credentials
from bbs.server.health import HealthApplication
from bbs.server.listener import Listener, Times
from bbs.server.message import Application
from bbs.server.metrics import StatusMetrics
from bbs.server.parsing import Limits


@dataclass(frozen=True, slots=True)
class Bind:
    """Host and port to listen at; port 0 takes a free one."""

    host: str
    port: int


class BBSServer:
    """Start it once the member exists, close it last: a member that steps down still answers 307 and 503."""

    def __init__(
        self,
        serving: Serving,
        application: Application,
        registry: CollectorRegistry,
        credentials: Credentials | None,
        *,
        limits: Limits | None = None,
        times: Times | None = None,
        max_body_bytes_in_flight: int | None = None,
    ) -> None:
        registry.register(StatusMetrics(serving.status))
        context = credentials.context if credentials else None
        self._credentials = credentials
        self._api = Listener(application, serving.may_answer, context, limits=limits, times=times)
        if max_body_bytes_in_flight is not None:
            self._api.budget.limit = max_body_bytes_in_flight
        self._health = Listener(HealthApplication(serving.ready, registry), lambda: True)
        self._watch: asyncio.Task[None] | None = None
        self.address = Bind("", 0)
        self.health_address = Bind("", 0)

    def start(self, api: Bind, health: Bind | None) -> None:
        """Bind both addresses; they are then in `address` and `health_address`. Raises OSError."""
        self.address = Bind(*self._api.start(api.host, api.port))
        if health is not None:
            self.health_address = Bind(*self._health.start(health.host, health.port))
        if self._credentials is not None:
            self._watch = asyncio.get_running_loop().create_task(self._credentials.watch())

    def end_connections(self) -> None:
        """From now on every answer ends its connection, so that clients find the next master."""
        self._api.closing = True

    async def close(self, grace: float = 5.0) -> None:
        """Stop accepting, let what is in flight end within `grace` seconds, cut off the rest."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        await self._api.close(grace)
        await self._health.close(0)
