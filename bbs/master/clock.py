"""The clocks a member uses, and nothing else that looks at time."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Three readings and a sleep; the simulation brings its own."""

    def now(self) -> int:
        """Wall clock, nanoseconds since the epoch: what records carry."""

    def steady(self) -> float:
        """Seconds that never go back and do count suspend: what leases and watches are measured with."""

    async def sleep(self, seconds: float) -> None:
        """Return after at least that long."""


class SystemClock:
    """The operating system's clocks. CLOCK_BOOTTIME, because a machine that slept has not renewed anything."""

    def now(self) -> int:
        return time.time_ns()

    def steady(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
