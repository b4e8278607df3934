"""Calls to cells: stop, update, cancel. The cell's presence says where; a cell without one is left to convergence.

Every path names the instance, so that a cell that runs another one by now does nothing.
"""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from bbs.client.locket import LocketError
from bbs.models.effects import CancelTask, RetireLRPInstance, StopLRPInstance, UpdateLRPInstance
from bbs.outbound.exchange import (
    Call,
    CallCut,
    CallFailed,
    CallRefused,
    CallTimedOut,
    CallUnanswered,
    Exchange,
    json_body,
    require,
    segment,
)
from bbs.outbound.permit import Permit
from bbs.outbound.presences import Presences

ACCEPTED, NOT_FOUND = 202, 404
RETIRE_ATTEMPTS = 5
NO_HTTPS = "https scheme is required but none of the addresses support it"
TIMED_OUT = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"


class CellAbsent(CallFailed):
    """The cell is not present: nobody to call."""


class NoRepURL(CallFailed):
    """The cell is present but can't be called where its presence says."""


class Reps:
    """The reps of all cells."""

    def __init__(self, presences: Presences, exchange: Exchange) -> None:
        self._presences = presences
        self._exchange = exchange

    async def stop(self, effect: StopLRPInstance, permit: Permit) -> None:
        """Stop one instance. Raises CallFailed, Withheld."""
        await self._expect(await self._stop(effect), permit)

    async def retire(self, effect: RetireLRPInstance, permit: Permit) -> None:
        """Stop one instance, asking up to five times. Raises CallFailed in the words that a client is answered."""
        call = await self._stop(effect)
        for attempt in range(1, RETIRE_ATTEMPTS + 1):
            try:
                return await self._expect(call, permit)
            except CallFailed as failure:
                if attempt == RETIRE_ATTEMPTS:
                    raise CallFailed(_in_clients_words(failure, call)) from failure
        return None

    async def _stop(self, effect: StopLRPInstance | RetireLRPInstance) -> Call:
        url = await self._instance("v1", effect.cell_id, effect.process_guid, effect.instance_guid)
        return Call("POST", f"{url}/stop", b"", trace_id=effect.trace_id or None)

    async def update(self, effect: UpdateLRPInstance, permit: Permit) -> None:
        """Tell new routes and tags; a rep that knows no v2 gets the routes alone. Raises CallFailed, Withheld."""
        url = await self._instance("v2", effect.cell_id, effect.process_guid, effect.instance_guid)
        trace_id = effect.trace_id or None
        call = Call("PUT", url, json_body(effect.document()), trace_id)
        answer = await self._exchange.send(call, permit)
        if answer.status != NOT_FOUND or effect.internal_routes is None:
            return require(answer, call, ACCEPTED)
        older = await self._instance("v1", effect.cell_id, effect.process_guid, effect.instance_guid)
        call = Call("PUT", older, json_body({**effect.document(), "metric_tags": None}), trace_id)
        # 404 here: the instance itself is gone, so there is nothing to tell.
        return require(await self._exchange.send(call, permit), call, ACCEPTED, NOT_FOUND)

    async def cancel(self, effect: CancelTask, permit: Permit) -> None:
        """Stop a task. Raises CallFailed, Withheld."""
        base = await self._rep_url(effect.cell_id)
        url = f"{base}/v1/tasks/{segment(effect.task_guid)}/cancel"
        await self._expect(Call("POST", url, trace_id=effect.trace_id or None), permit)

    async def _instance(self, version: str, cell_id: str, process_guid: str, instance_guid: str) -> str:
        base = await self._rep_url(cell_id)
        return f"{base}/{version}/lrps/{segment(process_guid)}/instances/{segment(instance_guid)}"

    async def _expect(self, call: Call, permit: Permit) -> None:
        require(await self._exchange.send(call, permit), call, ACCEPTED)

    async def _rep_url(self, cell_id: str) -> str:
        try:
            url = await self._presences.rep_url(cell_id)
        except LocketError as error:
            raise CallFailed(error.status or str(error)) from error
        if url is None:
            raise CellAbsent(f"cell {cell_id} is not present; convergence will see to it")
        if urlsplit(url).scheme != "https":
            raise NoRepURL(NO_HTTPS)
        return url.rstrip("/")


def _in_clients_words(failure: CallFailed, call: Call) -> str:
    """Go's words, which the API answers: a rep's URL holds no secret."""
    if isinstance(failure, CallRefused):
        return f"http error: status code {failure.status} ({_phrase(failure.status)})"
    match failure:
        case CallCut():
            reason = "EOF"
        case CallTimedOut():
            reason = TIMED_OUT
        case CallUnanswered():
            reason = f"dial tcp {urlsplit(call.url).netloc}: connect: connection refused"
        case _:
            reason = str(failure)
    return f'Post "{call.url}": {reason}'


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
