"""Every transition of a task."""

import pytest

from bbs.models.effects import CancelTask, CompleteTaskCallback, RequestTaskAuction
from bbs.models.records import Kind
from bbs.wire import task_pb2 as wire
from tests.models import requests
from tests.models.board import BY_PATH, SECOND, Board, error_name, error_of

Task = wire.Task
CALLS = {
    "start": ("/tasks/start", wire.StartTaskRequest(task_guid="t", cell_id="cell-1")),
    "complete": ("/tasks/complete", wire.CompleteTaskRequest(task_guid="t", cell_id="cell-1", result=b"out")),
    "cancel": ("/tasks/cancel", wire.TaskGuidRequest(task_guid="t")),
    "fail": ("/tasks/fail", wire.FailTaskRequest(task_guid="t", failure_reason=b"why")),
    "reject": ("/tasks/reject", wire.RejectTaskRequest(task_guid="t", rejection_reason=b"no room")),
    "resolving": ("/tasks/resolving", wire.TaskGuidRequest(task_guid="t")),
    "delete": ("/tasks/delete", wire.TaskGuidRequest(task_guid="t")),
}
TABLE = [
    ("Pending", "start", "Running"),
    ("Pending", "complete", "Cannot transition from Pending to Completed"),
    ("Pending", "cancel", "Completed"),
    ("Pending", "fail", "Completed"),
    ("Pending", "reject", "Pending"),
    ("Pending", "resolving", "Cannot transition from Pending to Resolving"),
    ("Pending", "delete", "Cannot transition from Pending to Resolving"),
    ("Running", "start", "Running"),
    ("Running", "complete", "Completed"),
    ("Running", "cancel", "Completed"),
    ("Running", "fail", "Completed"),
    ("Running", "reject", "Pending"),
    ("Running", "resolving", "Cannot transition from Running to Resolving"),
    ("Running", "delete", "Cannot transition from Running to Resolving"),
    ("Completed", "start", "Cannot transition from Completed to Running"),
    ("Completed", "complete", "Cannot transition from Completed to Completed"),
    ("Completed", "cancel", "Cannot transition from Completed to Completed"),
    ("Completed", "fail", "Cannot transition from Completed to Completed"),
    ("Completed", "reject", "Cannot transition from Completed to Pending"),
    ("Completed", "resolving", "Resolving"),
    ("Completed", "delete", "Cannot transition from Completed to Resolving"),
    ("Resolving", "start", "Cannot transition from Resolving to Running"),
    ("Resolving", "complete", "Cannot transition from Resolving to Completed"),
    ("Resolving", "cancel", "Cannot transition from Resolving to Completed"),
    ("Resolving", "reject", "Cannot transition from Resolving to Pending"),
    ("Resolving", "fail", "Cannot transition from Resolving to Completed"),
    ("Resolving", "resolving", "Cannot transition from Resolving to Resolving"),
    ("Resolving", "delete", ""),
]


def in_state(board: Board, state: str, url: str = "") -> None:
    board.post("/tasks/desire.r2", requests.desire_task(url=url))
    for name in {"Pending": [], "Running": ["start"], "Completed": ["start", "complete"]}.get(
        state, ["start", "complete", "resolving"]
    ):
        call(board, name)
    board.effects.clear()


def call(board: Board, name: str) -> bytes:
    path, request = CALLS[name]
    return board.post(path, request)


def test_the_table_is_whole() -> None:
    states = ("Pending", "Running", "Completed", "Resolving")
    assert {(before, name) for before, name, _ in TABLE} == {(state, name) for state in states for name in CALLS}


@pytest.mark.parametrize(("before", "name", "after"), TABLE)
def test_a_task_goes_where_the_table_says(before: str, name: str, after: str) -> None:
    board = Board()
    in_state(board, before)
    response = call(board, name)
    if after.startswith("Cannot"):
        error = error_of(response)
        kind = error.InvalidRequest if name == "reject" else error.InvalidStateTransition
        assert (error.type, error.message) == (kind, after)
        assert (board.mutations, board.effects) == ((), [])
    elif after:
        assert Task.State.Name(board.task().state) == after
    else:
        assert board.records.get(Kind.TASKS, "t") is None


@pytest.mark.parametrize("name", CALLS)
def test_an_unknown_task_is_not_found(name: str) -> None:
    assert error_name(call(Board(), name)) == "ResourceNotFound"


