"""One transition that is too large for one commit: whole or not at all, wherever its writer is killed."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from bbs.master.committer import Draft, EpochLost
from bbs.master.intent import commit_large, replay
from bbs.models.records import Kind, put
from bbs.stores.anchor import Anchor
from tests.master.reign import Reign, contents, reign
from tests.master.transitions import many
from tests.simulation.model import numbered

MANY = 50


def large(holder: Reign) -> Coroutine[Any, Any, None]:
    """Fifty records, where a commit carries twelve."""
    mutations = tuple(put(numbered(Kind.TASKS, f"m-{i:03d}", i)) for i in range(MANY))
    return commit_large(holder.committer, holder.encoder.encode(mutations))


async def killed_at(commit: int) -> Reign:
    """A holder whose life ends while it sends that commit; the store never gets it."""
    holder = await reign()
    holder.line.next("commit", *["ok"] * (commit - 1))
    holder.line.hold("commit")
    writing = asyncio.ensure_future(large(holder))
    await holder.clock.settle()
    assert not writing.done()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    return holder


async def test_it_is_written_whole_and_leaves_nothing_behind() -> None:
    holder = await reign()
    await large(holder)
    assert len(holder.tables.rows["v4000000001@1-0"]) == MANY
    assert holder.tables.chunks == {}
    assert holder.tables.anchor is not None
    assert holder.tables.anchor.intent is None


async def test_before_its_commit_point_nothing_of_it_exists() -> None:
    holder = await killed_at(1)
    assert contents(await holder.loaded()) == set()
    heir = await reign(tables=holder.tables)
    await replay(heir.committer, heir.encoder)
    assert contents(await heir.loaded()) == set()
    assert heir.tables.chunks == {}


@pytest.mark.parametrize("commit", [2, 3, 4, 5, 6])
async def test_after_its_commit_point_whoever_takes_over_finishes_it(commit: int) -> None:
    holder = await killed_at(commit)
    assert holder.tables.anchor is not None
    assert holder.tables.anchor.intent is not None
    heir = await reign(tables=holder.tables)
    await replay(heir.committer, heir.encoder)
    assert len(heir.tables.rows["v4000000001@1-0"]) == MANY
    assert heir.tables.chunks == {}
    assert heir.committer.anchor.intent is None


@pytest.mark.parametrize("commit", [2, 4, 6])
async def test_a_loader_sees_it_whole_before_it_is_applied(commit: int) -> None:
    holder = await killed_at(commit)
    assert len(contents(await holder.loaded())) == MANY


async def test_a_take_over_that_is_killed_in_turn_loses_nothing() -> None:
    holder = await killed_at(3)
    heir = await reign(tables=holder.tables)
    heir.line.next("commit", "ok")
    heir.line.hold("commit")
    replaying = asyncio.ensure_future(replay(heir.committer, heir.encoder))
    await heir.clock.settle()
    replaying.cancel()
    await asyncio.gather(replaying, return_exceptions=True)
    last = await reign(tables=holder.tables)
    await replay(last.committer, last.encoder)
    assert len(last.tables.rows["v4000000001@1-0"]) == MANY
    assert last.tables.chunks == {}


async def test_a_deposed_writer_of_chunks_changes_nothing() -> None:
    holder = await reign()
    await reign(tables=holder.tables)
    with pytest.raises(EpochLost):
        await large(holder)
    assert holder.tables.rows == {}


async def test_no_other_commit_comes_between_its_commit_point_and_its_end() -> None:
    """Requests that come meanwhile wait behind it: the anchor names one intent at a time."""
    holder = await reign()
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        first = asyncio.ensure_future(pipeline.submit(many(MANY)))
        await holder.clock.settle()
        second = asyncio.ensure_future(pipeline.submit(many(MANY, "n")))
        gate.set_result(None)
        await asyncio.gather(first, second)
        assert holder.memory.count(Kind.TASKS) == 2 * MANY
        assert contents(holder.memory) == contents(await holder.loaded())
        assert holder.tables.chunks == {}


async def test_a_call_for_a_target_waits_until_an_intent_is_applied() -> None:
    """Whatever asks for a commit, not only requests."""
    holder = await reign()
    holder.line.next("commit", "ok")
    gate = holder.line.hold("commit")
    writing = asyncio.ensure_future(large(holder))
    await holder.clock.settle()
    seen: list[str | None] = []

    def draw(anchor: Anchor) -> Draft:
        seen.append(anchor.intent)
        return Draft()

    calling = asyncio.ensure_future(holder.committer.commit(draw))
    await holder.clock.settle()
    gate.set_result(None)
    await asyncio.gather(writing, calling)
    assert seen == [None]


async def test_once_committed_it_waits_for_room_instead_of_being_given_back() -> None:
    holder = await reign()
    holder.line.next("commit", "ok")
    gate = holder.line.hold("commit")
    writing = asyncio.ensure_future(large(holder))
    await holder.clock.settle()
    holder.tables.full = True
    gate.set_result(None)
    await holder.clock.advance(5)
    assert not writing.done()
    holder.tables.full = False
    await holder.clock.until(writing.done)
    assert len(holder.tables.rows["v4000000001@1-0"]) == MANY
