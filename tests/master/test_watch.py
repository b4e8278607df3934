"""When a standby may claim."""

from __future__ import annotations

import asyncio

import pytest

from bbs.master.watch import Watch
from bbs.stores.contract import StoreUnavailable
from tests.master.reign import Reign, reign
from tests.simulation.store import SimulatedStore
from tests.simulation.tables import Tables


def watching(holder: Reign) -> Watch:
    return Watch(holder.store, holder.clock)


async def test_a_store_that_was_never_held_may_be_claimed_at_once() -> None:
    holder = await reign()
    watch = Watch(SimulatedStore(Tables()), holder.clock)
    assert (await watch.look()).claimable


async def test_the_first_look_never_allows_a_claim() -> None:
    holder = await reign()
    await holder.clock.advance(1000)
    assert not (await watching(holder).look()).claimable


async def test_the_same_value_for_its_own_ttl_does() -> None:
    holder = await reign()
    watch = watching(holder)
    await watch.look()
    await holder.clock.advance(4.99)
    assert not (await watch.look()).claimable
    await holder.clock.advance(0.01)
    sighting = await watch.look()
    assert sighting.claimable
    assert sighting.liveness == holder.tables.liveness


async def test_a_renewal_starts_the_wait_anew() -> None:
    holder = await reign()
    watch = watching(holder)
    await watch.look()
    await holder.clock.advance(4)
    holder.tables.renew(1, "bbs/1", 0)
    await watch.look()
    await holder.clock.advance(4)
    assert not (await watch.look()).claimable


async def test_the_wait_counts_from_the_return_of_a_read() -> None:
    """The value was read at some time before; a holder may have renewed right after."""
    holder = await reign()
    watch = watching(holder)
    gate = holder.line.hold("read-liveness")
    looking = asyncio.ensure_future(watch.look())
    await holder.clock.advance(3)
    gate.set_result(None)
    await looking
    await holder.clock.advance(4.9)
    assert not (await watch.look()).claimable


async def test_the_wait_counts_to_the_sending_of_a_read() -> None:
    holder = await reign()
    watch = watching(holder)
    await watch.look()
    await holder.clock.advance(4)
    gate = holder.line.hold("read-liveness")
    looking = asyncio.ensure_future(watch.look())
    await holder.clock.advance(3)
    gate.set_result(None)
    assert not (await looking).claimable
    assert (await watch.look()).claimable


async def test_a_failed_read_starts_the_wait_anew() -> None:
    holder = await reign()
    watch = watching(holder)
    await watch.look()
    await holder.clock.advance(4)
    holder.line.next("read-liveness", "lost")
    with pytest.raises(StoreUnavailable):
        await watch.look()
    await holder.clock.advance(4)
    assert not (await watch.look()).claimable
    await holder.clock.advance(5)
    assert (await watch.look()).claimable


async def test_a_release_needs_no_wait() -> None:
    holder = await reign()
    watch = watching(holder)
    await watch.look()
    holder.tables.release(1, "bbs/1")
    assert (await watch.look()).claimable


async def test_a_holder_is_alive_until_its_ttl_has_passed_unchanged() -> None:
    holder = await reign()
    watch = watching(holder)
    assert not watch.alive()
    await watch.look()
    assert watch.alive()
    await holder.clock.advance(5)
    assert not watch.alive()


async def test_a_released_holder_is_not_alive() -> None:
    holder = await reign()
    watch = watching(holder)
    holder.tables.release(1, "bbs/1")
    await watch.look()
    assert not watch.alive()


async def test_what_was_forgotten_is_watched_anew() -> None:
    holder = await reign()
    watch = watching(holder)
    await watch.look()
    await holder.clock.advance(60)
    watch.forget()
    assert not (await watch.look()).claimable
