"""Whose turn convergence is: this process's own runs, or an external converger's, never both.

The holder of the external turn stands in the anchor (`Converger`), so a take-over keeps it; its ttl is counted by the
master that serves, from the last call of the holder that it answered or from when it began to serve, whichever was
later. At most one run of our own is under way and at most one is asked for. Source: docs/reference/convergence.md.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bbs.master.clock import Clock
from bbs.stores.anchor import Converger


@dataclass(slots=True)
class Turn:
    """One per process."""

    clock: Clock
    running: bool = False
    """A run of our own is under way."""
    taking: bool = False
    """An external converger is being written into the anchor."""
    _holder: Converger | None = None
    _since: float = 0.0
    _asked: asyncio.Event = field(default_factory=asyncio.Event)

    def hold(self, holder: Converger | None) -> None:
        """The anchor names this holder now; its ttl begins anew."""
        self._holder = holder
        self._since = self.clock.steady()

    def holder(self) -> Converger | None:
        """The external converger whose turn it is; None when its ttl is over or there is none."""
        holder = self._holder
        if holder is None or self.clock.steady() - self._since >= holder.ttl_s:
            return None
        return holder

    @property
    def ours(self) -> bool:
        """Whether a run of our own may begin."""
        return not self.taking and self.holder() is None

    # --- asking for a run ---------------------------------------------------------------------------------------------

    def ask(self) -> bool:
        """Have a run begin soon, after the one under way; False when one is asked for already."""
        first = not self._asked.is_set()
        self._asked.set()
        return first

    @property
    def asked(self) -> bool:
        """Whether a run is asked for that has not begun."""
        return self._asked.is_set()

    async def come(self, interval: float) -> None:
        """Return after `interval` seconds, or when a run is asked for."""
        waits = [asyncio.ensure_future(self.clock.sleep(interval)), asyncio.ensure_future(self._asked.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        self._asked.clear()
