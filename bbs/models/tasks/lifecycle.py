"""Every transition of a task: desire, start, complete, cancel, fail, reject, resolving, delete."""

from __future__ import annotations

from dataclasses import replace

from google.protobuf.message import DecodeError

from bbs.models.account import Account, Shown
from bbs.models.auction import task_start
from bbs.models.effects import CancelTask, CompleteTaskCallback, RequestTaskAuction
from bbs.models.errors import (
    RESOURCE_EXISTS,
    RESOURCE_NOT_FOUND,
    Refused,
    invalid_request,
    invalid_state_transition,
    running_on_different_cell,
)
from bbs.models.index import TASK_STATES
from bbs.models.limits import cut, looked_up, readable, require_key, require_names
from bbs.models.records import OURS, Kind, Mutation, Record, delete, put
from bbs.models.state import Context, Effect, Outcome, View
from bbs.wire import task_pb2 as wire

Task = wire.Task

CANCELLED = b"task was cancelled"
NO_PLACE_FOR_MARK = (
    "a callback by guid needs data version 4000000001 or newer; the store is at {}; use /v1/tasks/desire.r2"
)


def desire(request: wire.DesireTaskRequest, view: View, context: Context) -> Outcome:
    """Stores a pending task and asks for a cell."""
    return _desired(request, view, context, by_guid=False)


def desire_r3(request: wire.DesireTaskRequest, view: View, context: Context) -> Outcome:
    """As `desire`, for a callback by guid alone. Refused where the layout has no place for the mark."""
    if context.data_version <= OURS:
        raise Refused(invalid_request(NO_PLACE_FOR_MARK.format(context.data_version)))
    return _desired(request, view, context, by_guid=True)


def names_callback(body: bytes) -> bool:
    """Whether a request names a callback: without one revision 3 says nothing that revision 2 does not."""
    try:
        return wire.DesireTaskRequest.FromString(body).task_definition.completion_callback_url != ""
    except DecodeError:
        return False


def _desired(request: wire.DesireTaskRequest, view: View, context: Context, *, by_guid: bool) -> Outcome:
    require_names(request.task_guid, request.domain)
    require_key(request.task_guid)
    if view.get(Kind.TASKS, request.task_guid) is not None:
        raise Refused(RESOURCE_EXISTS)
    task = Task(task_guid=request.task_guid, domain=request.domain, state=Task.Pending, callback_by_guid=by_guid)
    task.task_definition.CopyFrom(request.task_definition)
    task.created_at = task.updated_at = context.now
    return Outcome(b"", (stored(task),), (RequestTaskAuction(task_start(task)),))


def start(request: wire.StartTaskRequest, view: View, context: Context) -> Outcome:
    """A cell takes a pending task; the same cell may say so again, and is then told not to start it twice."""
    task = found(view, request.task_guid)
    if task.state == Task.Running and task.cell_id == request.cell_id:
        return Outcome(b"")
    if task.state != Task.Pending:
        raise Refused(invalid_state_transition(state_name(task), "Running"))
    require_names(request.cell_id)
    task.state = Task.Running
    task.cell_id = request.cell_id
    task.updated_at = context.now
    return Outcome(wire.StartTaskResponse(should_start=True).SerializeToString(), (stored(task),))


def complete(request: wire.CompleteTaskRequest, view: View, context: Context) -> Outcome:
    """The cell that runs the task reports its end."""
    task = found(view, request.task_guid)
    if task.state == Task.Running and task.cell_id != request.cell_id:
        raise Refused(running_on_different_cell(task.cell_id, readable(request.cell_id)))
    if task.state != Task.Running:
        raise Refused(invalid_state_transition(state_name(task), "Completed"))
    return completed(task, context, failed=request.failed, reason=request.failure_reason, result=request.result)


