"""The scan of LRP convergence: which indices need a look, one small transition each.

It reads the confirmed view only and decides nothing: `ConvergeIndex` looks again when its turn in the pipeline comes.
All auctions of a run belong in one call (`bbs.models.auction.merged`). Source: docs/reference/convergence.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from bbs.convergence.domains import PruneDomain
from bbs.convergence.lrp_index import ConvergeIndex
from bbs.convergence.pushes import InStep
from bbs.convergence.slices import Slices, sliced
from bbs.convergence.timing import Timing, older
from bbs.models.actual_lrps.crash import restart_due
from bbs.models.actual_lrps.rows import (
    CRASHED,
    EVACUATING_NUMBER,
    ORDINARY_NUMBER,
    SUSPECT_NUMBER,
    UNCLAIMED,
)
from bbs.models.domains import fresh
from bbs.models.records import NEVER, Kind
from bbs.models.state import Context, Entry, Transition, View
from bbs.wire.index_pb2 import ActualLRP, DesiredLRP

Wanted = dict[str, DesiredLRP]


def lrp_steps(view: View, context: Context, timing: Timing | None = None) -> Iterator[Transition]:
    """The transitions of one run; none when the cells could not be asked for."""
    return chain.from_iterable(lrp_slices(view, context, timing))


def lrp_slices(view: View, context: Context, timing: Timing | None = None) -> Slices:
    """The same in slices, for a caller that has other things to do meanwhile."""
    if context.cells is None:
        return
    timing = timing or Timing()
    if timing.may_destroy(context):
        yield list(_expired_domains(view, context))
    desired: Wanted = {}
    for part in sliced(list(view.entries(Kind.DESIRED_LRPS))):
        desired.update((entry.group, DesiredLRP.FromString(entry.data)) for entry in part)
        yield []
    ordinary: dict[str, set[int]] = {}
    wanting: dict[tuple[str, int], None] = {}
    in_step = InStep(view)
    for rows in sliced(list(view.entries(Kind.ACTUAL_LRPS))):
        for entry in rows:
            if entry.presence == ORDINARY_NUMBER:
                ordinary.setdefault(entry.group, set()).add(entry.index)
            wanted = desired.get(entry.group)
            if _needs_a_look(entry, wanted, context.cells, context, timing) or not in_step(entry, wanted):
                wanting[entry.group, entry.index] = None
        yield []
    for lrps in sliced(desired.items()):
        wanting.update((place, None) for guid, lrp in lrps for place in _missing(guid, lrp, ordinary.get(guid, set())))
        yield []
    for indices in sliced(wanting):
        yield [ConvergeIndex(guid, index, timing) for guid, index in indices]


def _missing(guid: str, lrp: DesiredLRP, have: set[int]) -> Iterator[tuple[str, int]]:
    """The desired indices without an ordinary row, judged by index: surplus rows make up for nothing."""
    if len(have) < lrp.instances or any(index >= lrp.instances for index in have):
        yield from ((guid, index) for index in range(lrp.instances) if index not in have)


def _needs_a_look(
    entry: Entry, desired: DesiredLRP | None, cells: frozenset[str], context: Context, timing: Timing
) -> bool:
    """Cheap and never too strict: what it lets through may turn out to be in order."""
    if entry.presence == SUSPECT_NUMBER or desired is None or entry.index >= desired.instances:
        return True
    if entry.presence == EVACUATING_NUMBER:
        return entry.deadline != NEVER or entry.cell_id not in cells
    if entry.state not in (UNCLAIMED, CRASHED):
        return entry.cell_id not in cells
    lrp = ActualLRP.FromString(entry.data)
    if entry.state == CRASHED:
        return restart_due(lrp.crash_count, max(lrp.since, context.serving_since), context.now)
    return older(lrp.since, timing.stale_unclaimed, context)


def _expired_domains(view: View, context: Context) -> Iterator[Transition]:
    for entry in list(view.entries(Kind.DOMAINS)):
        if not fresh(entry.deadline, context.now):
            yield PruneDomain(entry.key)
