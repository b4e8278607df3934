"""What one index of one LRP looks like to convergence: in order, in need of a step, or due at some later time.

Reads the confirmed view only and decides nothing: `ConvergeIndex` looks again when its turn in the pipeline comes. It
is cheap and never too strict; what it lets through may turn out to be in order. Source: docs/reference/convergence.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from bbs.convergence.pushes import push
from bbs.convergence.timing import Timing
from bbs.models.actual_lrps.crash import backoff
from bbs.models.actual_lrps.rows import CRASHED, LIVE, RUNNING
from bbs.models.domains import fresh
from bbs.models.extent import INSTANCES_LIMIT
from bbs.models.records import NEVER, Kind, Nanoseconds, Presence, escaped
from bbs.models.state import Context, Entry, View
from bbs.wire.actual_lrp_pb2 import ActualLRP
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from bbs.wire.index_pb2 import ActualLRP as IndexedActualLRP
from bbs.wire.index_pb2 import DesiredLRP as IndexedDesiredLRP


@dataclass(frozen=True, slots=True)
class Finding:
    """`look`: a step is needed now. `due`: one will be needed then, NEVER if time alone changes nothing.

    `missing`, `extra`: rules 5 and 6, 7. `absent_cells`: cells without presence that live rows of this index name.
    """

    look: bool = False
    due: Nanoseconds = NEVER
    missing: bool = False
    extra: bool = False
    absent_cells: tuple[str, ...] = ()


_ORDINARY, _SUSPECT, _EVACUATING = (one.value for one in (Presence.ORDINARY, Presence.SUSPECT, Presence.EVACUATING))

IN_ORDER = Finding()
LOOK = Finding(look=True)


class Scan:
    """One run's way of looking; the desired LRP last looked at is kept parsed, so callers go LRP by LRP."""

    __slots__ = ("_desired", "_escaped", "_guid", "_whole", "cells", "context", "timing", "view")

    def __init__(self, view: View, context: Context, timing: Timing) -> None:
        self.view = view
        self.context = context
        self.timing = timing
        self.cells = context.cells
        self._guid: str | None = None
        self._escaped = ""
        self._desired: IndexedDesiredLRP | None = None
        self._whole: DesiredLRP | None = None

    def instances(self, process_guid: str) -> int:
        """How many instances are desired; 0 when the LRP is not. Of an adopted LRP no more than anybody may desire."""
        desired = self._desired_lrp(process_guid)
        return 0 if desired is None else min(desired.instances, INSTANCES_LIMIT)

    def look(self, process_guid: str, index: int) -> Finding:
        """What convergence finds at one index."""
        desired = self._desired_lrp(process_guid)
        of_index = f"{self._escaped}/{index}/"
        ordinary = self.view.get(Kind.ACTUAL_LRPS, of_index + _ORDINARY)
        suspect = self.view.get(Kind.ACTUAL_LRPS, of_index + _SUSPECT)
        evacuating = self.view.get(Kind.ACTUAL_LRPS, of_index + _EVACUATING)
        found = self._ordinary(ordinary, index, desired)
        if suspect is None and evacuating is None:
            return found
        rows = [row for row in (suspect, evacuating, ordinary) if row is not None]
        absent = tuple({row.cell_id for row in rows if desired is not None and self._cell_absent(row)})
        ends = evacuating is not None and (evacuating.deadline != NEVER or self._cell_absent(evacuating))
        look = found.look or suspect is not None or ends
        return Finding(look, found.due, found.missing, found.extra, absent)

    def _ordinary(self, row: Entry | None, index: int, desired: IndexedDesiredLRP | None) -> Finding:
        wanted = desired is not None and index < desired.instances
        if row is None:
            return Finding(look=True, missing=True) if wanted else IN_ORDER
        if not wanted:
            lost = desired is not None and row.state in LIVE and self._cell_absent(row)
            return Finding(look=True, extra=self._domain_fresh(row.domain), absent_cells=(row.cell_id,) if lost else ())
        if row.state in LIVE:
            if self._cell_absent(row):
                return Finding(look=True, absent_cells=(row.cell_id,))
            return LOOK if row.state == RUNNING and self._out_of_step(row) else IN_ORDER
        return self._waiting(row)

    def _waiting(self, row: Entry) -> Finding:
        """3, 11: unclaimed until it is stale, or crashed until its backoff is over."""
        lrp = IndexedActualLRP.FromString(row.data)
        wait = backoff(lrp.crash_count) if row.state == CRASHED else self.timing.stale_unclaimed
        if wait is None:
            return IN_ORDER
        due = max(lrp.since, self.context.serving_since) + wait
        return LOOK if due <= self.context.now else Finding(due=due)

    def _cell_absent(self, row: Entry) -> bool:
        return self.cells is not None and row.cell_id != "" and row.cell_id not in self.cells

    def _domain_fresh(self, name: str) -> bool:
        domain = self.view.get(Kind.DOMAINS, name)
        return domain is not None and fresh(domain.deadline, self.context.now)

    def _out_of_step(self, row: Entry) -> bool:
        if self.cells is None:
            return False
        if self._whole is None:
            entry = self.view.get(Kind.DESIRED_LRPS, row.group)
            if entry is None:
                return False
            self._whole = DesiredLRP.FromString(entry.data)
        return bool(push(ActualLRP.FromString(row.data), self._whole))

    def _desired_lrp(self, process_guid: str) -> IndexedDesiredLRP | None:
        if self._guid != process_guid:
            entry = self.view.get(Kind.DESIRED_LRPS, process_guid)
            self._desired = None if entry is None else IndexedDesiredLRP.FromString(entry.data)
            self._guid, self._escaped, self._whole = process_guid, escaped(process_guid), None
        return self._desired
