"""Lists and gets of desired LRPs, in full, as scheduling info and as routing info."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bbs.models.errors import RESOURCE_NOT_FOUND, Refused
from bbs.models.frames import Build, response
from bbs.models.records import Kind
from bbs.models.state import Context, Entry, View
from bbs.wire import desired_lrp_pb2 as wire

SOURCE_ID = "source_id"


def desired_lrps(request: wire.DesiredLRPsRequest, view: View, _context: Context) -> bytes:
    """Whole LRPs by domain, guids and prefixes of guids."""
    entries = _selected(request, view)
    if request.app_guids:
        apps = re.compile("|".join(_like(guid) for guid in request.app_guids), re.DOTALL)
        entries = [entry for entry in entries if apps.match(entry.group)]
    return response(entries, "desired", whole)


def desired_lrp_by_process_guid(request: wire.DesiredLRPByProcessGuidRequest, view: View, _context: Context) -> bytes:
    """One whole LRP."""
    return _one(request, view, "desired", whole)


def scheduling_infos(request: wire.DesiredLRPsRequest, view: View, _context: Context) -> bytes:
    """Scheduling infos by domain and guids; prefixes are not looked at."""
    return response(_selected(request, view), "scheduling", scheduling_info)


def scheduling_info_by_process_guid(
    request: wire.DesiredLRPByProcessGuidRequest, view: View, _context: Context
) -> bytes:
    """One scheduling info."""
    return _one(request, view, "scheduling", scheduling_info)


def routing_infos(request: wire.DesiredLRPsRequest, view: View, _context: Context) -> bytes:
    """Routing infos by guids; domain and prefixes are not looked at."""
    return response(_by_guids(request.process_guids, view), "routing", routing_info)


def whole(entry: Entry) -> bytes:
    """The LRP as clients may rely on it: routes and tag there, ports once each, metrics guid and tag `source_id` alike.

    The stored bytes as they are, when nothing is to be filled in.
    """
    lrp = wire.DesiredLRP.FromString(entry.data)
    return lrp.SerializeToString() if filled_in(lrp) else entry.data


def filled_in(lrp: wire.DesiredLRP) -> bool:
    """Completes `lrp` in place; True if it was incomplete."""
    incomplete = not lrp.HasField("routes") or not lrp.HasField("modification_tag")
    lrp.routes.SetInParent()
    lrp.modification_tag.SetInParent()
    ports = list(dict.fromkeys(lrp.ports))
    if len(ports) != len(lrp.ports):
        lrp.ports[:] = ports
        incomplete = True
    return _metrics_filled_in(lrp) or incomplete


def _metrics_filled_in(lrp: wire.DesiredLRP) -> bool:
    tagged = SOURCE_ID in lrp.metric_tags
    if tagged and not lrp.metrics_guid:
        lrp.metrics_guid = lrp.metric_tags[SOURCE_ID].static
        return bool(lrp.metrics_guid)
    if lrp.metrics_guid and not tagged:
        lrp.metric_tags[SOURCE_ID].static = lrp.metrics_guid
        return True
    return False


def scheduling_info(entry: Entry) -> bytes:
    """`models.DesiredLRPSchedulingInfo`: what placing and routing need."""
    lrp = wire.DesiredLRP.FromString(entry.data)
    info = wire.DesiredLRPSchedulingInfo(annotation=lrp.annotation, instances=lrp.instances)
    info.desired_lrp_key.SetInParent()
    info.desired_lrp_key.process_guid = lrp.process_guid
    info.desired_lrp_key.domain = lrp.domain
    info.desired_lrp_key.log_guid = lrp.log_guid
    resource = info.desired_lrp_resource
    resource.SetInParent()
    resource.memory_mb, resource.disk_mb = lrp.memory_mb, lrp.disk_mb
    resource.root_fs, resource.max_pids = lrp.root_fs, lrp.max_pids
    info.routes.CopyFrom(lrp.routes)
    info.modification_tag.CopyFrom(lrp.modification_tag)
    info.volume_placement.SetInParent()
    info.volume_placement.driver_names.extend(mount.driver for mount in lrp.volume_mounts)
    info.PlacementTags.extend(lrp.PlacementTags)
    return info.SerializeToString()


def routing_info(entry: Entry) -> bytes:
    """`models.DesiredLRP` with the seven members that routing needs."""
    lrp = wire.DesiredLRP.FromString(entry.data)
    info = wire.DesiredLRP(
        process_guid=lrp.process_guid, domain=lrp.domain, log_guid=lrp.log_guid, instances=lrp.instances
    )
    info.routes.CopyFrom(lrp.routes)
    info.modification_tag.CopyFrom(lrp.modification_tag)
    info.metric_tags.MergeFrom(lrp.metric_tags)
    return info.SerializeToString()


def _one(request: wire.DesiredLRPByProcessGuidRequest, view: View, name: str, build: Build) -> bytes:
    entry = view.get(Kind.DESIRED_LRPS, request.process_guid)
    if entry is None:
        raise Refused(RESOURCE_NOT_FOUND)
    return response((entry,), name, build)


def _selected(request: wire.DesiredLRPsRequest, view: View) -> Iterable[Entry]:
    entries = _by_guids(request.process_guids, view)
    return [entry for entry in entries if entry.domain == request.domain] if request.domain else entries


def _by_guids(guids: Iterable[str], view: View) -> Iterable[Entry]:
    listed = dict.fromkeys(guids)
    if not listed:
        return view.entries(Kind.DESIRED_LRPS)
    found = (view.get(Kind.DESIRED_LRPS, guid) for guid in listed)
    return [entry for entry in found if entry is not None]


def _like(prefix: str) -> str:
    """A prefix as SQL's LIKE reads it: `_` is any character, `%` any text."""
    wild = {"_": ".", "%": ".*"}
    return "".join(wild.get(character) or re.escape(character) for character in prefix)
