"""Which cells an event is about, and whose request id it carries."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message

from bbs.models.events import Channel
from bbs.models.rules import traced
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import task_pb2 as task
from tests.models import requests
from tests.models.board import BY_PATH
from tests.models.telling import TellingBoard

INSTANCES, GROUPS = Channel.INSTANCES, Channel.GROUPS
TRACE = "7b3e1a2c"


def in_state(state: str) -> TellingBoard:
    board = TellingBoard(cells={"cell-1", "cell-2"})
    if state:
        requests.in_state(board, state)
    return board


def passed(board: TellingBoard, channel: Channel, cell_id: str) -> list[str]:
    """What a subscriber of one cell is told of the last call, in words."""
    told = board.told(channel)
    events = board.events[channel]
    return [words for words, one in zip(told, events, strict=True) if one.cells is None or cell_id in one.cells]


def test_an_unclaimed_instance_is_seen_by_no_cell_until_it_is_claimed() -> None:
    board = in_state("")
    board.post("/desired_lrp/desire.r2", requests.lrp())
    assert passed(board, INSTANCES, "cell-1") == passed(board, GROUPS, "cell-1") == []
    board.post("/actual_lrps/claim", requests.claim())
    assert passed(board, INSTANCES, "cell-1") == ["changed ig UNCLAIMED>CLAIMED"]
    assert passed(board, GROUPS, "cell-1") == ["changed - UNCLAIMED>ig CLAIMED"]
    assert passed(board, INSTANCES, "cell-2") == passed(board, GROUPS, "cell-2") == []


def test_a_changed_instance_is_seen_by_its_new_cell_and_a_changed_group_by_both() -> None:
    board = in_state("CLAIMED")
    board.post("/actual_lrps/start.r1", requests.start("new", "cell-2"))
    assert passed(board, INSTANCES, "cell-1") == []
    assert passed(board, INSTANCES, "cell-2") == ["changed new CLAIMED>RUNNING"]
    assert passed(board, GROUPS, "cell-1") == ["removed ig CLAIMED"]
    assert passed(board, GROUPS, "cell-2") == ["created new RUNNING"]


def test_a_crash_is_seen_by_the_cell_that_had_the_instance() -> None:
    board = in_state("RUNNING")
    board.post("/actual_lrps/crash", requests.crash())
    assert passed(board, INSTANCES, "cell-1") == ["crashed ig 1", "removed ig RUNNING"]
    assert passed(board, GROUPS, "cell-1") == ["crashed ig 1", "changed ig RUNNING>- UNCLAIMED"]
    assert passed(board, INSTANCES, "cell-2") == passed(board, GROUPS, "cell-2") == []


def test_a_changed_instance_without_a_cell_is_seen_by_the_cell_it_had() -> None:
    board = in_state("RUNNING")
    for _ in range(2):
        board.post("/actual_lrps/crash", requests.crash())
        board.post("/actual_lrps/start.r1", requests.start())
    board.post("/actual_lrps/crash", requests.crash())
    assert passed(board, INSTANCES, "cell-1") == ["crashed ig 3", "changed ig RUNNING>CRASHED"]
    assert passed(board, GROUPS, "cell-1") == ["crashed ig 3", "changed ig RUNNING>- CRASHED"]


def test_a_group_counts_for_the_row_that_it_stands_for() -> None:
    """The instance once it runs or has crashed, the evacuating one until then."""
    board = in_state("RUNNING")
    board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running())
    assert passed(board, GROUPS, "cell-1") == ["created /ig RUNNING", "changed ig RUNNING>- UNCLAIMED"]
    board.post("/actual_lrps/start.r1", requests.start("new", "cell-2"))
    assert passed(board, GROUPS, "cell-1") == ["removed /ig RUNNING"]
    assert passed(board, GROUPS, "cell-2") == ["changed - UNCLAIMED>new RUNNING"]


def test_desired_lrps_and_tasks_are_seen_whatever_the_cell() -> None:
    board = in_state("")
    board.post("/desired_lrp/desire.r2", requests.lrp())
    assert passed(board, Channel.DESIRED, "cell-9") == passed(board, Channel.DESIRED_R0, "cell-9") == ["created"]
    board.post("/tasks/desire.r2", requests.desire_task())
    assert passed(board, Channel.TASKS, "cell-9") == ["created"]


def by_keys(message: type, **members: object) -> Message:
    request = requests.keyed(message)
    for name, value in members.items():
        setattr(request, name, value)
    return request  # type: ignore[no-any-return]


GROWN = desired.UpdateDesiredLRPRequest(process_guid="pg", update={"instances": 2})
NOT_PLACED = actual.FailActualLRPRequest(actual_lrp_key=requests.key(), error_message=b"why")
CRASHED = by_keys(actual.EvacuateCrashedActualLRPRequest, error_message=b"why")
CALLS = [
    ("", "/desired_lrp/desire.r2", requests.lrp(), True),
    ("UNCLAIMED", "/desired_lrp/update", GROWN, True),
    ("UNCLAIMED", "/desired_lrp/remove", desired.RemoveDesiredLRPRequest(process_guid="pg"), True),
    ("RUNNING", "/actual_lrps/retire", requests.retire(), True),
    ("UNCLAIMED", "/actual_lrps/claim", requests.claim(), False),
    ("CLAIMED", "/actual_lrps/start.r1", requests.start(), False),
    ("CLAIMED", "/actual_lrps/start", requests.start(), False),
    ("RUNNING", "/actual_lrps/crash", requests.crash(), False),
    ("UNCLAIMED", "/actual_lrps/fail", NOT_PLACED, False),
    ("RUNNING", "/actual_lrps/remove", requests.remove(), False),
    ("CLAIMED", "/actual_lrps/evacuate_claimed", by_keys(actual.EvacuateClaimedActualLRPRequest), False),
    ("RUNNING", "/actual_lrps/evacuate_crashed", CRASHED, False),
    ("RUNNING", "/actual_lrps/evacuate_stopped", by_keys(actual.EvacuateStoppedActualLRPRequest), False),
    ("RUNNING", "/actual_lrps/evacuate_running.r1", requests.evacuate_running(), False),
]  # fmt: skip


@pytest.mark.parametrize(("state", "path", "request_", "carried"), CALLS, ids=[path for _, path, _, _ in CALLS])
def test_the_callers_request_id_is_told_by_four_calls_and_no_others(
    state: str, path: str, request_: Message, carried: bool
) -> None:
    board, route = in_state(state), BY_PATH[f"/v1{path}"]
    assert route.kind == "transition"
    transition = route.handle(request_.SerializeToString())
    if route.traced:
        board.trace_id = TRACE
        transition = traced(transition, TRACE)
    board.run(transition)
    told = [*board.messages(Channel.DESIRED), *board.messages(INSTANCES)]
    ids = {message.trace_id for message in told if hasattr(message, "trace_id")}
    assert ids == ({TRACE} if carried else {""})


def test_crashes_groups_and_tasks_have_no_place_for_a_request_id() -> None:
    board = in_state("RUNNING")
    board.trace_id = TRACE
    board.post("/actual_lrps/crash", requests.crash())
    assert not hasattr(board.messages(INSTANCES)[0], "trace_id")
    assert not any(hasattr(message, "trace_id") for message in board.messages(GROUPS))
    board.post("/tasks/desire.r2", requests.desire_task())
    board.post("/tasks/cancel", task.TaskGuidRequest(task_guid="t"))
    assert TRACE.encode() not in board.events[Channel.TASKS][0].payload
