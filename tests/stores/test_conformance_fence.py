"""What every store promises about commits: the exact fence, repetition, deposition."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from bbs.layouts.contract import Row
from bbs.stores.anchor import MigrationState, Version
from bbs.stores.contract import (
    Applied,
    AppliedAndDeposed,
    Claimed,
    Commit,
    Conflict,
    DeleteRow,
    PutRow,
    Store,
)
from tests.stores.conformance import LIVE, adopt, after, anchor_of, apply, first_anchor, liveness, next_claim, stored

ROW = PutRow(LIVE, Row("desired_lrps/pg-1", b"01one"))


async def test_a_commit_on_the_stored_fence_is_applied_with_its_rows(store: Store) -> None:
    anchor = await adopt(store)
    commit = after(anchor, ROW)
    assert await store.commit(commit) == Applied()
    assert await anchor_of(store) == commit.anchor
    assert await stored(store) == [ROW.row]


@pytest.mark.parametrize("off", [{"epoch": 0}, {"epoch": 2}, {"seq": 0}, {"seq": 2}, {"epoch": 2, "seq": 2}])
async def test_a_commit_on_any_other_epoch_or_seq_changes_nothing(store: Store, off: dict[str, int]) -> None:
    anchor = await apply(store, await adopt(store))
    commit = after(anchor.change(**off), ROW, batch_id="other")
    assert await store.commit(commit) == Conflict(anchor)
    assert await anchor_of(store) == anchor
    assert await stored(store) == []


async def test_a_commit_on_a_store_without_anchor_conflicts(store: Store) -> None:
    assert await store.commit(after(first_anchor(), ROW)) == Conflict(None)
    assert await anchor_of(store) is None


async def test_the_same_commit_repeated_is_applied_once(store: Store) -> None:
    commit = after(await adopt(store), ROW)
    assert [await store.commit(commit) for _ in range(3)] == [Applied()] * 3
    assert await anchor_of(store) == commit.anchor


async def test_a_repetition_does_not_bring_back_what_a_later_commit_deleted(store: Store) -> None:
    first = after(await adopt(store), ROW)
    await store.commit(first)
    later = await apply(store, first.anchor, DeleteRow(LIVE, ROW.row.key))
    assert await store.commit(first) == Conflict(later)
    assert await stored(store) == []


async def test_another_batch_on_the_same_fence_conflicts(store: Store) -> None:
    anchor = await adopt(store)
    mine, other = after(anchor, ROW, batch_id="mine"), after(anchor, batch_id="other")
    assert await store.commit(mine) == Applied()
    assert await store.commit(other) == Conflict(mine.anchor)


async def test_a_deposed_holder_learns_that_its_last_commit_stands(opened: Callable[[], Store]) -> None:
    old, new = opened(), opened()
    commit = after(await adopt(old), ROW)
    await old.commit(commit)
    await old.release(1, liveness().holder)
    claim = next_claim(commit.anchor, replace(liveness(), released=True))
    assert await new.claim(claim) == Claimed()
    assert await old.commit(commit) == AppliedAndDeposed(claim.anchor)
    assert await stored(new) == [ROW.row]


async def test_a_deposed_holder_changes_nothing_however_late(opened: Callable[[], Store]) -> None:
    old, new = opened(), opened()
    anchor = await adopt(old)
    await old.release(1, liveness().holder)
    claim = next_claim(anchor, replace(liveness(), released=True))
    await new.claim(claim)
    assert await old.commit(after(anchor, ROW)) == Conflict(claim.anchor)
    assert await stored(new) == []


async def test_of_two_clients_on_one_fence_exactly_one_is_applied(opened: Callable[[], Store]) -> None:
    one, two = opened(), opened()
    anchor = await adopt(one)
    for round_ in range(10):
        rivals = [
            after(anchor, PutRow(LIVE, Row("tasks/t", name)), batch_id=f"{round_}{name!r}") for name in (b"a", b"b")
        ]
        outcomes = await asyncio.gather(one.commit(rivals[0]), two.commit(rivals[1]))
        winner = outcomes.index(Applied())
        assert outcomes[1 - winner] == Conflict(rivals[winner].anchor)
        anchor = rivals[winner].anchor
        assert [row.value for row in await stored(one)] == [rivals[winner].writes[0].row.value]  # type: ignore[union-attr]


async def test_members_of_the_anchor_that_this_binary_does_not_know_survive(store: Store) -> None:
    anchor = await adopt(store, replace(first_anchor(), unknown={"later": {"a": [1, None]}}))
    assert (await anchor_of(store)) == anchor
    anchor = await apply(store, anchor)
    seen = await anchor_of(store)
    assert seen is not None
    assert seen.unknown == {"later": {"a": [1, None]}}


async def test_the_version_record_follows_the_anchor(store: Store) -> None:
    anchor = await adopt(store)
    shown = []
    for version in (Version(4_000_000_001), Version(4_000_000_001, 1451635200), Version(1451635200), Version(0)):
        commit = Commit(anchor, after(anchor).anchor.change(version=version))
        assert await store.commit(commit) == Applied()
        anchor = commit.anchor
        async with store.snapshot() as snapshot:
            shown.append((await snapshot.survey()).version_record)
    assert shown == [
        b'{"CurrentVersion":4000000001,"TargetVersion":4000000001}',
        b'{"CurrentVersion":4000000001,"TargetVersion":1451635200}',
        b'{"CurrentVersion":1451635200,"TargetVersion":1451635200}',
        None,
    ]


async def test_the_key_label_follows_the_anchor(store: Store) -> None:
    anchor = await adopt(store)
    shown = []
    for label in ("key-1", None, "key-2"):
        commit = Commit(anchor, after(anchor).anchor.change(key_label=label))
        await store.commit(commit)
        anchor = commit.anchor
        async with store.snapshot() as snapshot:
            shown.append((await snapshot.survey()).key_label)
    assert shown == [b"key-1", None, b"key-2"]


async def test_every_member_of_the_anchor_survives(store: Store) -> None:
    anchor = await adopt(store)
    changed = after(anchor).anchor.change(
        migration=MigrationState("1-2", "v1451635200@1-2", "staging"), dropping=("v0@1-1",), intent="1-x", digest="ab"
    )
    assert await store.commit(Commit(anchor, changed)) == Applied()
    assert await anchor_of(store) == changed
