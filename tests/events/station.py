"""A serving member over a board, with its hub: every call is a commit of its own, told at once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import uuid4

from google.protobuf.message import Message

from bbs.events import EventHub
from bbs.models.events import Placed
from bbs.models.index import indexed
from bbs.models.rules import traced
from bbs.models.state import Outcome, Transition
from tests.models.board import BY_PATH, Board, Records
from tests.server.member import Member


class LifelikeBoard(Board):
    """Epochs as long as real ones."""

    def new_guid(self) -> str:
        return str(uuid4())


def placed(outcome: Outcome) -> tuple[Placed, ...]:
    """What a commit of that outcome leaves behind."""
    return tuple(
        (mutation.kind, mutation.key, None if mutation.record is None else indexed(mutation.record))
        for mutation in outcome.mutations
    )


class Station(Member):
    """`serve` and `stop` are election and deposition as the hub sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.board = LifelikeBoard(cells={"cell-1", "cell-2"})
        self.journal: list[str] = []
        self.hub = EventHub(lambda event, **_: self.journal.append(event))
        self._duty: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """The hub is open from now on."""
        self._duty = asyncio.create_task(self.hub.attend(None))
        await asyncio.sleep(0)

    async def stop(self) -> None:
        """The hub is closed, and every stream ends."""
        if self._duty is not None:
            self._duty.cancel()
            with suppress(asyncio.CancelledError):
                await self._duty
            self._duty = None

    def memory(self) -> Records:  # type: ignore[override]
        return self.board.records

    async def submit(self, transition: Transition) -> bytes:
        return self.run(transition)

    def run(self, transition: Transition) -> bytes:
        """Run, tell and apply."""
        outcome = transition(self.board.records, self.board.context)
        self.hub.tell(self.board.records, placed(outcome), outcome)
        self.board.records.apply(outcome.mutations)
        return outcome.response

    def post(self, path: str, request: Message | bytes, trace_id: str = "") -> bytes:
        """A call as its route makes it."""
        body = request if isinstance(request, bytes) else request.SerializeToString()
        route = BY_PATH[f"/v1{path}"]
        assert route.kind == "transition"
        return self.run(traced(route.handle(body), trace_id if route.traced else ""))
