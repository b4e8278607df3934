"""Running instances whose internal routes or metric tags are not those desired; their cells are told what differs."""

from __future__ import annotations

from bbs.models.actual_lrps.rows import RUNNING
from bbs.models.desired_lrps.changes import resolved_tags
from bbs.models.desired_lrps.route_values import internal_hostnames
from bbs.models.effects import UpdateLRPInstance
from bbs.models.state import Effect
from bbs.wire.actual_lrp_pb2 import ActualLRP
from bbs.wire.desired_lrp_pb2 import DesiredLRP


def push(row: ActualLRP, desired: DesiredLRP) -> tuple[Effect, ...]:
    """12, 13: the call that brings a running instance in step; none when it is, or was started without tags."""
    try:
        return _difference(row, desired) if row.state == RUNNING else ()
    except UnicodeError:
        # A name that is no UTF-8 can't be part of a JSON call, and must not end the run for all others.
        return ()


def _difference(row: ActualLRP, desired: DesiredLRP) -> tuple[Effect, ...]:
    key, instance = row.actual_lrp_key, row.actual_lrp_instance_key
    hostnames = internal_hostnames(desired) or ()
    has = [route.hostname for route in row.actual_lrp_internal_routes]
    routes_differ = len(hostnames) != len(has) or set(hostnames) != set(has)
    tags = resolved_tags(desired, key.index, instance.instance_guid)
    tags_differ = bool(row.metric_tags) and tags != dict(row.metric_tags)
    if not routes_differ and not tags_differ:
        return ()
    return (
        UpdateLRPInstance(
            key.process_guid,
            key.index,
            key.domain,
            instance.instance_guid,
            instance.cell_id,
            hostnames if routes_differ else None,
            tags if tags_differ else None,
        ),
    )
