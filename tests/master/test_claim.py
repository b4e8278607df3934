"""One attempt to take a store, and what counts as having taken it."""

from __future__ import annotations

import asyncio

from bbs.master.committer import Draft
from bbs.master.election import Held, claim, first_liveness, next_epoch
from bbs.stores.contract import Claim
from tests.master.reign import Reign, reign


def attempt(holder: Reign, name: str = "other/1/1") -> Claim:
    """The claim of a standby that has just seen everything as it is."""
    anchor, liveness = holder.tables.anchor, holder.tables.liveness
    assert anchor is not None
    following = next_epoch(anchor, "standalone")
    return Claim(anchor, liveness, following, first_liveness(following, name, "https://other", 5.0))


async def stand(holder: Reign, wanted: Claim) -> Held | None:
    return await claim(holder.store, holder.clock, wanted)


async def test_a_claim_starts_a_new_epoch_on_the_same_sequence_and_batch() -> None:
    holder = await reign()
    await holder.committer.commit(lambda _: Draft())
    before = holder.committer.anchor
    held = await stand(holder, attempt(holder))
    assert held is not None
    assert held.replaced == before
    assert held.anchor == before.change(epoch=2)


async def test_a_renewal_that_got_through_defeats_a_late_claim() -> None:
    holder = await reign()
    late = attempt(holder)
    holder.tables.renew(1, "bbs/1", 0)
    assert await stand(holder, late) is None
    assert holder.tables.anchor == holder.committer.anchor


async def test_a_commit_that_got_through_defeats_a_late_claim() -> None:
    holder = await reign()
    late = attempt(holder)
    assert holder.tables.anchor is not None
    holder.tables.anchor = holder.tables.anchor.change(seq=1)
    assert await stand(holder, late) is None


async def test_only_one_of_two_claims_on_the_same_sighting_succeeds() -> None:
    holder = await reign()
    first, second = attempt(holder, "a"), attempt(holder, "b")
    assert await stand(holder, first) is not None
    assert await stand(holder, second) is None


async def test_an_unanswered_claim_counts_when_its_own_id_stands_there() -> None:
    holder = await reign()
    holder.line.next("claim", "unanswered")
    sent = holder.clock.steady()
    held = await stand(holder, attempt(holder))
    assert held is not None
    assert held.started == sent


async def test_a_claim_counts_from_its_sending() -> None:
    holder = await reign()
    sent = holder.clock.steady()
    gate = holder.line.hold("claim")
    standing = asyncio.ensure_future(stand(holder, attempt(holder)))
    await holder.clock.advance(3)
    gate.set_result(None)
    held = await standing
    assert held is not None
    assert held.started == sent


async def test_a_claim_that_never_arrived_counts_for_nothing() -> None:
    holder = await reign()
    holder.line.next("claim", "lost")
    assert await stand(holder, attempt(holder)) is None


async def test_a_claim_of_which_nothing_can_be_learned_counts_for_nothing() -> None:
    holder = await reign()
    holder.line.next("claim", "unanswered")
    holder.line.next("read-liveness", "lost")
    assert await stand(holder, attempt(holder)) is None


async def test_the_id_of_another_attempt_of_the_same_member_is_not_ours() -> None:
    holder = await reign()
    earlier = attempt(holder, "other/1/1")
    assert await stand(holder, earlier) is not None
    holder.line.next("claim", "lost")
    assert await stand(holder, attempt(holder, "other/1/2")) is None
