"""Lists and gets of desired LRPs, in full, as scheduling info and as routing info."""

from __future__ import annotations

from collections.abc import Iterable

from bbs.models.desired_lrps.content import routing_info, scheduling_info, whole, whole_r2
from bbs.models.desired_lrps.prefixes import begins_with
from bbs.models.errors import RESOURCE_NOT_FOUND, Refused
from bbs.models.frames import Body, Build, response
from bbs.models.records import Kind
from bbs.models.state import Context, Entry, View
from bbs.wire import desired_lrp_pb2 as wire


def desired_lrps(request: wire.DesiredLRPsRequest, view: View, _context: Context) -> Body:
    """Whole LRPs by domain, guids and prefixes of guids."""
    return response(_of_apps(request, view), "desired", whole)


def desired_lrps_r2(request: wire.DesiredLRPsRequest, view: View, _context: Context) -> Body:
    """As `desired_lrps`, in the form of revision 2."""
    return response(_of_apps(request, view), "desired r2", whole_r2)


def desired_lrp_by_process_guid(request: wire.DesiredLRPByProcessGuidRequest, view: View, _context: Context) -> Body:
    """One whole LRP."""
    return _one(request, view, "desired", whole)


def desired_lrp_by_process_guid_r2(request: wire.DesiredLRPByProcessGuidRequest, view: View, _context: Context) -> Body:
    """One whole LRP, in the form of revision 2."""
    return _one(request, view, "desired r2", whole_r2)


def scheduling_infos(request: wire.DesiredLRPsRequest, view: View, _context: Context) -> Body:
    """Scheduling infos by domain and guids; prefixes are not looked at."""
    return response(_selected(request, view), "scheduling", scheduling_info)


def scheduling_info_by_process_guid(
    request: wire.DesiredLRPByProcessGuidRequest, view: View, _context: Context
) -> Body:
    """One scheduling info."""
    return _one(request, view, "scheduling", scheduling_info)


def routing_infos(request: wire.DesiredLRPsRequest, view: View, _context: Context) -> Body:
    """Routing infos by guids; domain and prefixes are not looked at."""
    return response(_by_guids(request.process_guids, view), "routing", routing_info)


def _one(request: wire.DesiredLRPByProcessGuidRequest, view: View, name: str, build: Build) -> Body:
    entry = view.get(Kind.DESIRED_LRPS, request.process_guid)
    if entry is None:
        raise Refused(RESOURCE_NOT_FOUND)
    return response((entry,), name, build)


def _selected(request: wire.DesiredLRPsRequest, view: View) -> Iterable[Entry]:
    entries = _by_guids(request.process_guids, view)
    return [entry for entry in entries if entry.domain == request.domain] if request.domain else entries


def _of_apps(request: wire.DesiredLRPsRequest, view: View) -> Iterable[Entry]:
    entries = _selected(request, view)
    if not request.app_guids:
        return entries
    starts = begins_with(request.app_guids)
    return [entry for entry in entries if starts(entry.group)]


def _by_guids(guids: Iterable[str], view: View) -> Iterable[Entry]:
    listed = dict.fromkeys(guids)
    if not listed:
        return view.entries(Kind.DESIRED_LRPS)
    found = (view.get(Kind.DESIRED_LRPS, guid) for guid in listed)
    return [entry for entry in found if entry is not None]
