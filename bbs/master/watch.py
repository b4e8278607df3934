"""The watch: when a standby may claim.

A holder is silent when the SAME liveness value was seen for that value's own ttl on the watcher's clock, from the
return of one successful read to the sending of a later one, with no failed read in between. A release needs no wait.
A refused port or a closed stream is never taken as proof of death. Source: docs/reference/fence.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from bbs.master.clock import Clock
from bbs.stores.contract import Liveness, Store, StoreError


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look at the liveness value. `claimable`: it was silent for its ttl, is released, or was never there."""

    liveness: Liveness | None
    claimable: bool


class Watch:
    """Remembers since when the present value has stood unchanged."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._value: Liveness | None = None
        self._since: float | None = None

    def forget(self) -> None:
        """Watch anew: what was seen no longer counts."""
        self._since = None

    @property
    def last(self) -> Liveness | None:
        """The value that was last seen."""
        return self._value

    def alive(self) -> bool:
        """Whether the last seen holder has not been silent for its ttl: what a 307 to it relies on."""
        return (
            self._value is not None
            and not self._value.released
            and self._since is not None
            and self._clock.steady() - self._since < self._value.ttl
        )

    async def look(self) -> Sighting:
        """Read once. Raises StoreError, which starts the wait anew."""
        sent = self._clock.steady()
        try:
            seen = await self._store.read_liveness()
        except StoreError:
            self.forget()
            raise
        if seen is None or seen.released:
            self._value, self._since = seen, self._clock.steady()
            return Sighting(seen, claimable=True)
        if self._since is None or seen != self._value:
            self._value, self._since = seen, self._clock.steady()
            return Sighting(seen, claimable=False)
        return Sighting(seen, claimable=sent - self._since >= seen.ttl)
