"""Evacuation of instances that are claimed, stopped or crashed (docs/reference/evacuation.md)."""

from __future__ import annotations

from bbs.models.account import Account
from bbs.models.actual_lrps.crash import crashed
from bbs.models.actual_lrps.rows import EVACUATING_NUMBER, ORDINARY_NUMBER, UNCLAIMED, Row, Rows, unclaim
from bbs.models.auction import lrp_start
from bbs.models.effects import RequestLRPAuction
from bbs.models.errors import CANNOT_BE_UNCLAIMED, RESOURCE_NOT_FOUND, Error, Refused
from bbs.models.records import Kind
from bbs.models.state import Context, Effect, Outcome, View
from bbs.wire import actual_lrp_pb2 as wire

Keyed = (
    wire.EvacuateClaimedActualLRPRequest
    | wire.EvacuateStoppedActualLRPRequest
    | wire.EvacuateCrashedActualLRPRequest
    | wire.RemoveEvacuatingActualLRPRequest
)

KEEP = b"\x10\x01"
DROP = b""


def kept(error: Error) -> bytes:
    """An error that leaves the container where it is."""
    return error.response() + KEEP


def claimed(request: wire.EvacuateClaimedActualLRPRequest, view: View, context: Context) -> Outcome:
    """The container has not started: the instance is unclaimed and auctioned again."""
    target = _target(request, view)
    if target.lrp.presence != ORDINARY_NUMBER:
        return Outcome(DROP, (target.removed(),))
    if target.lrp.state == UNCLAIMED:
        return Outcome(kept(CANNOT_BE_UNCLAIMED))
    unclaim(target, context)
    return Outcome(DROP, (target.stored(),), auction(target, view))


def stopped(request: wire.EvacuateStoppedActualLRPRequest, view: View, _context: Context) -> Outcome:
    """The container has ended as wanted: its row is deleted."""
    return Outcome(DROP, (_target(request, view).removed(),))


def evacuated_crash(request: wire.EvacuateCrashedActualLRPRequest, view: View, context: Context) -> Outcome:
    """The container crashed while leaving: recorded as any crash, but no auction follows (convergence restarts it)."""
    target = _target(request, view)
    if target.lrp.presence != ORDINARY_NUMBER:
        return Outcome(DROP, (target.removed(),))
    crashed(target, request.actual_lrp_instance_key, request.error_message, context)
    account = Account(shown=target.shown(crash_reason=request.error_message))
    return Outcome(DROP, (target.stored(),), account=account)


def remove_evacuating(request: wire.RemoveEvacuatingActualLRPRequest, view: View, _context: Context) -> Outcome:
    """Deletes the evacuating row of that instance."""
    target = _target(request, view)
    if target.lrp.presence != EVACUATING_NUMBER:
        raise Refused(RESOURCE_NOT_FOUND)
    return Outcome(b"", (target.removed(),))


def auction(target: Row, view: View) -> tuple[Effect, ...]:
    """The auction of a row's index; none when nobody desires it any more."""
    key = target.lrp.actual_lrp_key
    desired = view.get(Kind.DESIRED_LRPS, key.process_guid)
    return () if desired is None else (RequestLRPAuction(lrp_start(desired, (key.index,))),)


def _target(request: Keyed, view: View) -> Row:
    key = request.actual_lrp_key
    target = Rows(view, key.process_guid, key.index).target(request.actual_lrp_instance_key)
    if target is None:
        raise Refused(RESOURCE_NOT_FOUND)
    return target
