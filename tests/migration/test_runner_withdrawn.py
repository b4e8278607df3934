"""A target set while an attempt runs ends it at its next commit: nothing of it becomes live."""

from __future__ import annotations

import asyncio

import pytest

from bbs.migration.attempt import Withdrawn
from bbs.migration.decide import Abandon, Abilities, Serve, decide_held
from bbs.stores.anchor import Version
from tests.master.reign import Reign, fill, mixed, reign
from tests.migration.attempts import MIDDLE, NEW, OLD, digest, order, rows, runner, staged, want

CAN = Abilities(frozenset({OLD, MIDDLE, NEW}), frozenset({OLD, MIDDLE, NEW}), {OLD: "v1"}, managed=True)


async def world() -> Reign:
    holder = await reign(OLD)
    fill(holder.tables, mixed(40))
    await want(holder, NEW)
    return holder


async def withdrawn_after(holder: Reign, commits: int, version: int) -> None:
    """Let an attempt make that many commits, then set the target while it waits for the next."""
    attempt = asyncio.ensure_future(runner(holder).run(order(holder, NEW)))
    holder.line.next("commit", *["ok"] * commits)
    gate = holder.line.hold("commit")
    await holder.clock.settle()
    calling = asyncio.ensure_future(want(holder, version))
    await holder.clock.settle()
    gate.set_result(None)
    with pytest.raises(Withdrawn):
        await attempt
    await calling


@pytest.mark.parametrize("commits", [0, 1, 3])
async def test_a_withdrawal_while_staging_leaves_the_old_root_live_and_whole(commits: int) -> None:
    holder = await world()
    before, content = rows(holder.tables, "v1"), await digest(holder.tables)
    await withdrawn_after(holder, commits, OLD)
    assert rows(holder.tables, "v1") == before
    assert await digest(holder.tables) == content
    assert holder.committer.anchor.live.root == "v1"


async def test_a_withdrawal_right_before_the_flip_still_counts() -> None:
    holder = await world()
    await runner(holder).run(order(holder, NEW))
    commits = holder.commits() - 1
    other = await world()
    await withdrawn_after(other, commits - 2, OLD)
    assert staged(other.tables) == {"v4000000001@1-1"}
    assert other.committer.anchor.live.root == "v1"
    assert other.committer.anchor.version == Version(OLD, NEW)


async def test_a_withdrawn_attempt_leaves_no_failure_and_the_old_layout_is_served_next() -> None:
    holder = await world()
    await withdrawn_after(holder, 2, OLD)
    anchor = holder.committer.anchor
    assert anchor.migration is not None
    assert anchor.migration.failure is None
    assert decide_held(anchor, CAN) == Abandon(OLD)
    assert decide_held(anchor.change(version=Version(OLD), migration=None), CAN) == Serve(OLD)


async def test_an_order_that_is_stale_already_writes_nothing() -> None:
    holder = await world()
    stale = order(holder, NEW)
    await want(holder, MIDDLE)
    seq = holder.committer.anchor.seq
    with pytest.raises(Withdrawn):
        await runner(holder).run(stale)
    assert holder.committer.anchor.seq == seq
    assert staged(holder.tables) == set()


async def test_setting_the_same_target_again_starts_the_attempt_anew() -> None:
    """A retry is a new generation; what the running attempt was decided on is over."""
    holder = await world()
    await withdrawn_after(holder, 2, NEW)
    assert holder.committer.anchor.generation == 2
