"""When each step and each pass of a replay is due, so that everything has the age that it had in the recording.

What convergence does depends on ages: a task completed for more than 5 s is forgotten, one for 4.99 s is not. Such a
boundary is kept at a distance that a busy machine does not bridge, by moments that come a little later than recorded;
their order stays. Pure.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator

from bbs.wire.core_pb2 import UpsertDomainRequest
from tests.golden.passes import SECOND, Moment, Named, duration
from tests.golden.recording import Line

MARGINS = tuple(hundredths * SECOND // 100 for hundredths in (25, 15, 5, 0))
"""The widest that can be kept at every boundary."""
SLOWER = 2
STALE = (30 * SECOND,)
BACKOFFS = tuple(30 * SECOND * 2**step for step in range(6))
AGES = {"created_at": "expire_pending_task_duration", "first_completed_at": "expire_completed_task_duration"}
AGES["updated_at"] = "kick_task_duration"
PACKAGED = {
    "expire_pending_task_duration": "30m",
    "expire_completed_task_duration": "2m",
    "kick_task_duration": "30s",
}


def slowed(moments: list[Moment]) -> int:
    """How many times slower a recording can be replayed, together with the ages that its server was configured with.

    That leaves a busy machine as many times the room between two of its boundaries. Fixed ages and the ttl of a domain
    can't be stretched, so a recording in which they count keeps its pace.
    """
    start = next((m.step.setup for m in moments if m.step is not None and m.step.kind == "setup"), {})
    longest = SLOWER * (moments[-1].at - moments[0].at) if moments else 0
    ttls = [_ttl(moment.step) for moment in moments if moment.step is not None]
    fixed = longest >= min((*STALE, *(ttl for ttl in ttls if ttl)))
    return SLOWER if any(start.get(setting) for setting in AGES.values()) and not fixed else 1


class Pace:
    """When the moments of a recording are due in its own time; told when one was late, it moves the ones to come."""

    def __init__(self, moments: list[Moment], instants: list[Named], slower: int = 1) -> None:
        self._took = [0] * len(moments)
        for margin in MARGINS:
            self.due = [moment.at for moment in moments]
            self._least: dict[tuple[int, int], int] = {}
            for earlier, later, by in [*_order(moments), *_ages(moments, instants, margin, slower)]:
                self._least[earlier, later] = max(by, self._least.get((earlier, later), by))
            if self._kept(0):
                break

    def done(self, number: int, began: int, ended: int) -> None:
        """That moment was begun then and was over then; what it set was set in between."""
        if began > self.due[number] or ended > began:
            self.due[number] = max(began, self.due[number])
            self._took[number] = ended - began
            self._kept(number + 1)

    def _kept(self, first: int) -> bool:
        """Move moments from `first` on until each keeps its distances; False when that can't be."""
        for _ in self.due:
            moved = False
            for (earlier, later), by in self._least.items():
                least = self.due[earlier] + by + (self._took[earlier] if by > 0 else 0)
                if later >= first and self.due[later] < least:
                    self.due[later] = least
                    moved = True
            if not moved:
                return True
        return False


def _order(moments: list[Moment]) -> list[tuple[int, int, int]]:
    return [(number, number + 1, 0) for number in range(len(moments) - 1)]


def _ages(moments: list[Moment], instants: list[Named], margin: int, slower: int) -> list[tuple[int, int, int]]:
    """(one, other, by): the other comes that many ns after the one, or may come that many before it if negative.

    Each instant against each pass: on the same side of every boundary as it was.
    """
    starts = [moment.at for moment in moments]
    passes = [n for n, moment in enumerate(moments) if moment.step is None]
    rules: list[tuple[int, int, int]] = []
    for at, age in set(_boundaries(moments, instants, slower)):
        origin = bisect.bisect_right(starts, at) - 1
        if origin < 0:
            continue
        passed = at - starts[origin]
        for number in passes:
            if number > origin and starts[number] > at + age:
                rules.append((origin, number, passed + age + margin))
            elif number > origin:
                rules.append((number, origin, margin - age - passed))
    return rules


def _boundaries(moments: list[Moment], instants: list[Named], slower: int) -> Iterator[tuple[int, int]]:
    """Instants and the ages that count for them."""
    start = next((m.step.setup for m in moments if m.step is not None and m.step.kind == "setup"), {})
    for instant in instants:
        if instant.name == "since":
            yield from ((instant.at, age) for age in {*STALE, *BACKOFFS})
        elif setting := AGES.get(instant.name):
            given = duration(str(start.get(setting) or ""))
            yield instant.at, given * slower or duration(PACKAGED[setting])
    for moment in moments:
        if moment.step is not None and (ttl := _ttl(moment.step)):
            yield moment.at, ttl


def _ttl(step: Line) -> int:
    """How long the domain lives that a step upserts; 0: no such step, or for ever."""
    if step.kind != "exchange" or step.path != "/v1/domains/upsert":
        return 0
    try:
        return UpsertDomainRequest.FromString(step.request_body).ttl * SECOND
    except Exception:  # a malformed request sets no domain
        return 0
