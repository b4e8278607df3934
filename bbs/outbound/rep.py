"""Calls to cells: stop, update, cancel. The cell's presence says where; a cell without one is left to convergence.

Every path names the instance, so that a cell that runs another one by now does nothing.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from bbs.client.locket import LocketError
from bbs.master.clock import Clock
from bbs.models.effects import CancelTask, RetireLRPInstance, StopLRPInstance, UpdateLRPInstance
from bbs.outbound.exchange import Call, CallFailed, Exchange, json_body, require, segment
from bbs.outbound.permit import Permit
from bbs.outbound.presences import Presences

ACCEPTED, NOT_FOUND = 202, 404
RETIRE_ATTEMPTS = 5
RETIRE_PAUSE_S = 0.2
"""Doubled after each attempt: 3 s in all, time for a rep that is being restarted."""


class CellAbsent(CallFailed):
    """The cell is not present: nobody to call."""


class Reps:
    """The reps of all cells."""

    def __init__(self, presences: Presences, exchange: Exchange, clock: Clock) -> None:
        self._presences = presences
        self._exchange = exchange
        self._clock = clock

    async def stop(self, effect: StopLRPInstance | RetireLRPInstance, permit: Permit) -> None:
        """Stop one instance. Raises CallFailed, Withheld."""
        url = await self._instance("v1", effect.cell_id, effect.process_guid, effect.instance_guid)
        await self._expect(Call("POST", f"{url}/stop"), permit)

    async def retire(self, effect: RetireLRPInstance, permit: Permit) -> None:
        """As `stop`, up to five times; a cell that is not present is not asked again. Raises as the last attempt."""
        for attempt in range(RETIRE_ATTEMPTS - 1):
            try:
                await self.stop(effect, permit)
            except CellAbsent:
                raise
            except CallFailed:
                await self._clock.sleep(RETIRE_PAUSE_S * 2**attempt)
            else:
                return
        await self.stop(effect, permit)

    async def update(self, effect: UpdateLRPInstance, permit: Permit) -> None:
        """Tell new routes and tags; a rep that knows no v2 gets the routes alone. Raises CallFailed, Withheld."""
        url = await self._instance("v2", effect.cell_id, effect.process_guid, effect.instance_guid)
        call = Call("PUT", url, json_body(effect.document()))
        answer = await self._exchange.send(call, permit)
        if answer.status != NOT_FOUND or effect.internal_routes is None:
            return require(answer, call, ACCEPTED)
        older = await self._instance("v1", effect.cell_id, effect.process_guid, effect.instance_guid)
        call = Call("PUT", older, json_body({**effect.document(), "metric_tags": None}))
        # 404 here: the instance itself is gone, so there is nothing to tell.
        return require(await self._exchange.send(call, permit), call, ACCEPTED, NOT_FOUND)

    async def cancel(self, effect: CancelTask, permit: Permit) -> None:
        """Stop a task. Raises CallFailed, Withheld."""
        base = await self._rep_url(effect.cell_id)
        await self._expect(Call("POST", f"{base}/v1/tasks/{segment(effect.task_guid)}/cancel"), permit)

    async def _instance(self, version: str, cell_id: str, process_guid: str, instance_guid: str) -> str:
        base = await self._rep_url(cell_id)
        return f"{base}/{version}/lrps/{segment(process_guid)}/instances/{segment(instance_guid)}"

    async def _expect(self, call: Call, permit: Permit) -> None:
        require(await self._exchange.send(call, permit), call, ACCEPTED)

    async def _rep_url(self, cell_id: str) -> str:
        try:
            url = await self._presences.rep_url(cell_id)
        except LocketError as error:
            raise CallFailed(str(error)) from error
        if url is None:
            raise CellAbsent(f"cell {cell_id} is not present or gives no rep_url; convergence will see to it")
        if urlsplit(url).scheme != "https":
            raise CallFailed(f"cell {cell_id} gives a rep_url that is not https")
        return url.rstrip("/")
