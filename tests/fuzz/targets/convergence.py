"""The routes of an external converger. Input: which route, then the body."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

import orjson

from bbs.convergence import lrp_steps
from bbs.convergence.updates import Step, name_of, step_of
from bbs.converger.fetched import Reading
from bbs.interchange.identity import misplaced
from bbs.master.external import Update
from bbs.master.memory import Memory
from bbs.master.serving import AdminRefusal
from bbs.models.index import index
from bbs.models.records import Kind
from bbs.models.state import Entry
from bbs.server.convergence import ROWS
from bbs.server.message import Request, Response
from tests.fuzz.target import Target
from tests.fuzz.targets.routes import fresh_board, require_events, require_readable, require_storable, small_state
from tests.models.board import SECOND, Board

PATHS = sorted(ROWS)
LOOP = asyncio.new_event_loop()


class Turn:
    """Takes what the routes hand over, on a board of its own."""

    def __init__(self) -> None:
        self.board = fresh_board()

    async def hold(self, owner: str, ttl_s: float) -> dict[str, Any]:
        assert isinstance(owner, str)
        assert isinstance(ttl_s, float)
        return {}

    async def release(self, owner: str) -> dict[str, Any]:
        assert isinstance(owner, str)
        return {}

    async def ask(self) -> dict[str, Any]:
        return {}

    async def update(self, owner: str, epoch: int, steps: Sequence[Update]) -> dict[str, Any]:
        assert isinstance(owner, str)
        assert isinstance(epoch, int)
        for step in steps:
            outcome = step.transition(self.board.records, self.board.context)
            for one in outcome.mutations:
                assert one.kind is not Kind.DESIRED_LRPS
                assert one.record is None or misplaced(one.kind, one.key, one.record.data) is None
            require_events(self.board, outcome)
            self.board.records.apply(outcome.mutations)
            require_storable(outcome.mutations)
        require_readable(self.board)
        return {}

    def records(self, kind: Kind) -> list[Entry]:
        return self.board.records.entries(kind)


def check(data: bytes) -> None:
    """Carried out on records that convergence, lists and layouts take, or refused with a remedy."""
    path = PATHS[(data[:1] or b"\0")[0] % len(PATHS)]
    method, run = ROWS[path]
    request = Request(method, path, body=data[1:])
    assert LOOP.run_until_complete(_status(run(Turn(), request))) in (200, 202, 422)  # type: ignore[arg-type]


async def _status(answer: Awaitable[Response]) -> int:
    try:
        return (await answer).status
    except AdminRefusal as refused:
        return refused.status if refused.remedy else 0


def _steps() -> list[Step]:
    """What convergence wants of the small state, an hour later."""
    memory = Memory(index)
    for record in small_state().entries_by_key.values():
        memory.place(record.kind, record.key, record)
    board = Board(now=Board().now + 3600 * SECOND, cells={"cell-2"})
    found: list[Step] = []
    for transition in lrp_steps(memory, board.context):
        reading = Reading(memory)
        outcome = transition(reading, board.context)
        if outcome.mutations or outcome.effects:
            found.append(step_of(outcome, reading.read))
    return found


def _seeds() -> list[bytes]:
    update = PATHS.index("/convergence/v1/update")
    bodies = [{"owner": "a", "epoch": 1, "steps": [step.model_dump()]} for step in _steps()]
    return [
        *(bytes((at,)) + body for at in range(len(PATHS)) for body in (b"", b'{"owner":"a","ttl_s":60}')),
        *(bytes((update,)) + orjson.dumps(body) for body in bodies),
    ]


TARGET = Target(
    "convergence",
    "a call of an external converger changes records as the BBS itself would leave them, or is refused with a remedy",
    _seeds(),
    check,
    words=(
        b"null",
        b"-1",
        b"1e999",
        b"18446744073709551616",
        b"[" * 3000,
        b'"\\ud800"',
        b'"read":{',
        b'"delete":["',
        name_of(Kind.ACTUAL_LRPS, "pg/0/ordinary").encode(),
        name_of(Kind.TASKS, "t").encode(),
        name_of(Kind.DOMAINS, "dom").encode(),
        b"desired_lrps/pg",
    ),
)
