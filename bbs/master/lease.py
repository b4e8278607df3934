"""The read lease: how long after a renewal a master may still speak.

Owns one number, the instant until which answers, events and calls out may leave. Written by the renewal (another
thread), read by everyone; both are one attribute access. Source: docs/reference/fence.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from bbs.master.clock import Clock


@dataclass(frozen=True, slots=True)
class LockTimes:
    """The lock's times in seconds. `margin` covers the clock errors of master and standby over one ttl, added up."""

    ttl: float = 5.0
    renew: float = 1.0
    margin: float = 1.0
    poll: float = 0.2


class Lease:
    """Holds while now < start of the last successful renewal + ttl - margin."""

    def __init__(self, clock: Clock, times: LockTimes, started: float) -> None:
        """`started`: when the claim was sent for the FIRST time; a claim is the first renewal."""
        self._clock = clock
        self._span = times.ttl - times.margin
        self._until = started + self._span
        self._renewed_from = started
        self._ended = False

    def renewed(self, started: float) -> None:
        """Count from `started`, the sending of the renewal; never from its answer, which may be a ttl old."""
        self._renewed_from = max(started, self._renewed_from)
        self._until = self._renewed_from + self._span

    def end(self) -> None:
        """The epoch is lost or given back: nothing leaves any more, whatever a late renewal says."""
        self._ended = True

    @property
    def ended(self) -> bool:
        """The epoch is over; a lapsed lease that is not ended may hold again."""
        return self._ended

    def holds(self) -> bool:
        """Whether an answer may leave at this instant."""
        return not self._ended and self._clock.steady() < self._until

    def renewed_since(self, instant: float) -> bool:
        """Whether a renewal began after `instant`: what side effects without a commit ask for."""
        return self.holds() and self._renewed_from >= instant

    def age(self) -> float:
        """Seconds since the start of the last successful renewal."""
        return self._clock.steady() - self._renewed_from
