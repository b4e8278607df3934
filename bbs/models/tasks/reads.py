"""Lists and gets of tasks."""

from __future__ import annotations

from bbs.models.errors import RESOURCE_NOT_FOUND, Refused
from bbs.models.frames import response
from bbs.models.records import Kind
from bbs.models.state import Context, Entry, View
from bbs.wire import task_pb2 as wire


def tasks(request: wire.TasksRequest, view: View, _context: Context) -> bytes:
    """Tasks by domain and cell."""
    entries = view.on_cell(Kind.TASKS, request.cell_id) if request.cell_id else view.entries(Kind.TASKS)
    selected = [entry for entry in entries if not request.domain or entry.domain == request.domain]
    return response(selected, "task", as_stored)


def task_by_guid(request: wire.TaskByGuidRequest, view: View, _context: Context) -> bytes:
    """One task."""
    entry = view.get(Kind.TASKS, request.task_guid)
    if entry is None:
        raise Refused(RESOURCE_NOT_FOUND)
    return response((entry,), "task", as_stored)


def as_stored(entry: Entry) -> bytes:
    """A task is answered with the bytes it is stored with."""
    return entry.data
