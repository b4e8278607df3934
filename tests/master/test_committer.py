"""One commit at a time, sent until its outcome is known."""

from __future__ import annotations

import asyncio

import pytest

from bbs.master.chain import encode_changes, link
from bbs.master.committer import Draft, EpochLost
from bbs.models.records import Kind, delete
from bbs.stores.anchor import Anchor
from bbs.stores.contract import StoreFull
from tests.master.reign import reign

CHANGES = encode_changes([delete(Kind.TASKS, "t")])


async def test_each_commit_follows_the_one_before_it() -> None:
    holder = await reign()
    for seq in (1, 2, 3):
        after = await holder.committer.commit(lambda _: Draft())
        assert after.fence == (1, seq)
        assert holder.tables.anchor == after


async def test_the_digest_chains_what_was_and_what_is_written() -> None:
    holder = await reign()
    before = holder.committer.anchor.digest
    after = await holder.committer.commit(lambda _: Draft(changes=CHANGES))
    assert after.digest == link(before, after.batch_id, CHANGES)


async def test_an_unknown_outcome_is_repeated_with_the_same_batch_id() -> None:
    holder = await reign()
    holder.line.next("commit", "unanswered", "lost", "lost", "ok")
    after = await holder.clock.while_passing(holder.committer.commit(lambda _: Draft()))
    assert holder.commits() == 4
    assert after.seq == 1
    assert holder.tables.anchor == after
    assert [batch.batch_id for batch in holder.announced] == [after.batch_id]


async def test_a_commit_that_was_applied_before_the_epoch_was_lost_is_known_to_be() -> None:
    holder = await reign()
    holder.line.next("commit", "unanswered")
    committing = asyncio.ensure_future(holder.committer.commit(lambda _: Draft()))
    await holder.clock.settle()
    await reign(tables=holder.tables)
    await holder.clock.until(committing.done)
    with pytest.raises(EpochLost) as lost:
        await committing
    assert lost.value.applied is True


async def test_a_conflict_leaves_the_outcome_unknown_and_ends_the_lease() -> None:
    holder = await reign()
    await reign(tables=holder.tables)
    with pytest.raises(EpochLost) as lost:
        await holder.committer.commit(lambda _: Draft())
    assert lost.value.applied is None
    assert lost.value.seen is not None
    assert lost.value.seen.epoch == 2
    assert holder.lease.ended


async def test_the_stores_refusal_of_a_deposed_holder_is_noted_with_both_fences() -> None:
    holder = await reign()
    await reign(tables=holder.tables)
    with pytest.raises(EpochLost):
        await holder.committer.commit(lambda _: Draft())
    [(event, fields)] = holder.events
    assert event == "fenced"
    assert (fields["epoch"], fields["seq"], fields["seen_epoch"], fields["seen_seq"]) == (1, 1, 2, 0)


async def test_an_unknown_outcome_is_given_up_with_the_epoch() -> None:
    holder = await reign()
    holder.line.next("commit", *["lost"] * 100)
    committing = asyncio.ensure_future(holder.committer.commit(lambda _: Draft()))
    await holder.clock.advance(1)
    assert not committing.done()
    holder.lease.end()
    await holder.clock.until(committing.done)
    with pytest.raises(EpochLost):
        await committing


async def test_a_refusal_leaves_the_anchor_where_it_was() -> None:
    holder = await reign()
    holder.tables.full = True
    before = holder.committer.anchor
    with pytest.raises(StoreFull):
        await holder.committer.commit(lambda _: Draft())
    assert holder.committer.anchor == before == holder.tables.anchor
    holder.tables.full = False
    assert (await holder.committer.commit(lambda _: Draft())).seq == 1


async def test_a_draft_is_drawn_from_the_anchor_that_it_will_follow() -> None:
    """Whoever waits in line decides on what the one ahead has left."""
    holder = await reign()
    gate = holder.line.hold("commit")
    first = asyncio.ensure_future(holder.committer.commit(lambda _: Draft(members={"active_key": "key2"})))
    await holder.clock.settle()
    seen: list[str] = []

    def draw(anchor: Anchor) -> Draft:
        seen.append(anchor.active_key)
        return Draft()

    second = asyncio.ensure_future(holder.committer.commit(draw))
    await holder.clock.settle()
    assert seen == []
    gate.set_result(None)
    await asyncio.gather(first, second)
    assert seen == ["key2"]


async def test_a_batch_is_announced_before_it_is_in_the_store() -> None:
    holder = await reign()
    gate = holder.line.hold("commit")
    committing = asyncio.ensure_future(holder.committer.commit(lambda _: Draft(changes=CHANGES)))
    await holder.clock.settle()
    assert holder.announced[0].seq == 1
    assert holder.announced[0].previous_digest == ""
    assert holder.tables.anchor is not None
    assert holder.tables.anchor.seq == 0
    gate.set_result(None)
    await committing
