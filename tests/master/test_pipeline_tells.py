"""What the writer of records tells of confirmed transitions, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bbs.models.account import Account
from bbs.models.events import Placed
from bbs.models.records import Kind
from bbs.models.state import Context, Outcome, View
from tests.master.reign import Reign, reign
from tests.master.transitions import poison, write
from tests.simulation.model import numbered

Told = tuple[str, bytes | None, bytes | None]


def task(number: int) -> bytes:
    return numbered(Kind.TASKS, "t", number).data


class Listener:
    """Notes key, record before and record after of everything that is told."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.accounts: list[Account] = []

    def __call__(self, before: View, placed: Sequence[Placed], outcome: Outcome) -> None:
        self.accounts.append(outcome.account)
        for kind, key, entry in placed:
            was = before.get(kind, key)
            self.told.append((key, was and was.data, entry and entry.data))


def listened(holder: Reign) -> Listener:
    listener = Listener()
    holder.tell = listener
    return listener


async def test_a_change_is_told_when_its_commit_is_confirmed_and_not_before() -> None:
    holder = await reign()
    listener = listened(holder)
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        answer = asyncio.create_task(pipeline.submit(write("t", 1)))
        await holder.clock.settle()
        assert listener.told == []
        gate.set_result(None)
        await answer
        assert listener.told == [("t", None, task(1))]


async def test_changes_of_one_commit_are_told_one_after_the_other_each_against_the_time_before_it() -> None:
    holder = await reign()
    listener = listened(holder)
    async with holder.serving() as pipeline:
        await asyncio.gather(*(pipeline.submit(write("t", value)) for value in (1, 2, 3)))
    assert holder.commits() == 1
    assert listener.told == [
        ("t", None, task(1)),
        ("t", task(1), task(2)),
        ("t", task(2), task(3)),
    ]


async def test_what_the_store_refuses_is_never_told() -> None:
    holder = await reign()
    listener = listened(holder)
    async with holder.serving() as pipeline:
        wanted = (write("good", 1), poison("bad"), write("fine", 1))
        await asyncio.gather(*(pipeline.submit(one) for one in wanted), return_exceptions=True)
    assert [key for key, _, _ in listener.told] == ["good", "fine"]


async def test_an_outcome_that_changes_nothing_is_told_only_if_it_has_something_to_say() -> None:
    holder = await reign()
    listener = listened(holder)
    announced = Account(gone=("pg/0/ordinary",))

    def quiet(view: View, _context: Context) -> Outcome:
        view.get(Kind.ACTUAL_LRPS, "pg/0/ordinary")
        return Outcome(b"")

    async with holder.serving() as pipeline:
        await pipeline.submit(quiet)
        await pipeline.submit(lambda view, context: replace(quiet(view, context), account=announced))
    assert listener.accounts == [announced]
