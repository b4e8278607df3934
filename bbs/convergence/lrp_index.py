"""What convergence does to one index of one LRP: a transition of its own, so that the pipeline can batch them.

The scan that ordered the step may be out of date; the step looks at the rows again and does only what still holds.
Rules are numbered as in docs/reference/convergence.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bbs.convergence.pushes import push
from bbs.convergence.timing import Timing, older
from bbs.models.account import Account
from bbs.models.actual_lrps.crash import restart_due
from bbs.models.actual_lrps.lifecycle import retired
from bbs.models.actual_lrps.rows import (
    CRASHED,
    LIVE,
    ORDINARY_NUMBER,
    RUNNING,
    SUSPECT_NUMBER,
    UNCLAIMED,
    Row,
    Rows,
    new_row,
    unclaim,
)
from bbs.models.auction import again
from bbs.models.domains import fresh
from bbs.models.effects import RequestLRPAuction
from bbs.models.errors import Refused
from bbs.models.records import NEVER, Kind, Mutation, Presence
from bbs.models.state import Context, Effect, Outcome, View
from bbs.wire.desired_lrp_pb2 import DesiredLRP


@dataclass(slots=True)
class Index:
    """One index with all that its rules look at; `mutations` and `effects` grow as rules apply."""

    rows: Rows
    desired: DesiredLRP | None
    domain_fresh: bool
    evacuating_deadline: int
    cells: frozenset[str] | None
    timing: Timing
    context: Context
    mutations: list[Mutation] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    gone: tuple[str, ...] = ()
    by_row: bool = True


@dataclass(frozen=True, slots=True)
class ConvergeIndex:
    """The step of one index; a transition. The response is an error when the records can't be converged."""

    process_guid: str
    index: int
    timing: Timing

    def __call__(self, view: View, context: Context) -> Outcome:
        try:
            return self._converged(view, context)
        except Refused as refusal:
            return Outcome(refusal.error.response())

    def _converged(self, view: View, context: Context) -> Outcome:
        if not self.timing.may_run(context):
            return Outcome(b"")
        found = self._seen(view, context)
        if self.timing.may_destroy(context):
            _evacuating(found)
            _suspect(found)
        _ordinary(found, self.index)
        ordinary = found.rows.ordinary
        if found.desired is not None and not found.mutations and ordinary is not None and found.cells is not None:
            found.effects += push(ordinary.lrp, found.desired)
        account = Account(by_row=found.by_row, gone=found.gone)
        return Outcome(b"", tuple(found.mutations), tuple(found.effects), account)

    def _seen(self, view: View, context: Context) -> Index:
        rows = Rows(view, self.process_guid, self.index)
        entry = view.get(Kind.DESIRED_LRPS, self.process_guid)
        desired = DesiredLRP.FromString(entry.data) if entry is not None else None
        evacuating = view.get(Kind.ACTUAL_LRPS, rows.evacuating.key) if rows.evacuating is not None else None
        deadline = evacuating.deadline if evacuating is not None else NEVER
        return Index(rows, desired, _domain_fresh(rows, view, context), deadline, context.cells, self.timing, context)


def _domain_fresh(rows: Rows, view: View, context: Context) -> bool:
    for row in rows.all():
        domain = view.get(Kind.DOMAINS, row.lrp.actual_lrp_key.domain)
        return domain is not None and fresh(domain.deadline, context.now)
    return False


def _evacuating(found: Index) -> None:
    """2: an evacuating row ends with its cell, or with its deadline if older data gave it one."""
    row = found.rows.evacuating
    if row is None:
        return
    expired = found.evacuating_deadline != NEVER and found.evacuating_deadline <= found.context.now
    if expired or _absent(found, row):
        found.mutations.append(row.removed())


def _suspect(found: Index) -> None:
    """8, 9, 10: a suspect ends when nobody desires it or its replacement runs; it is promoted when its cell is back."""
    rows, suspect, ordinary = found.rows, found.rows.suspect, found.rows.ordinary
    if suspect is None:
        return
    orphaned = found.desired is None and found.domain_fresh
    redundant = ordinary is not None and ordinary.lrp.state == RUNNING
    if orphaned or redundant:
        found.mutations.append(suspect.removed())
        rows.suspect = None
    elif found.cells is not None and suspect.instance_key.cell_id in found.cells:
        promoted = Row(rows.key(Presence.ORDINARY), suspect.lrp)
        promoted.lrp.presence = ORDINARY_NUMBER  # type: ignore[assignment]
        found.mutations += [suspect.removed(), promoted.stored()]
        rows.ordinary, rows.suspect = promoted, None


def _ordinary(found: Index, index: int) -> None:
    """Surplus ends only where the domain is fresh; elsewhere nobody knows that it is surplus, and it is kept up."""
    row = found.rows.ordinary
    wanted = found.desired is not None and index < found.desired.instances
    if row is None:
        if wanted:
            _create(found, index)
    elif found.desired is not None and _cell_missing(found, row):
        _suspected(found, row, index)
    elif not wanted and found.domain_fresh:
        _retire_surplus(found, row)
    elif found.desired is None:
        return
    elif row.lrp.state not in LIVE:
        _place_again(found, row, index)


def _create(found: Index, index: int) -> None:
    """5: a desired index without a row; the freshness of its domain does not matter."""
    if found.desired is None:
        return
    key = found.rows.key(Presence.ORDINARY)
    row = new_row(key, found.desired.process_guid, index, found.desired.domain, found.context)
    found.mutations.append(row.stored())
    _auction(found, index)


def _retire_surplus(found: Index, row: Row) -> None:
    """6, 7: above the desired count or not desired at all, and the domain is fresh."""
    if not found.timing.may_destroy(found.context) or (row.lrp.state in LIVE and found.cells is None):
        return
    outcome = retired(row, found.context)
    found.by_row = found.rows.suspect is None  # as the endpoint: the group is still there while a suspect stands for it
    found.mutations += outcome.mutations
    found.effects += outcome.effects
    found.gone = outcome.account.gone


def _absent(found: Index, row: Row) -> bool:
    """Whether the row names a cell that is known to have no presence."""
    cell_id = row.instance_key.cell_id
    return found.cells is not None and cell_id not in found.cells


def _cell_missing(found: Index, row: Row) -> bool:
    """Whether a live instance names a cell that has no presence."""
    return row.lrp.state in LIVE and row.instance_key.cell_id != "" and _absent(found, row)


def _suspected(found: Index, row: Row, index: int) -> None:
    """4: the instance becomes suspect and a replacement is sought; that of a surplus index 6 ends in the next run."""
    if not found.timing.may_destroy(found.context):
        return
    if found.rows.suspect is not None:
        unclaim(row, found.context)
        found.mutations.append(row.stored())
        return
    suspect = Row(found.rows.key(Presence.SUSPECT), row.lrp)
    suspect.lrp.presence = SUSPECT_NUMBER  # type: ignore[assignment]
    found.mutations.append(suspect.stored())
    _create(found, index)


def _place_again(found: Index, row: Row, index: int) -> None:
    """3, 11: unclaimed for too long, or crashed and its backoff is over."""
    lrp, context = row.lrp, found.context
    if lrp.state == UNCLAIMED and older(lrp.since, found.timing.stale_unclaimed, context):
        _auction(found, index)
    if lrp.state == CRASHED and restart_due(lrp.crash_count, max(lrp.since, context.serving_since), context.now):
        unclaim(row, context)
        found.mutations.append(row.stored())
        _auction(found, index)


def _auction(found: Index, index: int) -> None:
    if found.desired is not None:
        found.effects.append(RequestLRPAuction(again(found.desired, (index,))))
