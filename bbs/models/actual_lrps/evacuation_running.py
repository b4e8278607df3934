"""Evacuation of a running instance: it runs on, as the evacuating row, until its replacement runs elsewhere.

The rules are numbered as in docs/reference/evacuation.md. Rules 1 and 5 (a read failed) can't occur here: memory is
always readable.
"""

from __future__ import annotations

from bbs.models.account import PLAIN, Account
from bbs.models.actual_lrps.evacuation import DROP, KEEP, auction
from bbs.models.actual_lrps.rows import (
    CRASHED,
    EVACUATING_NUMBER,
    LIVE,
    ORDINARY_NUMBER,
    RUNNING,
    SUSPECT_NUMBER,
    Row,
    Rows,
    changed,
    new_row,
    unclaim,
)
from bbs.models.actual_lrps.start import run
from bbs.models.records import Kind, Mutation, Presence
from bbs.models.state import Context, Entry, Outcome, View
from bbs.wire import actual_lrp_pb2 as wire
from bbs.wire.desired_lrp_pb2 import DesiredLRP

DROPPED = Outcome(DROP)
KEPT = Outcome(KEEP)


def running(request: wire.EvacuateRunningActualLRPRequest, view: View, context: Context) -> Outcome:
    """Moves the instance aside and has its index placed anew; asked again until it may go."""
    key = request.actual_lrp_key
    rows = Rows(view, key.process_guid, key.index)
    if not rows.all():  # 2
        return DROPPED
    target = rows.target(request.actual_lrp_instance_key)
    if _replaced(rows, target):  # 3
        return _evacuating_removed(target)
    desired = view.get(Kind.DESIRED_LRPS, key.process_guid)
    if desired is None:  # 4
        return _evacuating_removed(target)
    lrp = DesiredLRP.FromString(desired.data)
    if lrp.update_strategy == DesiredLRP.RECREATE:  # 6
        return _recreated(target, lrp, view, context)
    if target is None or target.lrp.presence == EVACUATING_NUMBER:
        return _evacuating_updated(request, rows, context)
    return _moved_aside(rows, target, view, context)


def running_r0(request: wire.EvacuateRunningActualLRPRequest, view: View, context: Context) -> Outcome:
    """The first revision: internal routes and metric tags of the request are dropped."""
    request.ClearField("actual_lrp_internal_routes")
    request.ClearField("metric_tags")
    return running(request, view, context)


def _replaced(rows: Rows, target: Row | None) -> bool:
    ordinary = rows.ordinary
    return ordinary is None or (ordinary is not target and ordinary.lrp.state in (RUNNING, CRASHED))


def _evacuating_removed(target: Row | None) -> Outcome:
    if target is not None and target.lrp.presence == EVACUATING_NUMBER:
        return Outcome(DROP, (target.removed(),))
    if target is not None:  # told gone, though it stays (as in the real BBS)
        return Outcome(DROP, account=Account(gone=(target.key,)))
    return DROPPED


def _evacuating_updated(request: wire.EvacuateRunningActualLRPRequest, rows: Rows, context: Context) -> Outcome:
    found = rows.evacuating
    if found is not None and found.instance_key != request.actual_lrp_instance_key:  # 7
        return DROPPED
    if found is None:  # 8
        key = request.actual_lrp_key
        row = new_row(rows.key(Presence.EVACUATING), key.process_guid, key.index, key.domain, context)
        row.lrp.presence = EVACUATING_NUMBER  # type: ignore[assignment]
        run(row, request)
        return Outcome(KEEP, (row.stored(),))
    if found.lrp.actual_lrp_key == request.actual_lrp_key and (
        found.lrp.actual_lrp_net_info == request.actual_lrp_net_info
    ):
        return KEPT
    _evacuating_rewritten(found, request)
    changed(found, context)
    shown = found.shown(availability_zone=request.availability_zone)
    return Outcome(KEEP, (found.stored(),), account=Account(shown=shown))


