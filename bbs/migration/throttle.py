"""The throttle: how many records a second a migration may write, so that a shared store keeps its breath."""

from __future__ import annotations

from typing import Protocol


class SteadyClock(Protocol):
    """The clock readings that a throttle needs."""

    def steady(self) -> float:
        """Seconds that never go back."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class Throttle:
    """Lets at most `per_second` records through; None = no limit. The limit may change while it runs."""

    def __init__(self, clock: SteadyClock, per_second: int | None) -> None:
        self._clock = clock
        self.per_second = per_second
        self._free_at = clock.steady()

    def at_most(self, operations: int) -> int:
        """How many writes one commit should carry: a withdrawal waits for one commit, and for no longer."""
        return operations if not self.per_second else max(1, min(operations, self.per_second // 5))

    async def passed(self, records: int) -> None:
        """Wait until that many more records may be written."""
        if not self.per_second:
            return
        now = self._clock.steady()
        self._free_at = max(self._free_at, now) + records / self.per_second
        if self._free_at > now:
            await self._clock.sleep(self._free_at - now)
