"""Task convergence: tasks that nobody started, whose cell is gone, or whose end nobody handled.

The agenda orders and the step decides. Rules are numbered as in docs/reference/convergence.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from bbs.convergence.timing import Timing, older
from bbs.models.auction import task_start
from bbs.models.effects import RequestTaskAuction
from bbs.models.index import TASK_STATES
from bbs.models.records import Kind, delete
from bbs.models.state import Context, Entry, Outcome, View
from bbs.models.tasks.lifecycle import callback, completed, stored
from bbs.wire.index_pb2 import Task as IndexedTask
from bbs.wire.task_pb2 import Task

NOT_STARTED = b"not started within time limit"
CELL_DISAPPEARED = b"cell disappeared before completion"

_UNCHANGED = Outcome(b"")
_, PENDING, RUNNING, COMPLETED, RESOLVING = TASK_STATES


def settled(entry: Entry, cells: frozenset[str] | None) -> bool:
    """Whether a task stays as it is until it changes or its cell goes; any other is looked at in each run."""
    return entry.state == RUNNING and (cells is None or entry.cell_id in cells)


def needs_a_step(entry: Entry, cells: frozenset[str] | None, context: Context, timing: Timing) -> bool:
    """Whether a step may find something to do now; never too strict."""
    if entry.state == PENDING:
        return True
    if entry.state == RUNNING:
        return not settled(entry, cells)
    shortest = min(timing.kick_task, timing.expire_completed_task)
    return older(IndexedTask.FromString(entry.data).updated_at, shortest, context)


@dataclass(frozen=True, slots=True)
class ConvergeTask:
    """The step of one task; a transition."""

    task_guid: str
    timing: Timing

    def seen(self, view: View) -> Entry | None:
        """The task as it stands before the step."""
        return view.get(Kind.TASKS, self.task_guid)

    def __call__(self, view: View, context: Context) -> Outcome:
        entry = self.seen(view)
        if entry is None or not self.timing.may_run(context):
            return _UNCHANGED
        task = Task.FromString(entry.data)
        match entry.state:
            case "Pending":
                return self._pending(task, context)
            case "Running" if context.cells is not None and task.cell_id not in context.cells:
                return _cell_gone(task, context) if self.timing.may_destroy(context) else _UNCHANGED
            case "Resolving" if older(task.updated_at, self.timing.kick_task, context):
                task.state = Task.Completed
                return Outcome(b"", (stored(task),))
            case "Completed":
                return self._completed(task, context)
        return _UNCHANGED

    def _pending(self, task: Task, context: Context) -> Outcome:
        """1, 2: too old, or auctioned again in every run."""
        if not older(task.created_at, self.timing.expire_pending_task, context):
            return Outcome(b"", effects=(RequestTaskAuction(task_start(task)),))
        if not self.timing.may_destroy(context):
            return _UNCHANGED
        return _without_callback(completed(task, context, failed=True, reason=NOT_STARTED))

    def _completed(self, task: Task, context: Context) -> Outcome:
        """5, 6: forgotten in the end; until then its callback is sent again."""
        expired = older(task.first_completed_at, self.timing.expire_completed_task, context)
        if expired and self.timing.may_destroy(context):
            return Outcome(b"", (delete(Kind.TASKS, task.task_guid),))
        kicked = older(task.updated_at, self.timing.kick_task, context)
        return Outcome(b"", effects=callback(task)) if kicked else _UNCHANGED


def kicked(before: Entry, outcome: Outcome) -> bool:
    """Whether a step counts as a kick: rules 1, 2, 3 and 6; the way back from Resolving (4) and the end (5) do not."""
    moved = any(change.record is not None for change in outcome.mutations) and before.state != RESOLVING
    return moved or bool(outcome.effects)


def _cell_gone(task: Task, context: Context) -> Outcome:
    """3: the task keeps the id of its cell, as in the real BBS."""
    cell_id = task.cell_id
    completed(task, context, failed=True, reason=CELL_DISAPPEARED)
    task.cell_id = cell_id
    return Outcome(b"", (stored(task),))


def _without_callback(outcome: Outcome) -> Outcome:
    """A task that convergence completes gets its first callback through rule 6."""
    return Outcome(outcome.response, outcome.mutations)
