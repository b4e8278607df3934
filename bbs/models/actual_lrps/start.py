"""Start: a cell runs the instance. The call that every cell repeats for every container, so its no-op is cheap."""

from __future__ import annotations

from bbs.models.actual_lrps.rows import CRASHED, RUNNING, Row, Rows, changed, new_row
from bbs.models.errors import CANNOT_BE_STARTED, Refused
from bbs.models.limits import require_names
from bbs.models.records import Mutation, Presence
from bbs.models.state import Context, Outcome, View
from bbs.wire import actual_lrp_pb2 as wire

Running = wire.StartActualLRPRequest | wire.EvacuateRunningActualLRPRequest


def start(request: wire.StartActualLRPRequest, view: View, context: Context) -> Outcome:
    """Makes the ordinary row RUNNING, created if need be, and ends an evacuating or suspect twin."""
    key = request.actual_lrp_key
    rows = Rows(view, key.process_guid, key.index)
    if rows.suspect_is(request.actual_lrp_instance_key):
        return Outcome(b"")
    mutations: list[Mutation] = []
    found = rows.ordinary
    if found is None:
        found = new_row(rows.key(Presence.ORDINARY), key.process_guid, key.index, key.domain, context)
        run(found, request)
        mutations.append(found.stored())
    elif not _runs_so_already(found, request):
        _require_startable(found, request)
        changed(found, context)
        run(found, request)
        mutations.append(found.stored())
    mutations += [twin.removed() for twin in (rows.evacuating, rows.suspect) if twin is not None]
    return Outcome(b"", tuple(mutations))


def start_r0(request: wire.StartActualLRPRequest, view: View, context: Context) -> Outcome:
    """The first revision: internal routes and metric tags of the request are dropped."""
    request.ClearField("actual_lrp_internal_routes")
    request.ClearField("metric_tags")
    return start(request, view, context)


def run(found: Row, request: Running) -> None:
    """Gives the row the instance, addresses, routes, tags, routable and zone of the request, and state RUNNING."""
    instance_key = request.actual_lrp_instance_key
    require_names(instance_key.instance_guid, instance_key.cell_id, request.availability_zone)
    lrp = found.lrp
    lrp.state = RUNNING
    lrp.placement_error = b""
    lrp.actual_lrp_instance_key.CopyFrom(instance_key)
    lrp.actual_lrp_net_info.CopyFrom(request.actual_lrp_net_info)
    _routes_and_tags(lrp, request)
    lrp.routable = routable(request)
    lrp.availability_zone = request.availability_zone


def routable(request: Running) -> bool:
    """Absent means true."""
    return request.Routable if request.HasField("Routable") else True


def _routes_and_tags(lrp: wire.ActualLRP, request: Running) -> None:
    lrp.ClearField("actual_lrp_internal_routes")
    lrp.actual_lrp_internal_routes.MergeFrom(request.actual_lrp_internal_routes)
    lrp.ClearField("metric_tags")
    lrp.metric_tags.MergeFrom(request.metric_tags)


def _runs_so_already(found: Row, request: wire.StartActualLRPRequest) -> bool:
    lrp = found.lrp
    return (
        lrp.state == RUNNING
        and lrp.actual_lrp_instance_key == request.actual_lrp_instance_key
        and lrp.actual_lrp_key == request.actual_lrp_key
        and lrp.actual_lrp_net_info == request.actual_lrp_net_info
        and lrp.actual_lrp_internal_routes == request.actual_lrp_internal_routes
        and dict(lrp.metric_tags) == dict(request.metric_tags)
        and lrp.routable == routable(request)
        and lrp.availability_zone == request.availability_zone
    )


def _require_startable(found: Row, request: wire.StartActualLRPRequest) -> None:
    """From UNCLAIMED and CLAIMED any instance may start; from RUNNING only the same; from CRASHED none."""
    lrp = found.lrp
    if (
        lrp.state == CRASHED
        or lrp.actual_lrp_key != request.actual_lrp_key
        or (lrp.state == RUNNING and lrp.actual_lrp_instance_key != request.actual_lrp_instance_key)
    ):
        raise Refused(CANNOT_BE_STARTED)
