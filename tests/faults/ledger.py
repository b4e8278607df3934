"""The record of everything that was asked of a BBS and answered, and the rules that it must keep.

Each key has one writer, which writes 1, 2, 3... one after the other, so that a value says which write it was. A write
without an answer may have happened or not, at any time until the next one of its key was acknowledged.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Write:
    """`ended`: when it was acknowledged, infinity if it never was. Seconds of one clock."""

    key: str
    value: int
    began: float
    ended: float = math.inf


@dataclass(frozen=True, slots=True)
class Read:
    """An answered read; `value` 0: the key was absent."""

    key: str
    value: int
    began: float
    ended: float


@dataclass(slots=True)
class Ledger:
    """What was asked and answered, in no particular order."""

    writes: list[Write] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        """How many writes were answered as done."""
        return sum(write.ended < math.inf for write in self.writes)

    def told(self, seen: Mapping[str, int], began: float, ended: float) -> None:
        """Notes a list of everything as one read of each key, of those written and of those found."""
        for key in {write.key for write in self.writes} | seen.keys():
            self.reads.append(Read(key, seen.get(key, 0), began, ended))

    def violations(self) -> list[str]:
        """What no store may do, a sentence each; empty: nothing was lost, nothing invented, nothing taken back."""
        writes, reads = _by_key(self.writes), _by_key(self.reads)
        found: list[str] = []
        for key in sorted(reads):
            found += _of_reads(writes[key], reads[key])
            found += _taken_back(reads[key])
        return found


def _by_key(operations: Iterable[Write] | Iterable[Read]) -> defaultdict[str, list]:  # type: ignore[type-arg]
    grouped: defaultdict[str, list[Write | Read]] = defaultdict(list)
    for operation in operations:
        grouped[operation.key].append(operation)
    return grouped


def _of_reads(writes: list[Write], reads: list[Read]) -> list[str]:
    found: list[str] = []
    for read in reads:
        least = max((write.value for write in writes if write.ended <= read.began), default=0)
        most = max((write.value for write in writes if write.began <= read.ended), default=0)
        if read.value < least:
            found.append(
                f"lost: {read.key} was {read.value} at {read.ended:.3f} though {least} was acknowledged before"
            )
        if read.value > most:
            found.append(f"invented: {read.key} was {read.value} at {read.ended:.3f} though only {most} was ever sent")
    return found


def _taken_back(reads: list[Read]) -> list[str]:
    """A value that one read saw is still there, or a later one, for every read that began after that."""
    found: list[str] = []
    ended = sorted(reads, key=lambda read: read.ended)
    highest, at = 0, 0
    for read in sorted(reads, key=lambda read: read.began):
        while at < len(ended) and ended[at].ended <= read.began:
            highest, at = max(highest, ended[at].value), at + 1
        if read.value < highest:
            found.append(
                f"taken back: {read.key} was {read.value} at {read.ended:.3f} though {highest} was read before"
            )
    return found
