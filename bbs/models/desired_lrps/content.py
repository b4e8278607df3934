"""What clients read of a desired LRP: the whole, the scheduling info, the routing info.

One unreadable character must never make a list of all LRPs fail, so infos are copied as bytes.
"""

from __future__ import annotations

from bbs.models.first_revision import desired_lrp_r0
from bbs.models.revisions import desired_lrp_r2
from bbs.models.state import Entry
from bbs.wire import desired_lrp_pb2 as wire
from bbs.wire import index_pb2 as raw

SOURCE_ID = "source_id"


def whole(entry: Entry) -> bytes:
    """The LRP as clients may rely on it: routes and tag there, ports once each, metrics guid and tag `source_id` alike.

    The stored bytes as they are, when nothing is to be filled in.
    """
    lrp = wire.DesiredLRP.FromString(entry.data)
    return lrp.SerializeToString() if filled_in(lrp) else entry.data


def whole_r2(entry: Entry) -> bytes:
    """As `whole`, in the form of revision 2."""
    lrp = wire.DesiredLRP.FromString(entry.data)
    desired_lrp_r2(lrp)
    filled_in(lrp)
    return lrp.SerializeToString()


def filled_in(lrp: wire.DesiredLRP) -> bool:
    """Completes `lrp` in place; True if it was incomplete."""
    incomplete = _completed(lrp)
    return _metrics_filled_in(lrp) or incomplete


def _completed(lrp: wire.DesiredLRP) -> bool:
    incomplete = not lrp.HasField("routes") or not lrp.HasField("modification_tag")
    lrp.routes.SetInParent()
    lrp.modification_tag.SetInParent()
    ports = list(dict.fromkeys(lrp.ports))
    if len(ports) != len(lrp.ports):
        lrp.ports[:] = ports
        incomplete = True
    return incomplete


def as_event(data: bytes) -> bytes:
    """The LRP as events show it: complete, but metrics guid and tag `source_id` as they are stored."""
    lrp = wire.DesiredLRP.FromString(data)
    return lrp.SerializeToString() if _completed(lrp) else data


def as_event_r0(data: bytes) -> bytes:
    """As `as_event`, in the form of the first revision."""
    lrp = wire.DesiredLRP.FromString(data)
    desired_lrp_r0(lrp)
    _completed(lrp)
    return lrp.SerializeToString()


def _metrics_filled_in(lrp: wire.DesiredLRP) -> bool:
    tagged = SOURCE_ID in lrp.metric_tags
    if not isinstance(lrp.metrics_guid, str) or (tagged and not isinstance(lrp.metric_tags[SOURCE_ID].static, str)):
        return False
    if tagged and not lrp.metrics_guid:
        lrp.metrics_guid = lrp.metric_tags[SOURCE_ID].static
        return bool(lrp.metrics_guid)
    if lrp.metrics_guid and not tagged:
        lrp.metric_tags[SOURCE_ID].static = lrp.metrics_guid
        return True
    return False


def scheduling_info(entry: Entry) -> bytes:
    """`models.DesiredLRPSchedulingInfo`: what placing and routing need."""
    lrp = raw.DesiredLRPSource.FromString(entry.data)
    return raw.DesiredLRPSchedulingInfo(
        desired_lrp_key=raw.DesiredLRPKey(process_guid=lrp.process_guid, domain=lrp.domain, log_guid=lrp.log_guid),
        annotation=lrp.annotation,
        instances=lrp.instances,
        desired_lrp_resource=raw.DesiredLRPResource(
            memory_mb=lrp.memory_mb, disk_mb=lrp.disk_mb, root_fs=lrp.root_fs, max_pids=lrp.max_pids
        ),
        routes=lrp.routes,
        modification_tag=lrp.modification_tag,
        volume_placement=raw.VolumePlacement(driver_names=[mount.driver for mount in lrp.volume_mounts]),
        PlacementTags=lrp.PlacementTags,
    ).SerializeToString()


def routing_info(entry: Entry) -> bytes:
    """`models.DesiredLRP` with the seven members that routing needs."""
    lrp = raw.DesiredLRPSource.FromString(entry.data)
    return raw.DesiredLRPSource(
        process_guid=lrp.process_guid,
        domain=lrp.domain,
        log_guid=lrp.log_guid,
        instances=lrp.instances,
        routes=lrp.routes,
        modification_tag=lrp.modification_tag,
        metric_tags=lrp.metric_tags,
    ).SerializeToString()
