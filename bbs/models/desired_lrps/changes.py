"""Desire, update and remove a desired LRP."""

from __future__ import annotations

from bbs.models.actual_lrps.rows import EVACUATING_NUMBER, LIVE
from bbs.models.desired_lrps.instances import Instances, created, instance_key, stopped
from bbs.models.desired_lrps.route_values import INTERNAL_ROUTER, internal_hostnames, set_routes
from bbs.models.effects import UpdateLRPInstance
from bbs.models.errors import INVALID_REQUEST, RESOURCE_EXISTS, RESOURCE_NOT_FOUND, Refused
from bbs.models.limits import ROOTFS_LIMIT, looked_up, readable, require_key, require_names
from bbs.models.records import Kind, Record, delete, put
from bbs.models.state import Context, Effect, Entry, Outcome, View
from bbs.wire import desired_lrp_pb2 as wire
from bbs.wire.container_pb2 import MetricTagValue

_DYNAMIC_VALUES = frozenset(MetricTagValue.DynamicValue.values())


def desire(request: wire.DesireLRPRequest, view: View, context: Context) -> Outcome:
    """Stores a new LRP and creates its instances."""
    lrp = request.desired_lrp
    _require_columns(lrp)
    set_routes(lrp, lrp.routes)
    _drop_unknown_values(lrp)
    if view.get(Kind.DESIRED_LRPS, lrp.process_guid) is not None:
        raise Refused(RESOURCE_EXISTS)
    lrp.ClearField("modification_tag")
    lrp.modification_tag.epoch = context.new_guid()
    follow = created(lrp, range(lrp.instances), view, context) if lrp.instances else Instances()
    record = Record(Kind.DESIRED_LRPS, lrp.process_guid, lrp.SerializeToString())
    return Outcome(b"", (put(record), *follow.mutations), follow.effects)


def update(request: wire.UpdateDesiredLRPRequest, view: View, context: Context) -> Outcome:
    """Replaces the members given; the tag's index grows even when none is."""
    entry = _found(view, request.process_guid)
    if not request.HasField("update"):
        raise Refused(INVALID_REQUEST)
    change = request.update
    before = wire.DesiredLRP.FromString(entry.data)
    lrp = wire.DesiredLRP.FromString(entry.data)
    _apply(change, lrp)
    follow = _scaled(before.instances, lrp, view, context) if change.HasField("instances") else Instances()
    record = Record(Kind.DESIRED_LRPS, entry.key, lrp.SerializeToString())
    return Outcome(b"", (put(record), *follow.mutations), follow.effects + _pushes(before, lrp, change, view))


def remove(request: wire.RemoveDesiredLRPRequest, view: View, _context: Context) -> Outcome:
    """Deletes the LRP and stops all its instances."""
    entry = _found(view, request.process_guid)
    follow = stopped(request.process_guid, 0, view)
    return Outcome(b"", (delete(Kind.DESIRED_LRPS, entry.key), *follow.mutations), follow.effects)


def _found(view: View, process_guid: str) -> Entry:
    entry = view.get(Kind.DESIRED_LRPS, looked_up(process_guid))
    if entry is None:
        raise Refused(RESOURCE_NOT_FOUND)
    return entry


def _require_columns(lrp: wire.DesiredLRP) -> None:
    require_names(lrp.process_guid, lrp.domain, lrp.log_guid)
    require_names(lrp.root_fs, limit=ROOTFS_LIMIT)
    require_key(lrp.process_guid)


def _drop_unknown_values(lrp: wire.DesiredLRP) -> None:
    """A static tag may come with a dynamic value of a number that nobody knows; what is stored is the static one."""
    for tag in lrp.metric_tags.values():
        if tag.dynamic not in _DYNAMIC_VALUES:
            tag.ClearField("dynamic")


def _apply(change: wire.DesiredLRPUpdate, lrp: wire.DesiredLRP) -> None:
    lrp.modification_tag.index += 1
    if change.HasField("annotation"):
        lrp.annotation = change.annotation
    if change.HasField("instances"):
        lrp.instances = change.instances
    if change.HasField("routes"):
        set_routes(lrp, change.routes)
    if change.metric_tags:
        lrp.ClearField("metric_tags")
        lrp.metric_tags.MergeFrom(change.metric_tags)
        _drop_unknown_values(lrp)
    if change.HasField("image_username"):
        lrp.image_username = change.image_username
        lrp.image_password = change.image_password


def _scaled(before: int, lrp: wire.DesiredLRP, view: View, context: Context) -> Instances:
    if lrp.instances > before:
        return created(lrp, range(before, lrp.instances), view, context)
    return stopped(lrp.process_guid, lrp.instances, view) if lrp.instances < before else Instances()


def _pushes(
    before: wire.DesiredLRP, lrp: wire.DesiredLRP, change: wire.DesiredLRPUpdate, view: View
) -> tuple[Effect, ...]:
    """What running cells are told. Routes that vanish push null, which a cell takes as unchanged (as the real BBS)."""
    routes, tags = _internal_routes_changed(before, change), _metric_tags_changed(before, change)
    if not routes and not tags:
        return ()
    hostnames = internal_hostnames(lrp) if routes else None
    live = (
        entry
        for entry in view.group(Kind.ACTUAL_LRPS, lrp.process_guid)
        if entry.state in LIVE and entry.presence != EVACUATING_NUMBER
    )
    return tuple(pushed(entry, hostnames, lrp if tags else None) for entry in live)


def pushed(entry: Entry, hostnames: tuple[str, ...] | None, tags_of: wire.DesiredLRP | None) -> UpdateLRPInstance:
    """The call that tells the cell of a row its new host names and the tags of `tags_of`; None leaves either."""
    key = instance_key(entry)
    tags = resolved_tags(tags_of, entry.index, key.instance_guid) if tags_of is not None else None
    return UpdateLRPInstance(entry.group, entry.index, entry.domain, key.instance_guid, key.cell_id, hostnames, tags)


def resolved_tags(lrp: wire.DesiredLRP, index: int, instance_guid: str) -> dict[str, str]:
    """The metric tags of one instance by name, in order, dynamic values filled in."""
    dynamic = {1: str(index), 2: instance_guid}
    tags = sorted(lrp.metric_tags.items(), key=lambda item: readable(item[0]))
    return {name: dynamic.get(tag.dynamic, readable(tag.static)) for name, tag in tags}


def _internal_routes_changed(before: wire.DesiredLRP, change: wire.DesiredLRPUpdate) -> bool:
    """Absent on both sides counts as changed, as in the real BBS."""
    if not change.HasField("routes"):
        return False
    given = change.routes.routes.get(INTERNAL_ROUTER)
    return given is None or given != before.routes.routes.get(INTERNAL_ROUTER)


def _metric_tags_changed(before: wire.DesiredLRP, change: wire.DesiredLRPUpdate) -> bool:
    return bool(change.metric_tags) and dict(change.metric_tags) != dict(before.metric_tags)
