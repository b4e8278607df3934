"""Task convergence: tasks that nobody started, whose cell is gone, or whose end nobody handled.

As for LRPs the scan orders and the step decides. Rules are numbered as in docs/reference/convergence.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from bbs.convergence.slices import Slices, sliced
from bbs.convergence.timing import Timing, older
from bbs.models.auction import task_start
from bbs.models.effects import RequestTaskAuction
from bbs.models.index import TASK_STATES
from bbs.models.records import Kind, delete
from bbs.models.state import Context, Entry, Outcome, Transition, View
from bbs.models.tasks.lifecycle import callback, completed, stored
from bbs.wire.index_pb2 import Task as IndexedTask
from bbs.wire.task_pb2 import Task

NOT_STARTED = b"not started within time limit"
CELL_DISAPPEARED = b"cell disappeared before completion"

_UNCHANGED = Outcome(b"")
_, PENDING, RUNNING, COMPLETED, RESOLVING = TASK_STATES


def task_steps(view: View, context: Context, timing: Timing | None = None) -> Iterator[Transition]:
    """The transitions of one run; none when the cells could not be asked for. Auctions belong in one call."""
    return chain.from_iterable(task_slices(view, context, timing))


def task_slices(view: View, context: Context, timing: Timing | None = None) -> Slices:
    """The same in slices, for a caller that has other things to do meanwhile."""
    if context.cells is None:
        return
    timing = timing or Timing()
    for part in sliced(list(view.entries(Kind.TASKS))):
        yield [
            ConvergeTask(entry.key, timing) for entry in part if _needs_a_look(entry, context.cells, context, timing)
        ]


def _needs_a_look(entry: Entry, cells: frozenset[str], context: Context, timing: Timing) -> bool:
    if entry.state == PENDING:
        return True
    if entry.state == RUNNING:
        return entry.cell_id not in cells
    return older(
        IndexedTask.FromString(entry.data).updated_at, min(timing.kick_task, timing.expire_completed_task), context
    )


@dataclass(frozen=True, slots=True)
class ConvergeTask:
    """The step of one task; a transition."""

    task_guid: str
    timing: Timing

    def __call__(self, view: View, context: Context) -> Outcome:
        entry = view.get(Kind.TASKS, self.task_guid)
        if entry is None or context.cells is None:
            return _UNCHANGED
        task = Task.FromString(entry.data)
        match entry.state:
            case "Pending":
                return self._pending(task, context)
            case "Running" if task.cell_id not in context.cells and self.timing.may_destroy(context):
                return _cell_gone(task, context)
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


def _cell_gone(task: Task, context: Context) -> Outcome:
    """3: the task keeps the id of its cell, as in the real BBS."""
    cell_id = task.cell_id
    completed(task, context, failed=True, reason=CELL_DISAPPEARED)
    task.cell_id = cell_id
    return Outcome(b"", (stored(task),))


def _without_callback(outcome: Outcome) -> Outcome:
    """A task that convergence completes gets its first callback through rule 6."""
    return Outcome(outcome.response, outcome.mutations)
