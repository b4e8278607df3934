"""The agenda: what convergence has to look at. Everything once, then what changed, what is due, and what is still open.

A row in order stays in order until it changes, its desired LRP changes, its time comes, or its cell goes; the agenda is
told of the first two by memory, keeps a heap for the third, and compares cell sets for the last. What was found not in
order stays open and is looked at in every run until it is. Source: docs/reference/convergence.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from bbs.convergence.domains import expired_domains, fresh_domains
from bbs.convergence.figures import Figures
from bbs.convergence.lrp_index import ConvergeIndex
from bbs.convergence.scan import Scan
from bbs.convergence.slices import Slices, sliced
from bbs.convergence.tasks import ConvergeTask, needs_a_step, settled
from bbs.master.memory import Unreadable
from bbs.models.records import Kind, Nanoseconds
from bbs.models.state import Entry, Transition, View

Place = tuple[str, int]
"""Process guid and index."""

COMPARED = 20
"""Comparing an instance with its desired LRP parses both: so much dearer than a glance at an entry."""


class Agenda:
    """One per reign. `note` takes changes of memory; a run consumes `lrp_slices`, then `task_slices`."""

    def __init__(self, figures: Figures | None = None) -> None:
        self.figures = figures or Figures()
        self.figures.lrps_desired = 0
        self._begun = False
        self._changed_lrps: set[str] = set()
        self._open: dict[Place, None] = {}
        self._open_tasks: dict[str, None] = {}
        self._due: list[tuple[Nanoseconds, Place]] = []
        self._cells: frozenset[str] = frozenset()
        self._instances: dict[str, int] = {}

    def note(self, before: Entry | None, after: Entry | None) -> None:
        """One confirmed change of a record."""
        for entry in (before, after):
            if entry is None:
                continue
            if entry.kind is Kind.ACTUAL_LRPS:
                self._open[entry.group, entry.index] = None
            elif entry.kind is Kind.TASKS:
                self._open_tasks[entry.key] = None
            elif entry.kind is Kind.DESIRED_LRPS:
                self._changed_lrps.add(entry.group)

    def see(self, cells: frozenset[str] | None) -> None:
        """The cells were asked for again during a run: whoever was present once in it may be what a row relied on."""
        self._cells |= cells or frozenset()

    # --- LRPs ---------------------------------------------------------------------------------------------------------

    def lrp_slices(self, scan: Scan) -> Slices:
        """The transitions of one run, in slices; nothing when the cells could not be asked for."""
        if not scan.timing.may_run(scan.context):
            return
        self.figures.begin()
        yield list(expired_domains(scan.view, scan.context, scan.timing))
        self.figures.domains = fresh_domains(scan.view, scan.context)
        yield from self._collect(scan)
        for places in sliced(list(self._open), COMPARED):
            yield [step for place in places for step in self._looked(place, scan)]

    def _collect(self, scan: Scan) -> Iterator[list[Transition]]:
        """Open every index that may no longer be in order."""
        if not self._begun:
            for part in sliced(list(scan.view.entries(Kind.ACTUAL_LRPS))):
                self._open.update(((entry.group, entry.index), None) for entry in part)
                yield []
            for part in sliced(list(scan.view.entries(Kind.DESIRED_LRPS))):
                self._changed_lrps.update(entry.group for entry in part)
                yield []
            for part in sliced(list(scan.view.entries(Kind.TASKS))):
                self._open_tasks.update((entry.key, None) for entry in part)
                yield []
            self._begun = True
        for guids in sliced(list(self._changed_lrps)):
            for guid in guids:
                self._open_lrp(guid, scan)
            yield []
        while self._due and self._due[0][0] <= scan.context.now:
            self._open[heappop(self._due)[1]] = None
        self._open_cells(scan)

    def _open_lrp(self, guid: str, scan: Scan) -> None:
        self._changed_lrps.discard(guid)
        try:
            instances = scan.instances(guid)
        except Unreadable:
            instances = 0
        self.figures.lrps_desired += instances - self._instances.pop(guid, 0)
        if instances:
            self._instances[guid] = instances
        indices = {entry.index for entry in scan.view.group(Kind.ACTUAL_LRPS, guid)}
        self._open.update(((guid, index), None) for index in sorted(indices.union(range(instances))))

    def _open_cells(self, scan: Scan) -> None:
        """Whatever names a cell that was present when it was last looked at and is not any more."""
        if scan.cells is None:
            return
        for cell_id in self._cells - scan.cells:
            rows = scan.view.on_cell(Kind.ACTUAL_LRPS, cell_id)
            self._open.update(((entry.group, entry.index), None) for entry in rows)
            self._open_tasks.update((entry.key, None) for entry in scan.view.on_cell(Kind.TASKS, cell_id))
        self._cells = scan.cells

    def _looked(self, place: Place, scan: Scan) -> Iterator[Transition]:
        guid, index = place
        try:
            found = scan.look(guid, index)
        except Unreadable:
            # A record in quarantine decides nothing: its rows are left alone until it is mended, which is a change.
            self._open.pop(place, None)
            return
        self.figures.count(found)
        if found.due:
            heappush(self._due, (found.due, place))
        if found.look:
            yield ConvergeIndex(guid, index, scan.timing)
        else:
            self._open.pop(place, None)

    # --- tasks --------------------------------------------------------------------------------------------------------

    def task_slices(self, scan: Scan) -> Slices:
        """The transitions of one run, in slices, as for LRPs."""
        if not scan.timing.may_run(scan.context):
            return
        if not self._begun:
            self._open_tasks.update((entry.key, None) for entry in scan.view.entries(Kind.TASKS))
        for guids in sliced(list(self._open_tasks)):
            yield [ConvergeTask(guid, scan.timing) for guid in guids if self._task_needs_a_step(guid, scan)]

    def _task_needs_a_step(self, guid: str, scan: Scan) -> bool:
        entry = _readable(scan.view, guid)
        if entry is None or settled(entry, scan.cells):
            self._open_tasks.pop(guid, None)
            return False
        return needs_a_step(entry, scan.cells, scan.context, scan.timing)


def _readable(view: View, task_guid: str) -> Entry | None:
    try:
        return view.get(Kind.TASKS, task_guid)
    except Unreadable:
        return None
