"""The plain port for kubelets and Prometheus: `/healthz`, `/readyz`, `/metrics`, nothing else."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from components.http import Listener, Request, Response, Route, listen


class Health:
    """Answers for one process: alive as long as it answers, ready as `ready` says."""

    def __init__(self, component: str, ready: Callable[[], bool]) -> None:
        self.registry = CollectorRegistry()
        self._component = component
        self._ready = ready
        self._listener: Listener | None = None

    async def open(self, address: str) -> int:
        """Listen on `address`; returns the bound port."""
        routes = (
            Route("GET", "/healthz", self._healthz),
            Route("GET", "/readyz", self._readyz),
            Route("GET", "/metrics", self._metrics),
        )
        self._listener = await listen(address, routes)
        return self._listener.port

    async def close(self) -> None:
        """Stop answering."""
        if self._listener is not None:
            await self._listener.close()

    async def _healthz(self, _request: Request) -> Response:
        return Response(200, b"ok\n", "text/plain; charset=utf-8")

    async def _readyz(self, _request: Request) -> Response:
        if self._ready():
            return Response(200, b"ok\n", "text/plain; charset=utf-8")
        return Response(503, f"{self._component} is not ready\n".encode(), "text/plain; charset=utf-8")

    async def _metrics(self, _request: Request) -> Response:
        return Response(200, generate_latest(self.registry), CONTENT_TYPE_LATEST)
