"""The cell's routes: Diego's on the network, evacuation for the operator, and the same on loopback for the drain."""

from __future__ import annotations

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from components.http import Refusal, Request, Response, Route, json_response
from components.rep import endings, work
from components.rep.bulker import Bulker
from components.rep.cell import Cell
from components.rep.containers import Container, Lifecycle
from components.rep.evacuation import Evacuation
from components.rep.runtime.client import RuntimeUnavailable

OPERATOR = "diego-operator"

log = structlog.get_logger()


class _Hostname(BaseModel):
    hostname: str


class _Update(BaseModel):
    """LRPUpdate: what is absent or null stays as it is."""

    model_config = ConfigDict(extra="ignore")

    internal_routes: list[_Hostname] | None = None
    metric_tags: dict[str, str] | None = None


class CellRoutes:
    """Handlers over one cell."""

    def __init__(self, cell: Cell, bulker: Bulker, evacuation: Evacuation) -> None:
        self._cell = cell
        self._bulker = bulker
        self._evacuation = evacuation

    def network(self) -> tuple[Route, ...]:
        """What 1801 serves."""
        lrp = "/lrps/{process_guid}/instances/{instance_guid}"
        return (
            Route("GET", "/ping", self._ping),
            Route("GET", "/state", self._state),
            Route("GET", "/container_metrics", self._metrics),
            Route("POST", "/work", self._work),
            Route("POST", f"/v1{lrp}/stop", self._stop_lrp),
            Route("PUT", f"/v2{lrp}", self._update_lrp),
            Route("PUT", f"/v1{lrp}", self._update_lrp),
            Route("POST", "/v1/tasks/{task_guid}/cancel", self._cancel_task),
            Route("POST", "/sim/reset", self._reset),
            *self._evacuation_routes(OPERATOR),
        )

    def loopback(self) -> tuple[Route, ...]:
        """What 1800 serves: only this host's holders of a certificate reach it, so any of them may drain."""
        return (Route("GET", "/ping", self._ping), *self._evacuation_routes(None))

    def _evacuation_routes(self, only: str | None) -> tuple[Route, ...]:
        return (
            Route("POST", "/evacuate", self._evacuate if only else self._leave, only),
            Route("GET", "/evacuation", self._report, only),
            Route("DELETE", "/evacuation", self._cancel_evacuation, only),
        )

    async def _ping(self, _request: Request) -> Response:
        return Response(200)

    async def _state(self, _request: Request) -> Response:
        """503 with a body when the runtime does not answer: an auctioneer then leaves the cell out."""
        try:
            await self._cell.runtime.ping()
        except RuntimeUnavailable as error:
            log.warning("runtime-unavailable", error=str(error))
            return json_response(work.state(self._cell), 503)
        return json_response(work.state(self._cell))

    async def _metrics(self, _request: Request) -> Response:
        lrps = [
            {"instance_guid": each.guid, "process_guid": each.process_guid, "index": each.index}
            for each in self._cell.ledger
            if each.lifecycle is Lifecycle.LRP
        ]
        tasks = [{"task_guid": each.guid} for each in self._cell.ledger if each.lifecycle is Lifecycle.TASK]
        return json_response({"cell_id": self._cell.cell_id, "lrps": lrps, "tasks": tasks})

    async def _work(self, request: Request) -> Response:
        refused, reserved = work.perform(self._cell, request.json())
        for guid in reserved:
            self._bulker.touch(guid)
        return json_response(refused)

    async def _stop_lrp(self, request: Request) -> Response:
        container = self._container(request.params["instance_guid"])
        try:
            await endings.stop(self._cell, container)
        except RuntimeUnavailable as error:
            raise Refusal(500, str(error)) from error
        self._bulker.touch(container.guid)
        return Response(202)

    async def _update_lrp(self, request: Request) -> Response:
        container = self._container(request.params["instance_guid"])
        try:
            update = _Update.model_validate(request.json())
        except ValidationError as error:
            raise Refusal(400, f"unusable update: {error.error_count()} faults in it") from error
        if update.internal_routes is not None:
            container.internal_routes = [each.hostname for each in update.internal_routes]
        if update.metric_tags is not None:
            container.metric_tags = update.metric_tags
        self._bulker.touch(container.guid)
        return Response(202)

    async def _cancel_task(self, request: Request) -> Response:
        container = self._cell.ledger.get(request.params["task_guid"])
        if container is not None and container.lifecycle is Lifecycle.TASK:
            await endings.stop(self._cell, container)
            self._bulker.touch(container.guid)
        return Response(202)

    async def _reset(self, _request: Request) -> Response:
        raise Refusal(500, "not a simulation")

    async def _evacuate(self, _request: Request) -> Response:
        self._evacuation.begin()
        return json_response({"ping_path": "/ping"}, 202)

    async def _leave(self, _request: Request) -> Response:
        self._evacuation.begin(leaving=True)
        return json_response({"ping_path": "/ping"}, 202)

    async def _report(self, _request: Request) -> Response:
        return json_response(self._evacuation.report())

    async def _cancel_evacuation(self, _request: Request) -> Response:
        if not await self._evacuation.cancel():
            raise Refusal(409, "the cell is drained; wanted one that still evacuates; do: replace the pod")
        return json_response(self._evacuation.report())

    def _container(self, guid: str) -> Container:
        """500, never 404, for an unknown container: on a versioned path 404 means "this rep is too old"."""
        if not guid:
            raise Refusal(400, "empty instance guid")
        container = self._cell.ledger.get(guid)
        if container is None:
            raise Refusal(500, f"no container {guid} on this cell")
        return container
