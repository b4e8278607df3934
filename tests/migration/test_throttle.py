"""The rate limit of a migration, on a clock that only moves when everybody waits."""

from __future__ import annotations

import pytest

from bbs.migration.throttle import Throttle
from tests.master.reign import fill, mixed, reign
from tests.master.virtual import VirtualClock
from tests.migration.attempts import NEW, OLD, order, runner


async def passing(throttle: Throttle, clock: VirtualClock, *counts: int) -> float:
    """Seconds it takes to pass those."""
    start = clock.time

    async def work() -> None:
        for count in counts:
            await throttle.passed(count)

    await clock.while_passing(work(), within=1000)
    return clock.time - start


async def test_without_a_limit_nobody_waits() -> None:
    clock = VirtualClock()
    assert await passing(Throttle(clock, None), clock, 1000, 1000) == 0


async def test_a_limit_is_kept_on_the_whole() -> None:
    clock = VirtualClock()
    assert await passing(Throttle(clock, 100), clock, *[10] * 50) == pytest.approx(5.0)


async def test_a_large_page_waits_for_all_of_its_records() -> None:
    clock = VirtualClock()
    assert await passing(Throttle(clock, 100), clock, 500) == pytest.approx(5.0)


async def test_time_in_which_nothing_was_written_is_not_saved_up() -> None:
    """A burst after a pause would be what the limit is there to prevent."""
    clock = VirtualClock()
    throttle = Throttle(clock, 100)
    await clock.advance(60)
    assert await passing(throttle, clock, 100) == pytest.approx(1.0)


async def test_a_limit_that_is_lifted_holds_no_longer() -> None:
    clock = VirtualClock()
    throttle = Throttle(clock, 1)
    assert await passing(throttle, clock, 10) == pytest.approx(10)
    throttle.per_second = None
    assert await passing(throttle, clock, 10_000) == 0


async def test_a_migration_takes_as_long_as_its_limit_says() -> None:
    """Sixty records at twenty a second; nobody waits after the last piece."""
    holder = await reign(OLD)
    fill(holder.tables, mixed(60))
    start = holder.clock.time
    await holder.clock.while_passing(runner(holder, per_second=20).run(order(holder, NEW)))
    assert 2.5 < holder.clock.time - start <= 3.0
