"""Claim, fail, remove and retire: the short lifecycle calls. Table and steps: docs/reference/actual-lrps.md."""

from __future__ import annotations

from bbs.models.account import Account
from bbs.models.actual_lrps.rows import CLAIMED, LIVE, RUNNING, UNCLAIMED, Row, Rows, changed
from bbs.models.effects import RetireLRPInstance
from bbs.models.errors import CANNOT_BE_CLAIMED, CANNOT_BE_FAILED, RESOURCE_NOT_FOUND, Refused
from bbs.models.limits import cut, require_names
from bbs.models.state import Context, Outcome, View
from bbs.wire import actual_lrp_pb2 as wire

UNCHANGED = Outcome(b"")


def claim(request: wire.ClaimActualLRPRequest, view: View, context: Context) -> Outcome:
    """A cell takes the instance. Claiming again by the same instance changes nothing."""
    rows = Rows(view, request.process_guid, request.index)
    instance_key = request.actual_lrp_instance_key
    if rows.suspect_is(instance_key):
        return UNCHANGED
    found = _ordinary(rows)
    if found.lrp.state != UNCLAIMED:
        if found.lrp.state not in LIVE or found.instance_key != instance_key:
            raise Refused(CANNOT_BE_CLAIMED)
        if found.lrp.state == CLAIMED:
            return UNCHANGED
    require_names(instance_key.instance_guid, instance_key.cell_id)
    changed(found, context)
    found.lrp.state = CLAIMED
    found.instance_key.CopyFrom(instance_key)
    found.lrp.actual_lrp_net_info.Clear()
    found.lrp.actual_lrp_net_info.SetInParent()
    found.lrp.placement_error = b""
    return Outcome(b"", (found.stored(),))


def fail(request: wire.FailActualLRPRequest, view: View, context: Context) -> Outcome:
    """The auctioneer found no cell. A missing row is no error; nothing is auctioned, convergence does that."""
    key = request.actual_lrp_key
    found = Rows(view, key.process_guid, key.index).ordinary
    if found is None:
        return UNCHANGED
    if found.lrp.state != UNCLAIMED:
        raise Refused(CANNOT_BE_FAILED)
    changed(found, context)
    found.lrp.placement_error = cut(request.error_message)
    account = Account(shown=found.shown(placement_error=request.error_message))
    return Outcome(b"", (found.stored(),), account=account)


def remove(request: wire.RemoveActualLRPRequest, view: View, _context: Context) -> Outcome:
    """The instance is gone. With an instance key, only if the row still is that instance."""
    found = _ordinary(Rows(view, request.process_guid, request.index))
    if request.HasField("actual_lrp_instance_key") and found.instance_key != request.actual_lrp_instance_key:
        raise Refused(RESOURCE_NOT_FOUND)
    return Outcome(b"", (found.removed(),))


def retire(request: wire.RetireActualLRPRequest, view: View, context: Context) -> Outcome:
    """Ends an instance: at once when no cell has it or its cell is known to be gone, else through its cell."""
    key = request.actual_lrp_key
    return retired(_ordinary(Rows(view, key.process_guid, key.index)), context)


def retired(found: Row, context: Context) -> Outcome:
    """The outcome of retiring an ordinary row; it is told removed before its cell has stopped it: routes go first."""
    cell_id = found.instance_key.cell_id
    live = found.lrp.state in (CLAIMED, RUNNING)
    if not live or (context.cells is not None and cell_id not in context.cells):
        return Outcome(b"", (found.removed(),))
    key = found.lrp.actual_lrp_key
    stop = RetireLRPInstance(key.process_guid, key.index, found.instance_key.instance_guid, cell_id)
    return Outcome(b"", effects=(stop,), account=Account(gone=(found.key,)))


def _ordinary(rows: Rows) -> Row:
    if rows.ordinary is None:
        raise Refused(RESOURCE_NOT_FOUND)
    return rows.ordinary