def _evacuating_rewritten(found: Row, request: wire.EvacuateRunningActualLRPRequest) -> None:
    """An existing evacuating row keeps state, routable and zone (as in the real BBS)."""
    lrp = found.lrp
    lrp.actual_lrp_net_info.CopyFrom(request.actual_lrp_net_info)
    lrp.ClearField("actual_lrp_internal_routes")
    lrp.actual_lrp_internal_routes.extend(request.actual_lrp_internal_routes)
    lrp.ClearField("metric_tags")
    lrp.metric_tags.update(request.metric_tags)


def _moved_aside(rows: Rows, target: Row, view: View, context: Context) -> Outcome:
    if target.lrp.state not in LIVE:  # 10
        return DROPPED
    aside, account = _copied_aside(rows, target, context)  # 9
    if target.lrp.presence == SUSPECT_NUMBER:
        return Outcome(KEEP, (*aside, target.removed()), account=account)
    unclaim(target, context)
    return Outcome(KEEP, (*aside, target.stored()), auction(target, view), account)


def _copied_aside(rows: Rows, target: Row, context: Context) -> tuple[tuple[Mutation, ...], Account]:
    """The evacuating row with what is stored of the target. One that is there already keeps, as in the real BBS, its
    `routable` and zone, though it is told with the target's zone; one that is this very instance stays as it is."""
    found = rows.evacuating
    if found is None:
        return (_new_aside(rows, target.lrp, context).stored(),), PLAIN
    if _same_instance(found.lrp, target.lrp):
        return (), PLAIN
    changed(found, context)
    _copy(target.lrp, found.lrp)
    return (found.stored(),), Account(shown=found.shown(availability_zone=target.lrp.availability_zone))


def _new_aside(rows: Rows, source: wire.ActualLRP, context: Context) -> Row:
    """RUNNING even when the target was only claimed."""
    key = source.actual_lrp_key
    aside = new_row(rows.key(Presence.EVACUATING), key.process_guid, key.index, key.domain, context)
    aside.lrp.presence = EVACUATING_NUMBER  # type: ignore[assignment]
    aside.lrp.state = RUNNING
    aside.lrp.routable = source.routable
    aside.lrp.availability_zone = source.availability_zone
    _copy(source, aside.lrp)
    return aside


def _copy(source: wire.ActualLRP, lrp: wire.ActualLRP) -> None:
    lrp.actual_lrp_key.CopyFrom(source.actual_lrp_key)
    lrp.actual_lrp_instance_key.CopyFrom(source.actual_lrp_instance_key)
    lrp.actual_lrp_net_info.CopyFrom(source.actual_lrp_net_info)
    lrp.ClearField("actual_lrp_internal_routes")
    lrp.actual_lrp_internal_routes.extend(source.actual_lrp_internal_routes)
    lrp.ClearField("metric_tags")
    lrp.metric_tags.update(source.metric_tags)


def _same_instance(one: wire.ActualLRP, other: wire.ActualLRP) -> bool:
    return (
        one.actual_lrp_key == other.actual_lrp_key
        and one.actual_lrp_instance_key == other.actual_lrp_instance_key
        and one.actual_lrp_net_info == other.actual_lrp_net_info
    )


def _recreated(target: Row | None, lrp: DesiredLRP, view: View, context: Context) -> Outcome:
    """At most one instance is down at a time, and it never overlaps its replacement."""
    if target is None:
        return DROPPED
    if target.lrp.presence != ORDINARY_NUMBER:
        return Outcome(DROP, (target.removed(),))
    if target.lrp.state not in LIVE:
        return DROPPED
    if _running_count(view.group(Kind.ACTUAL_LRPS, lrp.process_guid)) < lrp.instances:
        return KEPT
    unclaim(target, context)
    return Outcome(DROP, (target.stored(),), auction(target, view))


def _running_count(entries: list[Entry]) -> int:
    return sum(entry.presence == ORDINARY_NUMBER and entry.state == RUNNING for entry in entries)
