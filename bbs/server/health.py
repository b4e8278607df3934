"""The plain listener: `/healthz`, `/readyz`, `/metrics` and nothing else, since a kubelet has no client certificate."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry

from bbs.server.message import Request, Response, method_not_allowed, not_found, text
from bbs.server.metrics import EXPOSITION, exposition


class HealthApplication:
    """`healthy`: the process works. `ready`: it can answer, with 503 or a redirect too."""

    def __init__(self, ready: Callable[[], bool], registry: CollectorRegistry) -> None:
        self._ready = ready
        self._registry = registry

    def wants_body(self, method: str, path: str) -> bool:
        """No route reads one."""
        return False

    def answer(self, request: Request) -> Response:
        """See Application."""
        if request.path not in {"/healthz", "/readyz", "/metrics"}:
            return not_found()
        if request.method not in {"GET", "HEAD"}:
            return method_not_allowed("GET")
        if request.path == "/metrics":
            return Response(200, EXPOSITION, exposition(self._registry))
        if request.path == "/readyz" and not self._ready():
            return text(503, "not ready")
        return text(200, "ok")

    def observe(self, request: Request, status: int, seconds: float) -> None:
        """Probes are not counted."""
