"""Running instances whose internal routes or metric tags are not those desired; their cells are told what differs.

Comparing costs parsing both records, so a row that was found in step with one tag of its desired LRP is marked with
that tag; the mark is dropped with the entry when the row changes.
"""

from __future__ import annotations

from bbs.models.actual_lrps.rows import ORDINARY_NUMBER, RUNNING
from bbs.models.desired_lrps.changes import resolved_tags
from bbs.models.desired_lrps.route_values import internal_hostnames
from bbs.models.effects import UpdateLRPInstance
from bbs.models.records import Kind
from bbs.models.state import Effect, Entry, View
from bbs.wire.actual_lrp_pb2 import ActualLRP
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from bbs.wire.index_pb2 import DesiredLRP as IndexedDesiredLRP

_MARK = "in-step"


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


class InStep:
    """Whether rows are in step with their desired LRPs, which are parsed at most once each."""

    __slots__ = ("_parsed", "_view")

    def __init__(self, view: View) -> None:
        self._view = view
        self._parsed: dict[str, DesiredLRP] = {}

    def __call__(self, entry: Entry, desired: IndexedDesiredLRP | None) -> bool:
        if desired is None or entry.presence != ORDINARY_NUMBER or entry.state != RUNNING:
            return True
        if entry.frames is None:
            entry.frames = {}
        if entry.frames.get(_MARK) == desired.modification_tag:
            return True
        whole = self._whole(entry.group)
        in_step = whole is None or not push(ActualLRP.FromString(entry.data), whole)
        if in_step:
            entry.frames[_MARK] = desired.modification_tag
        return in_step

    def _whole(self, process_guid: str) -> DesiredLRP | None:
        if process_guid not in self._parsed:
            entry = self._view.get(Kind.DESIRED_LRPS, process_guid)
            if entry is None:
                return None
            self._parsed[process_guid] = DesiredLRP.FromString(entry.data)
        return self._parsed[process_guid]