def cancel(request: wire.TaskGuidRequest, view: View, context: Context) -> Outcome:
    """Completes the task as failed and tells its cell, if it had one."""
    task = _unfinished(view, request.task_guid)
    cell_id = task.cell_id
    outcome = completed(task, context, failed=True, reason=CANCELLED)
    if not cell_id:
        return outcome
    return Outcome(b"", outcome.mutations, (*outcome.effects, CancelTask(task.task_guid, cell_id)))


def fail(request: wire.FailTaskRequest, view: View, context: Context) -> Outcome:
    """Completes the task as failed (deprecated)."""
    task = _unfinished(view, request.task_guid)
    return completed(task, context, failed=True, reason=request.failure_reason)


def reject(request: wire.RejectTaskRequest, view: View, context: Context) -> Outcome:
    """No cell took the task: it waits for the next auction, or fails once it was rejected too often before."""
    task = found(view, request.task_guid)
    exhausted = task.rejection_count >= context.max_task_retries
    if task.state not in (Task.Pending, Task.Running):
        if exhausted:
            raise Refused(invalid_state_transition(state_name(task), "Completed"))
        refusal = invalid_request(invalid_state_transition(state_name(task), "Pending").message)
        # Told as a change from nothing (as in the real BBS).
        return Outcome(refusal.response(), account=Account(shown=(Shown(task.task_guid, before=b""),)))
    task.state = Task.Pending
    task.rejection_count += 1
    task.rejection_reason = cut(request.rejection_reason)
    task.updated_at = context.now
    if not exhausted:
        return Outcome(b"", (stored(task),))
    rejected = Shown(task.task_guid, before=task.SerializeToString())
    outcome = completed(task, context, failed=True, reason=request.rejection_reason)
    return replace(outcome, account=Account(shown=(rejected,)))


def resolving(request: wire.TaskGuidRequest, view: View, context: Context) -> Outcome:
    """Somebody handles the completed task."""
    task = found(view, request.task_guid)
    if task.state != Task.Completed:
        raise Refused(invalid_state_transition(state_name(task), "Resolving"))
    task.state = Task.Resolving
    task.updated_at = context.now
    return Outcome(b"", (stored(task),))


def remove(request: wire.TaskGuidRequest, view: View, _context: Context) -> Outcome:
    """Deletes a resolved task."""
    task = found(view, request.task_guid)
    if task.state != Task.Resolving:
        raise Refused(invalid_state_transition(state_name(task), "Resolving"))
    return Outcome(b"", (delete(Kind.TASKS, task.task_guid),))


def completed(task: Task, context: Context, *, failed: bool, reason: bytes, result: bytes = b"") -> Outcome:
    """Ends a task: no cell any more, reason cut, callback due if there is a URL."""
    task.state = Task.Completed
    task.updated_at = task.first_completed_at = context.now
    task.cell_id = ""
    task.failed = failed
    task.failure_reason = cut(reason)
    task.result = result
    return Outcome(b"", (stored(task),), callback(task))


def callback(task: Task) -> tuple[Effect, ...]:
    """The callback of a completed task; none without URL."""
    url = task.task_definition.completion_callback_url
    return (CompleteTaskCallback(task.task_guid, url, task.callback_by_guid),) if url else ()


def found(view: View, task_guid: str) -> Task:
    """The stored task, parsed for an edit."""
    entry = view.get(Kind.TASKS, looked_up(task_guid))
    if entry is None:
        raise Refused(RESOURCE_NOT_FOUND)
    return Task.FromString(entry.data)


def stored(task: Task) -> Mutation:
    """The mutation that writes `task`."""
    return put(Record(Kind.TASKS, task.task_guid, task.SerializeToString()))


def state_name(task: Task) -> str:
    """The state as messages spell it."""
    return TASK_STATES[task.state] if 0 <= task.state < len(TASK_STATES) else str(task.state)


def _unfinished(view: View, task_guid: str) -> Task:
    task = found(view, task_guid)
    if task.state not in (Task.Pending, Task.Running):
        raise Refused(invalid_state_transition(state_name(task), "Completed"))
    return task
