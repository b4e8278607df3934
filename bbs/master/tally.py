"""How many records of which sort memory holds, kept as they come and go: nobody counts 200,000 rows to be told."""

from __future__ import annotations

from collections import Counter

from bbs.models.records import Kind
from bbs.models.state import Entry

_CRASHED, _ORDINARY = "CRASHED", 0


class Tally:
    """`by_state`: (kind, presence, state). `crashing`: crashed ordinary instances by process guid."""

    __slots__ = ("by_state", "crashing")

    def __init__(self) -> None:
        self.by_state: Counter[tuple[Kind, int, str]] = Counter()
        self.crashing: Counter[str] = Counter()

    def count(self, kind: Kind, presence: int, state: str = "") -> int:
        """Entries of that kind and presence, in that state, or in any."""
        if state:
            return self.by_state[kind, presence, state]
        return sum(number for (of, at, _), number in self.by_state.items() if (of, at) == (kind, presence))

    def enter(self, entry: Entry) -> None:
        """One more."""
        self._change(entry, 1)

    def leave(self, entry: Entry) -> None:
        """One less."""
        self._change(entry, -1)

    def _change(self, entry: Entry, by: int) -> None:
        self.by_state[entry.kind, entry.presence, entry.state] += by
        if entry.state == _CRASHED and entry.presence == _ORDINARY:
            self.crashing[entry.group] += by
            if not self.crashing[entry.group]:
                del self.crashing[entry.group]
