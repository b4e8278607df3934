"""Task convergence, rule by rule."""

import pytest

from bbs.convergence import Timing, task_steps
from bbs.convergence.tasks import ConvergeTask
from bbs.models.effects import CompleteTaskCallback, RequestTaskAuction
from bbs.models.records import Kind
from bbs.wire import task_pb2 as wire
from tests.models import requests
from tests.models.board import SECOND, Board


def converge(board: Board, seconds: int) -> None:
    board.now += seconds * SECOND
    for step in task_steps(board.records, board.context):
        board.run(step)


def desired(board: Board, *calls: str) -> None:
    board.post("/tasks/desire.r2", requests.desire_task(url="https://callback"))
    if "start" in calls:
        board.post("/tasks/start", wire.StartTaskRequest(task_guid="t", cell_id="cell-1"))
    if "complete" in calls:
        board.post("/tasks/complete", wire.CompleteTaskRequest(task_guid="t", cell_id="cell-1"))
    if "resolving" in calls:
        board.post("/tasks/resolving", wire.TaskGuidRequest(task_guid="t"))
    board.effects.clear()


def test_a_pending_task_is_auctioned_in_every_run_until_it_expires() -> None:
    board = Board()
    desired(board)
    converge(board, 1)
    converge(board, 1)
    assert len(board.taken(RequestTaskAuction)) == 2
    converge(board, 1800)
    assert board.task().failure_reason == b"not started within time limit"
    assert board.taken(CompleteTaskCallback) == []


def test_a_running_task_fails_with_its_cell_and_keeps_its_name() -> None:
    board = Board()
    desired(board, "start")
    converge(board, 1)
    assert (board.task().failure_reason, board.task().cell_id) == (b"cell disappeared before completion", "cell-1")


def test_a_new_master_fails_no_task_early() -> None:
    board = Board()
    board.serving_since = board.now
    desired(board, "start")
    converge(board, 44)
    assert board.task().state == wire.Task.Running


def test_a_task_left_resolving_is_completed_again() -> None:
    board = Board()
    desired(board, "start", "complete", "resolving")
    converge(board, 31)
    assert board.task().state == wire.Task.Completed


def test_a_completed_task_is_called_back_again_and_forgotten_in_the_end() -> None:
    board = Board()
    desired(board, "start", "complete")
    converge(board, 31)
    assert len(board.taken(CompleteTaskCallback)) == 1
    converge(board, 90)
    assert board.records.get(Kind.TASKS, "t") is None


def test_a_task_kept_completed_is_notified_by_guid_again_and_collected_in_the_end() -> None:
    board = Board()
    board.post("/tasks/desire.r3", requests.desire_task(url="https://callback"))
    board.post("/tasks/start", wire.StartTaskRequest(task_guid="t", cell_id="cell-1"))
    board.post("/tasks/complete", wire.CompleteTaskRequest(task_guid="t", cell_id="cell-1"))
    board.effects.clear()
    for _ in range(3):
        converge(board, 31)
    assert board.taken(CompleteTaskCallback) == [CompleteTaskCallback("t", "https://callback", by_guid=True)] * 3
    assert board.task().state == wire.Task.Completed
    converge(board, 31)
    assert board.records.get(Kind.TASKS, "t") is None


def test_a_task_resolved_but_never_deleted_is_completed_again_and_notified() -> None:
    board = Board()
    board.post("/tasks/desire.r3", requests.desire_task(url="https://callback"))
    board.post("/tasks/start", wire.StartTaskRequest(task_guid="t", cell_id="cell-1"))
    board.post("/tasks/complete", wire.CompleteTaskRequest(task_guid="t", cell_id="cell-1"))
    board.post("/tasks/resolving", wire.TaskGuidRequest(task_guid="t"))
    board.effects.clear()
    converge(board, 31)
    converge(board, 1)
    assert board.taken(CompleteTaskCallback) == [CompleteTaskCallback("t", "https://callback", by_guid=True)]


def test_without_presences_tasks_expire_and_are_called_back_and_running_ones_stay() -> None:
    board = Board(cells=None)
    blind = Timing(presences=False)
    desired(board, "start")
    board.now += SECOND
    for step in task_steps(board.records, board.context, blind):
        board.run(step)
    assert board.task().state == wire.Task.Running
    board.post("/tasks/complete", wire.CompleteTaskRequest(task_guid="t", cell_id="cell-1"))
    board.now += 121 * SECOND
    for step in task_steps(board.records, board.context, blind):
        board.run(step)
    assert board.records.get(Kind.TASKS, "t") is None


@pytest.mark.parametrize(("seconds", "gone"), [(44, False), (46, True)])
def test_a_new_master_forgets_no_task_early_however_short_its_time_is(seconds: int, gone: bool) -> None:
    board = Board()
    board.serving_since = board.now
    desired(board, "start", "complete")
    board.now += seconds * SECOND
    board.run(ConvergeTask("t", Timing(expire_completed_task=SECOND)))
    assert (board.records.get(Kind.TASKS, "t") is None) is gone


@pytest.mark.parametrize(("seconds", "state"), [(44, wire.Task.Pending), (46, wire.Task.Completed)])
def test_a_new_master_expires_no_pending_task_early_however_short_its_time_is(seconds: int, state: int) -> None:
    board = Board()
    board.serving_since = board.now
    desired(board)
    board.now += seconds * SECOND
    board.run(ConvergeTask("t", Timing(expire_pending_task=SECOND)))
    assert board.task().state == state


@pytest.mark.parametrize(("seconds", "state"), [(30, wire.Task.Resolving), (31, wire.Task.Completed)])
def test_a_task_is_left_to_who_resolves_it_for_half_a_minute(seconds: int, state: int) -> None:
    board = Board()
    desired(board, "start", "complete", "resolving")
    board.now += seconds * SECOND
    before = board.task().updated_at
    board.run(ConvergeTask("t", Timing()))
    assert (board.task().state, board.task().updated_at) == (state, before)
