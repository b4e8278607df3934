"""Crash: an instance ended by itself. How often decides between a restart now, later, and never."""

from __future__ import annotations

from bbs.models.account import Account
from bbs.models.actual_lrps.rows import CRASHED, LIVE, RUNNING, UNCLAIMED, Row, Rows, changed, without_instance
from bbs.models.auction import lrp_start
from bbs.models.effects import RequestLRPAuction
from bbs.models.errors import CANNOT_BE_CRASHED, RESOURCE_NOT_FOUND, Refused
from bbs.models.limits import cut
from bbs.models.records import Kind, Nanoseconds
from bbs.models.state import Context, Outcome, View
from bbs.wire import actual_lrp_pb2 as wire

SECOND: Nanoseconds = 1_000_000_000
CRASH_RESET_TIMEOUT = 5 * 60 * SECOND
IMMEDIATE_RESTARTS = 3
MAX_RESTARTS = 200
BACKOFF_MIN = 30 * SECOND
BACKOFF_MAX = 16 * 60 * SECOND


def crash(request: wire.CrashActualLRPRequest, view: View, context: Context) -> Outcome:
    """Records the crash; below three in a row the instance is auctioned again at once."""
    key = request.actual_lrp_key
    rows = Rows(view, key.process_guid, key.index)
    if rows.suspect is not None and rows.suspect_is(request.actual_lrp_instance_key):
        return Outcome(b"", (rows.suspect.removed(),))
    if rows.ordinary is None:
        raise Refused(RESOURCE_NOT_FOUND)
    restart = crashed(rows.ordinary, request.actual_lrp_instance_key, request.error_message, context)
    mutations = (rows.ordinary.stored(),)
    account = Account(crash=True, shown=rows.ordinary.shown(crash_reason=request.error_message))
    if not restart:
        return Outcome(b"", mutations, account=account)
    desired = view.get(Kind.DESIRED_LRPS, key.process_guid)
    if desired is None:
        # The crash is a fact and stays recorded, though nobody wants the instance back.
        return Outcome(RESOURCE_NOT_FOUND.response(), mutations, account=account)
    return Outcome(b"", mutations, (RequestLRPAuction(lrp_start(desired, (key.index,))),), account)


def crashed(found: Row, instance_key: wire.ActualLRPInstanceKey, reason: bytes, context: Context) -> bool:
    """Edits the row of a crashed instance; True if it is to be restarted at once. Refuses any other instance."""
    lrp = found.lrp
    if lrp.state not in LIVE or found.instance_key != instance_key:
        raise Refused(CANNOT_BE_CRASHED)
    settled = lrp.state == RUNNING and context.now - lrp.since > CRASH_RESET_TIMEOUT
    lrp.crash_count = 1 if settled else lrp.crash_count + 1
    lrp.crash_reason = cut(reason)
    restart = lrp.crash_count < IMMEDIATE_RESTARTS
    lrp.state = UNCLAIMED if restart else CRASHED
    changed(found, context)
    without_instance(found)
    return restart


def backoff(crash_count: int) -> Nanoseconds | None:
    """How long an instance stays CRASHED: 30 s doubled per crash, at most 16 min; None: it is never restarted."""
    if crash_count < IMMEDIATE_RESTARTS:
        return 0
    if crash_count >= MAX_RESTARTS:
        return None
    return min(BACKOFF_MIN << min(crash_count - IMMEDIATE_RESTARTS, 5), BACKOFF_MAX)


def restart_due(crash_count: int, since: Nanoseconds, now: Nanoseconds) -> bool:
    """Whether convergence may restart an instance CRASHED since then."""
    wait = backoff(crash_count)
    return wait is not None and now >= since + wait
