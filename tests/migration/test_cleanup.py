"""Dropping a root: all of it, in fenced slices, and never one that is served or being staged."""

from __future__ import annotations

import asyncio

import pytest

from bbs.master.committer import Draft, EpochLost
from bbs.migration.cleanup import RootInUse, drop_root
from bbs.stores.anchor import Live, MigrationState
from tests.master.reign import Reign, fill, mixed, reign
from tests.migration.attempts import NEW, OLD, order, rows, runner


async def migrated() -> Reign:
    """Forty records in `v1` and in the copy that is live now."""
    holder = await reign(OLD)
    fill(holder.tables, mixed(40))
    await runner(holder).run(order(holder, NEW))
    return holder


async def test_a_superseded_root_is_removed_whole() -> None:
    holder = await migrated()
    await drop_root(holder.committer, "v1")
    assert "v1" not in holder.tables.rows


async def test_nothing_else_is_removed() -> None:
    holder = await migrated()
    live = holder.committer.anchor.live.root
    before = rows(holder.tables, live)
    await drop_root(holder.committer, "v1")
    assert rows(holder.tables, live) == before
    assert len(before) == 40


async def test_a_root_is_announced_before_anything_of_it_goes_and_no_longer_once_it_is_gone() -> None:
    holder = await migrated()
    holder.line.next("commit", "ok")
    gate = holder.line.hold("commit")
    dropping = asyncio.ensure_future(drop_root(holder.committer, "v1"))
    await holder.clock.settle()
    assert holder.committer.anchor.dropping == ("v1",)
    gate.set_result(None)
    await dropping
    assert holder.committer.anchor.dropping == ()


async def test_an_empty_root_is_announced_too() -> None:
    holder = await migrated()
    holder.tables.rows["v1"].clear()
    await drop_root(holder.committer, "v1")
    assert "v1" not in holder.tables.rows


async def test_two_who_drop_one_root_at_once_both_come_to_an_end() -> None:
    holder = await migrated()
    await asyncio.gather(*(drop_root(holder.committer, "v1") for _ in range(2)))
    assert "v1" not in holder.tables.rows
    assert holder.committer.anchor.dropping == ()


async def test_the_live_root_is_never_dropped() -> None:
    holder = await migrated()
    live = holder.committer.anchor.live.root
    with pytest.raises(RootInUse):
        await drop_root(holder.committer, live)
    assert len(rows(holder.tables, live)) == 40


async def test_the_root_being_staged_is_never_dropped() -> None:
    holder = await migrated()
    state = MigrationState("1-2", "v1", "staging")
    await holder.committer.commit(lambda _: Draft(members={"migration": state}))
    with pytest.raises(RootInUse):
        await drop_root(holder.committer, "v1")
    assert len(rows(holder.tables, "v1")) == 40


async def test_a_root_that_becomes_live_between_two_slices_is_kept_from_then_on() -> None:
    holder = await migrated()
    holder.line.next("commit", "ok")
    gate = holder.line.hold("commit")
    dropping = asyncio.ensure_future(drop_root(holder.committer, "v1"))
    await holder.clock.settle()
    moved = asyncio.ensure_future(holder.committer.commit(lambda _: Draft(members={"live": Live(OLD, "v1")})))
    await holder.clock.settle()
    gate.set_result(None)
    await moved
    with pytest.raises(RootInUse):
        await dropping
    assert rows(holder.tables, "v1")


async def test_dropping_again_what_is_gone_is_fine() -> None:
    holder = await migrated()
    await drop_root(holder.committer, "v1")
    await drop_root(holder.committer, "v1")


async def test_a_deposed_holder_drops_nothing() -> None:
    holder = await migrated()
    await reign(tables=holder.tables)
    with pytest.raises(EpochLost):
        await drop_root(holder.committer, "v1")
    assert len(rows(holder.tables, "v1")) == 40


async def test_every_slice_is_a_commit_of_its_own() -> None:
    holder = await migrated()
    before = holder.commits()
    await drop_root(holder.committer, "v1")
    assert holder.commits() - before > 2
