"""The scan of LRP convergence: which indices need a look, one small transition each.

It reads the confirmed view only and decides nothing: `ConvergeIndex` looks again when its turn in the pipeline comes.
All auctions of a run belong in one call (`bbs.models.auction.merged`). Source: docs/reference/convergence.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from bbs.convergence.domains import PruneDomain
from bbs.convergence.lrp_index import ConvergeIndex
from bbs.convergence.pushes import InStep
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
    if context.cells is None:
        return
    timing = timing or Timing()
    if timing.may_destroy(context):
        yield from _expired_domains(view, context)
    desired = {entry.group: DesiredLRP.FromString(entry.data) for entry in list(view.entries(Kind.DESIRED_LRPS))}
    in_step = InStep(view)
    ordinary: dict[str, set[int]] = {}
    wanting: dict[tuple[str, int], None] = {}
    for entry in list(view.entries(Kind.ACTUAL_LRPS)):
        if entry.presence == ORDINARY_NUMBER:
            ordinary.setdefault(entry.group, set()).add(entry.index)
        wanted = desired.get(entry.group)
        if _needs_a_look(entry, wanted, context.cells, context, timing) or not in_step(entry, wanted):
            wanting[entry.group, entry.index] = None
    for guid, index in wanting:
        yield ConvergeIndex(guid, index, timing)
    yield from _missing(desired, ordinary, wanting, timing)


def _missing(
    desired: Wanted, ordinary: dict[str, set[int]], wanting: dict[tuple[str, int], None], timing: Timing
) -> Iterator[Transition]:
    for guid, lrp in desired.items():
        instances = lrp.instances
        have = ordinary.get(guid, ())
        if len(have) >= instances and not any(index >= instances for index in have):
            continue
        for index in range(instances):
            if index not in have and (guid, index) not in wanting:
                yield ConvergeIndex(guid, index, timing)


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
