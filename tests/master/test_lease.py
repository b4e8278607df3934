"""How long a master may speak after a renewal."""

from __future__ import annotations

from bbs.master.lease import Lease
from tests.master.reign import TIMES
from tests.master.virtual import VirtualClock


def lease(clock: VirtualClock) -> Lease:
    return Lease(clock, TIMES, clock.steady())


async def test_a_claim_is_the_first_renewal() -> None:
    assert lease(VirtualClock()).holds()


async def test_it_holds_for_the_ttl_less_the_margin_and_no_longer() -> None:
    clock = VirtualClock()
    held = lease(clock)
    await clock.advance(3.99)
    assert held.holds()
    await clock.advance(0.01)
    assert not held.holds()


async def test_it_counts_from_the_sending_of_a_renewal_not_from_its_answer() -> None:
    clock = VirtualClock()
    held = lease(clock)
    sent = clock.steady()
    await clock.advance(3.0)
    held.renewed(sent)
    await clock.advance(1.0)
    assert not held.holds()


async def test_an_answer_that_comes_late_never_shortens_it() -> None:
    clock = VirtualClock()
    held = lease(clock)
    await clock.advance(2)
    held.renewed(1002.0)
    held.renewed(1001.0)
    await clock.advance(3.5)
    assert held.holds()


async def test_a_lapsed_lease_holds_again_after_a_renewal() -> None:
    """Silence is not deposition: nobody may have claimed."""
    clock = VirtualClock()
    held = lease(clock)
    await clock.advance(60)
    assert not held.holds()
    held.renewed(clock.steady())
    assert held.holds()


async def test_an_ended_lease_never_holds_again() -> None:
    clock = VirtualClock()
    held = lease(clock)
    held.end()
    held.renewed(clock.steady())
    assert not held.holds()
    assert held.ended


async def test_a_side_effect_needs_a_renewal_that_began_after_its_decision() -> None:
    clock = VirtualClock()
    held = lease(clock)
    await clock.advance(1)
    decided = clock.steady()
    assert not held.renewed_since(decided)
    held.renewed(decided - 0.1)
    assert not held.renewed_since(decided)
    held.renewed(decided)
    assert held.renewed_since(decided)
    held.end()
    assert not held.renewed_since(decided)


async def test_its_age_is_the_time_since_the_last_renewal_was_sent() -> None:
    clock = VirtualClock()
    held = lease(clock)
    await clock.advance(2.5)
    assert held.age() == 2.5
