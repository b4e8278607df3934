"""Lists of actual LRPs."""

from __future__ import annotations

from collections.abc import Iterable

from bbs.models.frames import Body, response
from bbs.models.records import Kind
from bbs.models.state import Context, Entry, View
from bbs.wire import actual_lrp_pb2 as wire

_REQUIRED_MESSAGES = (
    ("actual_lrp_key", b"\x0a\x00"),
    ("actual_lrp_instance_key", b"\x12\x00"),
    ("actual_lrp_net_info", b"\x1a\x00"),
    ("modification_tag", b"\x4a\x00"),
)
_NOT_ROUTABLE = b"\x68\x00"


def actual_lrps(request: wire.ActualLRPsRequest, view: View, _context: Context) -> Body:
    """The rows that match every filter given, of all presences. Index 0 is a filter when it is present."""
    entries = _selected(request, view)
    if request.domain:
        entries = [entry for entry in entries if entry.domain == request.domain]
    if request.cell_id:
        entries = [entry for entry in entries if entry.cell_id == request.cell_id]
    if request.HasField("index"):
        entries = [entry for entry in entries if entry.index == request.index]
    return response(entries, "actual", answered)


def actual_lrps_by_process_guids(request: wire.ActualLRPsByProcessGuidsRequest, view: View, _context: Context) -> Body:
    """All rows of the guids listed."""
    guids = dict.fromkeys(request.process_guids)
    return response((entry for guid in guids for entry in view.group(Kind.ACTUAL_LRPS, guid)), "actual", answered)


def answered(entry: Entry) -> bytes:
    """The row as clients may rely on it: keys, net info, tag and `routable` are there even if older data lacks them."""
    return completed(entry.data, wire.ActualLRP.FromString(entry.data))


def completed(data: bytes, lrp: wire.ActualLRP) -> bytes:
    """As `answered`, for the bytes of a row and its message."""
    absent = [empty for name, empty in _REQUIRED_MESSAGES if not lrp.HasField(name)]
    if not lrp.HasField("routable"):
        absent.append(_NOT_ROUTABLE)
    return b"".join((data, *absent)) if absent else data


def _selected(request: wire.ActualLRPsRequest, view: View) -> Iterable[Entry]:
    if request.process_guid:
        return view.group(Kind.ACTUAL_LRPS, request.process_guid)
    if request.cell_id:
        return view.on_cell(Kind.ACTUAL_LRPS, request.cell_id)
    return view.entries(Kind.ACTUAL_LRPS)
