"""The renewal, over a store that loses requests and answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bbs.master.renewal import Renewal
from tests.master.reign import TIMES, Reign, reign


@asynccontextmanager
async def renewing(holder: Reign, attended: Callable[[], bool] = lambda: True) -> AsyncIterator[asyncio.Task[object]]:
    """The renewal of that reign, under way."""
    renewal = Renewal(holder.store, holder.clock, holder.lease, TIMES, 1, "bbs/1", attended, holder._note)
    task: asyncio.Task[object] = asyncio.ensure_future(renewal.run())
    await holder.clock.settle()
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def counter(holder: Reign) -> int:
    assert holder.tables.liveness is not None
    return holder.tables.liveness.counter


async def test_it_raises_the_counter_once_per_interval_and_the_lease_holds_on() -> None:
    holder = await reign()
    async with renewing(holder):
        await holder.clock.advance(20)
        assert counter(holder) == 20
        assert holder.lease.holds()


async def test_a_lost_answer_counts_from_the_first_sending_with_that_counter() -> None:
    """It was applied at some time since; more is not known when the repetition finds it applied."""
    holder = await reign()
    holder.line.next("renew", "unanswered", "lost", "ok")
    async with renewing(holder):
        await holder.clock.advance(3)
        assert counter(holder) == 1
        assert holder.lease.age() == 2
        await holder.clock.advance(1)
        assert holder.lease.age() == 0


async def test_a_lost_request_is_repeated_and_counts_from_its_own_sending() -> None:
    holder = await reign()
    holder.line.next("renew", "lost", "lost", "ok")
    async with renewing(holder):
        await holder.clock.advance(3)
        assert counter(holder) == 1
        assert holder.lease.age() == 0


async def test_an_answer_that_travels_long_counts_from_its_sending() -> None:
    holder = await reign()
    async with renewing(holder):
        gate = holder.line.hold("renew")
        await holder.clock.advance(3)
        gate.set_result(None)
        await holder.clock.settle()
        assert counter(holder) == 1
        assert holder.lease.age() == 2


async def test_a_store_that_is_away_lets_the_lease_lapse_and_nothing_more() -> None:
    holder = await reign()
    holder.line.next("renew", *["lost"] * 10)
    async with renewing(holder) as task:
        await holder.clock.advance(10)
        assert not holder.lease.holds()
        assert not holder.lease.ended
        assert not task.done()


async def test_a_late_renewal_lets_the_master_serve_on_and_is_noted() -> None:
    holder = await reign()
    holder.line.next("renew", *["lost"] * 10)
    async with renewing(holder):
        await holder.clock.advance(11)
        assert holder.lease.holds()
        assert [event for event, _ in holder.events] == ["renewed-late"]


async def test_another_epoch_ends_the_lease() -> None:
    holder = await reign()
    async with renewing(holder) as task:
        await reign(tables=holder.tables)
        await holder.clock.advance(1)
        assert task.done()
        assert holder.lease.ended


async def test_a_release_ends_the_lease_too() -> None:
    """A supervisor that took this process for dead has given the epoch away."""
    holder = await reign()
    async with renewing(holder) as task:
        holder.tables.release(1, "bbs/1")
        await holder.clock.advance(1)
        assert task.done()
        assert holder.lease.ended


async def test_a_stalled_main_loop_stops_the_renewal_and_a_running_one_resumes_it() -> None:
    holder, attended = await reign(), [False]
    async with renewing(holder, lambda: attended[0]):
        await holder.clock.advance(10)
        assert counter(holder) == 0
        assert not holder.lease.holds()
        attended[0] = True
        await holder.clock.advance(1)
        assert counter(holder) == 1
        assert holder.lease.holds()
