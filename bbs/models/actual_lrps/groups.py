"""Groups of actual LRPs (deprecated): the rows of one key as one instance and one evacuating slot."""

from __future__ import annotations

from collections.abc import Iterable

from bbs.models.actual_lrps.reads import answered
from bbs.models.actual_lrps.rows import CLAIMED, EVACUATING_NUMBER, ORDINARY_NUMBER, RUNNING, SUSPECT_NUMBER
from bbs.models.errors import RESOURCE_NOT_FOUND, Refused
from bbs.models.frames import RECORD_FIELD
from bbs.models.records import Kind
from bbs.models.state import Context, Entry, View
from bbs.wire import actual_lrp_pb2 as wire
from bbs.wire.frames import frame

_PRIORITY = (
    (ORDINARY_NUMBER, RUNNING),
    (SUSPECT_NUMBER, RUNNING),
    (SUSPECT_NUMBER, CLAIMED),
    (ORDINARY_NUMBER, CLAIMED),
)
"""Which row fills the instance slot, best first; then any other ordinary row."""


def groups(request: wire.ActualLRPGroupsRequest, view: View, _context: Context) -> bytes:
    """All groups; the filters select rows before they are grouped, so a group may show one slot only."""
    entries = view.on_cell(Kind.ACTUAL_LRPS, request.cell_id) if request.cell_id else view.entries(Kind.ACTUAL_LRPS)
    return _response(entry for entry in entries if not request.domain or entry.domain == request.domain)


def groups_by_process_guid(request: wire.ActualLRPGroupsByProcessGuidRequest, view: View, _context: Context) -> bytes:
    """The groups of one guid."""
    return _response(view.group(Kind.ACTUAL_LRPS, request.process_guid))


def group_by_process_guid_and_index(
    request: wire.ActualLRPGroupByProcessGuidAndIndexRequest, view: View, _context: Context
) -> bytes:
    """The group of one index; where its rows lie in several domains, that of the ordinary row."""
    entries = sorted(view.group(Kind.ACTUAL_LRPS, request.process_guid), key=lambda entry: entry.presence)
    found = _framed(entry for entry in entries if entry.index == request.index)
    if not found:
        raise Refused(RESOURCE_NOT_FOUND)
    return found[0]


def _response(entries: Iterable[Entry]) -> bytes:
    return b"".join(_framed(entries))


def _framed(entries: Iterable[Entry]) -> list[bytes]:
    """One frame per key: rows of one index in two domains are two groups."""
    grouped: dict[tuple[str, int, str], list[Entry]] = {}
    for entry in entries:
        grouped.setdefault((entry.group, entry.index, entry.domain), []).append(entry)
    return [frame(RECORD_FIELD, group_of(rows)) for rows in grouped.values()]


def group_of(rows: list[Entry]) -> bytes:
    """The serialized `models.ActualLRPGroup` of the rows of one key."""
    instances = [entry for entry in rows if entry.presence != EVACUATING_NUMBER]
    evacuating = [entry for entry in rows if entry.presence == EVACUATING_NUMBER]
    slots = (
        [frame(1, answered(min(instances, key=lambda entry: rank(entry.presence, entry.state))))] if instances else []
    )
    slots += [frame(2, answered(entry)) for entry in evacuating]
    return b"".join(slots)


def rank(presence: int, state: str) -> int:
    """How much a row has a right to the instance slot, the best first."""
    shape = (presence, state)
    return _PRIORITY.index(shape) if shape in _PRIORITY else len(_PRIORITY)
