"""Lists and gets of tasks."""

from __future__ import annotations

from bbs.models.errors import RESOURCE_NOT_FOUND, Refused
from bbs.models.frames import Body, response
from bbs.models.records import Kind
from bbs.models.revisions import task_definition_r2
from bbs.models.state import Context, Entry, View
from bbs.wire import task_pb2 as wire


def tasks(request: wire.TasksRequest, view: View, _context: Context) -> Body:
    """Tasks by domain and cell."""
    return response(_selected(request, view), "task", as_stored)


def tasks_r2(request: wire.TasksRequest, view: View, _context: Context) -> Body:
    """As `tasks`, in the form of revision 2."""
    return response(_selected(request, view), "task r2", in_r2)


def task_by_guid(request: wire.TaskByGuidRequest, view: View, _context: Context) -> Body:
    """One task."""
    return response((_found(request, view),), "task", as_stored)


def task_by_guid_r2(request: wire.TaskByGuidRequest, view: View, _context: Context) -> Body:
    """One task, in the form of revision 2."""
    return response((_found(request, view),), "task r2", in_r2)


def as_stored(entry: Entry) -> bytes:
    """A task is answered with the bytes it is stored with."""
    return entry.data


def in_r2(entry: Entry) -> bytes:
    """The task with its definition in the form of revision 2."""
    return task_r2(entry.data)


def task_r2(data: bytes) -> bytes:
    """As `in_r2`, for the bytes of a task."""
    task = wire.Task.FromString(data)
    if not task.task_definition.image_layers:
        return data
    task_definition_r2(task.task_definition)
    return task.SerializeToString()


def _selected(request: wire.TasksRequest, view: View) -> list[Entry]:
    entries = view.on_cell(Kind.TASKS, request.cell_id) if request.cell_id else view.entries(Kind.TASKS)
    return [entry for entry in entries if not request.domain or entry.domain == request.domain]


def _found(request: wire.TaskByGuidRequest, view: View) -> Entry:
    entry = view.get(Kind.TASKS, request.task_guid)
    if entry is None:
        raise Refused(RESOURCE_NOT_FOUND)
    return entry
