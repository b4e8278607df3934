"""What each call leaves in a task, and what it asks for."""

from __future__ import annotations

import pytest

from bbs.models.effects import CancelTask, CompleteTaskCallback, RequestTaskAuction
from bbs.models.records import Kind
from bbs.models.state import Effect
from bbs.wire import task_pb2 as wire
from tests.models import requests
from tests.models.board import SECOND, START, Board, error_of

Task = wire.Task
LONG = b"r" * 1500
CUT = b"r" * 1013 + b"(truncated)"
URL = "https://callback"


def desired(board: Board, url: str = "") -> Board:
    board.post("/tasks/desire.r2", requests.desire_task(url=url))
    board.effects.clear()
    board.now += SECOND
    return board


def running(board: Board, url: str = "") -> Board:
    desired(board, url).post("/tasks/start", requests.start_task())
    board.now += SECOND
    return board


def completed(board: Board, **members: object) -> Task:
    running(board).post("/tasks/complete", wire.CompleteTaskRequest(task_guid="t", cell_id="cell-1", **members))  # type: ignore[arg-type]
    return board.task()


def rejected(board: Board, reason: bytes = b"full") -> bytes:
    return board.post("/tasks/reject", wire.RejectTaskRequest(task_guid="t", rejection_reason=reason))


def test_a_desired_task_is_pending_since_now_and_was_never_completed() -> None:
    task = desired(Board()).task()
    assert (task.state, task.created_at, task.updated_at, task.first_completed_at) == (Task.Pending, START, START, 0)
    assert (task.cell_id, task.rejection_count, task.failed) == ("", 0, False)


def test_a_started_task_names_its_cell_and_when() -> None:
    task = running(Board()).task()
    assert (task.state, task.cell_id, task.created_at, task.updated_at) == (
        Task.Running,
        "cell-1",
        START,
        START + SECOND,
    )


def test_a_repeated_start_changes_nothing() -> None:
    board = running(Board())
    assert board.post("/tasks/start", requests.start_task()) == b""
    assert (board.mutations, board.effects) == ((), [])


def test_another_cell_can_not_start_a_running_task() -> None:
    error = error_of(running(Board()).post("/tasks/start", requests.start_task(cell="cell-2")))
    assert (error.type, error.message) == (error.InvalidStateTransition, "Cannot transition from Running to Running")


@pytest.mark.parametrize("failed", [False, True])
def test_a_completed_task_keeps_what_its_cell_said_be_it_failed_or_not(failed: bool) -> None:
    task = completed(Board(), failed=failed, failure_reason=b"why", result=b"out")
    assert (task.failed, task.failure_reason, task.result) == (failed, b"why", b"out")


def test_a_reason_is_cut_and_a_result_is_not() -> None:
    task = completed(Board(), failure_reason=LONG, result=LONG)
    assert (task.failure_reason, task.result) == (CUT, LONG)


@pytest.mark.parametrize(
    ("path", "request_", "reason"),
    [
        ("/tasks/cancel", wire.TaskGuidRequest(task_guid="t"), b"task was cancelled"),
        ("/tasks/fail", wire.FailTaskRequest(task_guid="t", failure_reason=LONG), CUT),
    ],
)
@pytest.mark.parametrize("prepare", [desired, running])
def test_a_cancelled_or_failed_task_has_failed_without_result(path, request_, reason, prepare) -> None:  # type: ignore[no-untyped-def]
    board = prepare(Board())
    assert board.post(path, request_) == b""
    task = board.task()
    assert (task.state, task.failed, task.failure_reason, task.result) == (Task.Completed, True, reason, b"")
    assert (task.cell_id, task.updated_at, task.first_completed_at) == ("", board.now, board.now)


def test_a_rejected_task_is_pending_with_count_reason_and_still_its_cell() -> None:
    board = running(Board())
    assert rejected(board, LONG) == b""
    task = board.task()
    assert (task.state, task.rejection_count, task.rejection_reason) == (Task.Pending, 1, CUT)
    assert (task.cell_id, task.updated_at, board.effects) == ("cell-1", board.now, [])


def test_a_rejected_task_whose_cell_stays_is_cancelled_there() -> None:
    board = running(Board())
    rejected(board)
    board.post("/tasks/cancel", wire.TaskGuidRequest(task_guid="t"))
    assert board.effects == [CancelTask("t", "cell-1")]


def test_a_running_task_is_failed_by_the_fourth_rejection_with_its_reason_and_called_back() -> None:
    board = running(Board(), URL)
    for number in range(4):
        rejected(board, b"full %d" % number)
    task = board.task()
    assert (task.state, task.failed, task.failure_reason) == (Task.Completed, True, b"full 3")
    assert board.effects == [CompleteTaskCallback("t", URL)]


def test_a_task_that_is_resolved_says_when_and_asks_for_nothing() -> None:
    board = Board()
    completed(board)
    board.now += SECOND
    board.effects.clear()
    assert board.post("/tasks/resolving", wire.TaskGuidRequest(task_guid="t")) == b""
    task = board.task()
    assert (task.state, task.updated_at, task.first_completed_at) == (Task.Resolving, board.now, board.now - SECOND)
    assert board.effects == []


def test_lists_join_domain_and_cell_and_a_rejected_task_is_still_on_its_cell() -> None:
    board = running(Board())
    rejected(board)

    def listed(**members: str) -> list[str]:
        answer = board.post("/tasks/list.r3", wire.TasksRequest(**members))
        return [task.task_guid for task in wire.TasksResponse.FromString(answer).tasks]

    assert listed(domain="dom", cell_id="cell-1") == ["t"]
    assert listed(domain="other", cell_id="cell-1") == listed(domain="dom", cell_id="cell-2") == []
    assert listed() == ["t"]


PREPARED = {
    "/tasks/start": desired,
    "/tasks/reject": desired,
    "/tasks/complete": running,
    "/tasks/cancel": running,
    "/tasks/fail": running,
}
ASKED: dict[str, list[Effect]] = {
    "/tasks/start": [],
    "/tasks/reject": [],
    "/tasks/complete": [CompleteTaskCallback("t", URL)],
    "/tasks/cancel": [CompleteTaskCallback("t", URL), CancelTask("t", "cell-1")],
    "/tasks/fail": [CompleteTaskCallback("t", URL)],
}
SAID = {
    "/tasks/start": requests.start_task(),
    "/tasks/reject": wire.RejectTaskRequest(task_guid="t", rejection_reason=b"full"),
    "/tasks/complete": wire.CompleteTaskRequest(task_guid="t", cell_id="cell-1"),
    "/tasks/cancel": wire.TaskGuidRequest(task_guid="t"),
    "/tasks/fail": wire.FailTaskRequest(task_guid="t", failure_reason=b"why"),
}


@pytest.mark.parametrize("path", ASKED)
def test_a_call_asks_for_this_and_no_more(path: str) -> None:
    board = PREPARED[path](Board(), URL)
    board.post(path, SAID[path])
    assert board.effects == ASKED[path]


def test_a_desired_task_is_auctioned_once() -> None:
    board = Board()
    board.post("/tasks/desire.r2", requests.desire_task(url=URL))
    [auction] = board.effects
    assert isinstance(auction, RequestTaskAuction)
    board.post("/tasks/desire.r2", requests.desire_task(url=URL))
    assert board.effects == [auction]


def test_a_deleted_task_is_gone() -> None:
    board = Board()
    completed(board)
    for path in ("/tasks/resolving", "/tasks/delete"):
        assert board.post(path, wire.TaskGuidRequest(task_guid="t")) == b""
    assert board.records.get(Kind.TASKS, "t") is None
