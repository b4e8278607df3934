"""When a lock has lapsed: counted by this server, from what it saw change. Pure.

Time here is *watched* time: it passes only while this server could read its table, and never faster than the scans. So
a Locket that was paused, or whose store was away, does not blame the holders for renewals that nobody could take: after
waking, each has its whole remaining ttl to be heard. A row of an earlier life of the server starts its ttl anew.
Source: docs/reference/locket.md, "Expiry".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bbs.stores.locks import LockRecord, Modification


@dataclass(slots=True)
class _Seen:
    modification: Modification
    since: float
    ttl: int


class Expiry:
    """Which rows went unchanged for their ttl."""

    def __init__(self, longest_step: float) -> None:
        self._longest_step = longest_step
        self._last: float | None = None
        self._seen: dict[str, _Seen] = {}
        self.watched = 0.0

    def observe(self, rows: Iterable[LockRecord], now: float) -> list[LockRecord]:
        """Note what a scan read at monotonic time `now` (s); return the rows that lapsed."""
        if self._last is not None:
            self.watched += min(now - self._last, self._longest_step)
        self._last = now
        current = {row.key: row for row in rows}
        self._seen = {key: self._noted(row) for key, row in current.items()}
        return [current[key] for key, seen in self._seen.items() if self.watched - seen.since >= seen.ttl]

    def interrupted(self) -> None:
        """A scan failed: until the next one succeeds no time is counted."""
        self._last = None

    def _noted(self, row: LockRecord) -> _Seen:
        known = self._seen.get(row.key)
        if known is not None and known.modification == row.modification:
            return known
        return _Seen(row.modification, self.watched, row.ttl)
