"""What every store promises about claims, renewals and releases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from bbs.layouts.contract import Row
from bbs.stores.contract import Claim, Claimed, Deposed, NotClaimed, PutRow, Renewed, Store
from tests.stores.conformance import LIVE, adopt, anchor_of, apply, first_anchor, liveness, next_claim

HOLDER = liveness().holder


async def test_an_empty_store_has_neither_anchor_nor_liveness(store: Store) -> None:
    assert await store.read_liveness() is None
    assert await anchor_of(store) is None


async def test_a_claim_of_an_empty_store_writes_both(store: Store) -> None:
    anchor = await adopt(store)
    assert await anchor_of(store) == anchor
    assert await store.read_liveness() == liveness()


async def test_a_claim_that_expects_absence_fails_when_there_is_an_anchor(opened: Callable[[], Store]) -> None:
    first, second = opened(), opened()
    anchor = await adopt(first)
    await first.close()
    claim = Claim(None, liveness(), first_anchor().change(store_id="other"), liveness(9, "x"))
    assert await second.claim(claim) == NotClaimed()
    assert await anchor_of(second) == anchor


async def test_a_claim_fails_when_the_anchor_moved(opened: Callable[[], Store]) -> None:
    holder, standby = opened(), opened()
    watched = await adopt(holder)
    moved = await apply(holder, watched, PutRow(LIVE, Row("domains/d", b"")))
    await holder.close()
    assert await standby.claim(next_claim(watched, liveness())) == NotClaimed()
    assert await anchor_of(standby) == moved


async def test_a_claim_fails_when_the_liveness_value_moved(opened: Callable[[], Store]) -> None:
    holder, standby = opened(), opened()
    anchor = await adopt(holder)
    assert await holder.renew(1, HOLDER, 0) == Renewed()
    await holder.close()
    assert await standby.claim(next_claim(anchor, liveness())) == NotClaimed()
    assert await anchor_of(standby) == anchor


async def test_a_claim_on_what_was_watched_takes_the_store(opened: Callable[[], Store]) -> None:
    holder, standby = opened(), opened()
    anchor = await adopt(holder)
    await holder.renew(1, HOLDER, 0)
    await holder.close()
    claim = next_claim(anchor, replace(liveness(), counter=1))
    assert await standby.claim(claim) == Claimed()
    assert await anchor_of(standby) == claim.anchor
    assert await standby.read_liveness() == claim.liveness


async def test_of_two_standbys_that_claim_at_once_exactly_one_takes_the_store(opened: Callable[[], Store]) -> None:
    holder, *standbys = opened(), opened(), opened()
    anchor = await adopt(holder)
    await holder.release(1, HOLDER)
    watched = replace(liveness(), released=True)
    claims = [next_claim(anchor, watched, holder=f"bbs-{number}/1/1") for number in (1, 2)]
    outcomes = await asyncio.gather(*(each.claim(claim) for each, claim in zip(standbys, claims, strict=True)))
    assert sorted(map(str, outcomes)) == ["Claimed()", "NotClaimed()"]
    assert await standbys[0].read_liveness() == claims[outcomes.index(Claimed())].liveness


async def test_a_repeated_claim_is_not_answered_as_claimed(store: Store) -> None:
    """Only the liveness value says whose it is; a second answer would make the lease count from the second sending."""
    await adopt(store)
    assert await store.claim(Claim(None, None, first_anchor(), liveness())) == NotClaimed()


async def test_renewals_count_up(store: Store) -> None:
    await adopt(store)
    assert [await store.renew(1, HOLDER, counter) for counter in range(3)] == [Renewed()] * 3
    assert await store.read_liveness() == replace(liveness(), counter=3)


async def test_a_renewal_whose_answer_was_lost_is_found_repeated(opened: Callable[[], Store]) -> None:
    store, other = opened(), opened()
    await adopt(store)
    await store.renew(1, HOLDER, 0)
    assert await store.renew(1, HOLDER, 0) == Renewed(repeated=True)
    assert await other.renew(1, HOLDER, 0) == Renewed(repeated=True)
    assert await store.read_liveness() == replace(liveness(), counter=1)


@pytest.mark.parametrize("rival", [(2, HOLDER, 0), (1, "bbs-9/1/1", 0), (0, HOLDER, 0), (1, HOLDER, 5)])
async def test_a_renewal_of_another_epoch_holder_or_counter_is_deposed(
    store: Store, rival: tuple[int, str, int]
) -> None:
    await adopt(store)
    assert await store.renew(*rival) == Deposed(liveness())
    assert await store.read_liveness() == liveness()


async def test_a_renewal_of_nothing_is_deposed(store: Store) -> None:
    assert await store.renew(1, HOLDER, 0) == Deposed(None)


async def test_a_late_renewal_after_a_claim_is_deposed(opened: Callable[[], Store]) -> None:
    holder, standby = opened(), opened()
    anchor = await adopt(holder)
    await holder.release(1, HOLDER)
    claim = next_claim(anchor, replace(liveness(), released=True))
    assert await standby.claim(claim) == Claimed()
    assert await holder.renew(1, HOLDER, 0) == Deposed(claim.liveness)


async def test_a_release_ends_renewals(store: Store) -> None:
    await adopt(store)
    assert await store.release(1, HOLDER) == Renewed()
    released = replace(liveness(), released=True)
    assert await store.read_liveness() == released
    assert await store.renew(1, HOLDER, 0) == Deposed(released)


async def test_a_release_may_be_repeated(store: Store) -> None:
    await adopt(store)
    await store.release(1, HOLDER)
    assert isinstance(await store.release(1, HOLDER), Renewed)


@pytest.mark.parametrize("rival", [(2, HOLDER), (1, "bbs-9/1/1")])
async def test_a_release_of_another_epoch_or_holder_is_deposed(store: Store, rival: tuple[int, str]) -> None:
    await adopt(store)
    assert await store.release(*rival) == Deposed(liveness())
    assert await store.read_liveness() == liveness()


async def test_a_snapshot_shows_the_liveness_value(store: Store) -> None:
    await adopt(store)
    async with store.snapshot() as snapshot:
        assert await snapshot.liveness() == liveness()


async def test_a_store_is_claimed_again_and_again(opened: Callable[[], Store]) -> None:
    store = opened()
    anchor = await adopt(store)
    for turn in range(2, 6):
        await store.release(anchor.epoch, (await store.read_liveness()).holder)  # type: ignore[union-attr]
        store = opened()
        claim = next_claim(anchor, await store.read_liveness(), holder=f"bbs-{turn}/1/1")
        assert await store.claim(claim) == Claimed()
        anchor = await apply(store, claim.anchor)
    assert (await anchor_of(store)) == anchor