def test_a_task_is_desired_once_and_auctioned() -> None:
    board = Board()
    assert board.post("/tasks/desire.r2", requests.desire_task()) == b""
    assert len(board.taken(RequestTaskAuction)) == 1
    assert error_name(board.post("/tasks/desire.r2", requests.desire_task())) == "ResourceExists"


def test_only_the_cell_that_runs_a_task_completes_it() -> None:
    board = Board()
    in_state(board, "Running")
    response = board.post("/tasks/complete", wire.CompleteTaskRequest(task_guid="t", cell_id="cell-2"))
    assert error_of(response).message == "Running on cell cell-1 not cell-2"


def test_completing_stamps_both_times_and_frees_the_cell() -> None:
    board = Board()
    in_state(board, "Running")
    board.now += SECOND
    call(board, "complete")
    task = board.task()
    assert (task.updated_at, task.first_completed_at, task.cell_id) == (board.now, board.now, "")
    assert task.result == b"out"


def test_the_fourth_rejection_fails_the_task() -> None:
    board = Board()
    in_state(board, "Pending")
    for _ in range(3):
        call(board, "reject")
        assert board.task().state == Task.Pending
    call(board, "reject")
    assert (board.task().state, board.task().failure_reason) == (Task.Completed, b"no room")
    assert error_of(call(board, "reject")).message == "Cannot transition from Completed to Completed"


@pytest.mark.parametrize("name", ["complete", "cancel", "fail"])
def test_the_callback_follows_only_with_a_url(name: str) -> None:
    for url in ("", "https://callback"):
        board = Board()
        in_state(board, "Running", url)
        call(board, name)
        assert len(board.taken(CompleteTaskCallback)) == bool(url)


def test_cancel_tells_the_cell_only_when_there_is_one() -> None:
    for state, told in (("Pending", 0), ("Running", 1)):
        board = Board()
        in_state(board, state)
        call(board, "cancel")
        assert len(board.taken(CancelTask)) == told


def test_tasks_are_listed_by_domain_and_cell() -> None:
    board = Board()
    in_state(board, "Running")
    board.post("/tasks/desire.r2", requests.desire_task("other"))
    listed = wire.TasksResponse.FromString(board.post("/tasks/list.r3", wire.TasksRequest(cell_id="cell-1")))
    assert [task.task_guid for task in listed.tasks] == ["t"]
    listed = wire.TasksResponse.FromString(board.post("/tasks/list.r3", wire.TasksRequest(domain="dom")))
    assert len(listed.tasks) == 2


def test_revision_3_marks_the_task_for_a_callback_by_guid() -> None:
    board = Board()
    board.post("/tasks/desire.r3", requests.desire_task(url="https://callback"))
    assert board.task().callback_by_guid
    board.post("/tasks/desire.r2", requests.desire_task("other", url="https://callback"))
    assert not board.task("other").callback_by_guid


@pytest.mark.parametrize("data_version", [0, 1451635200, 1772581987])
def test_revision_3_is_refused_where_the_layout_has_no_place_for_its_mark(data_version: int) -> None:
    board = Board(data_version=data_version)
    error = error_of(board.post("/tasks/desire.r3", requests.desire_task(url="https://callback")))
    assert (error.type, board.records.entries(Kind.TASKS)) == (error.InvalidRequest, [])
    assert str(data_version) in error.message


@pytest.mark.parametrize(
    ("body", "there"),
    [
        (requests.desire_task(url="https://callback").SerializeToString(), True),
        (requests.desire_task().SerializeToString(), False),
        (b"", False),
        (b"\xff", False),
    ],
)
def test_revision_3_is_there_only_for_tasks_with_a_callback(body: bytes, there: bool) -> None:
    assert BY_PATH["/v1/tasks/desire.r3"].exists(body) is there


@pytest.mark.parametrize(("retries", "rejections"), [(0, 1), (1, 2), (3, 4)])
def test_the_rejection_after_the_last_one_allowed_fails_the_task(retries: int, rejections: int) -> None:
    board = Board(max_task_retries=retries)
    board.post("/tasks/desire.r2", requests.desire_task())
    seen = []
    for _ in range(rejections):
        board.post(*CALLS["reject"])
        seen.append(board.task().state)
    assert seen == [Task.Pending] * retries + [Task.Completed]
