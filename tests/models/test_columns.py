"""Names are as long as the real BBS's columns take them: one character more is an invalid request."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from google.protobuf.message import Message

from bbs.models.records import Kind
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import core_pb2 as core
from bbs.wire import task_pb2 as task
from tests.models import requests
from tests.models.board import Board, error_of

LETTER = "é"
"""Two bytes: characters are counted."""


def lrp(field: str, value: str) -> Message:
    request = requests.lrp()
    setattr(request.desired_lrp, field, value)
    return request


def started(field: str, value: str) -> Message:
    request = requests.start()
    match field:
        case "instance_guid" | "cell_id":
            setattr(request.actual_lrp_instance_key, field, value)
        case "process_guid" | "domain":
            setattr(request.actual_lrp_key, field, value)
        case _:
            request.availability_zone = value
    return request


def desired_task(field: str, value: str) -> Message:
    request = requests.desire_task()
    setattr(request, field, value)
    return request


GUID = "a"
CASES: dict[str, tuple[int, str, str, Callable[[str], Message]]] = {
    "domain": (255, LETTER, "/domains/upsert", lambda value: core.UpsertDomainRequest(domain=value)),
    "LRP process_guid": (255, GUID, "/desired_lrp/desire.r2", lambda value: lrp("process_guid", value)),
    "LRP domain": (255, LETTER, "/desired_lrp/desire.r2", lambda value: lrp("domain", value)),
    "LRP log_guid": (255, LETTER, "/desired_lrp/desire.r2", lambda value: lrp("log_guid", value)),
    "LRP rootfs": (
        1024 - len("docker:///"),
        GUID,
        "/desired_lrp/desire.r2",
        lambda v: lrp("root_fs", f"docker:///{v}"),
    ),
    "task guid": (255, GUID, "/tasks/desire.r2", lambda value: desired_task("task_guid", value)),
    "task domain": (255, LETTER, "/tasks/desire.r2", lambda value: desired_task("domain", value)),
    "task cell": (255, LETTER, "/tasks/start", lambda value: requests.start_task(cell=value)),
    "claim instance_guid": (255, LETTER, "/actual_lrps/claim", requests.claim),
    "claim cell": (255, LETTER, "/actual_lrps/claim", lambda value: requests.claim(cell=value)),
    "start process_guid": (255, GUID, "/actual_lrps/start.r1", lambda value: started("process_guid", value)),
    "start instance_guid": (255, LETTER, "/actual_lrps/start.r1", lambda value: started("instance_guid", value)),
    "start cell": (255, LETTER, "/actual_lrps/start.r1", lambda value: started("cell_id", value)),
    "start zone": (255, LETTER, "/actual_lrps/start.r1", lambda value: started("availability_zone", value)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_name_may_be_as_long_as_its_column_and_no_longer(name: str) -> None:
    limit, letter, path, request = CASES[name]
    for length, fits in ((limit, True), (limit + 1, False)):
        board = Board()
        if "process_guid" not in name and name.startswith(("start", "claim")):
            requests.in_state(board, "UNCLAIMED")
        if name == "task cell":
            board.post("/tasks/desire.r2", requests.desire_task())
        answer = board.post(path, request(letter * length))
        error = error_of(answer)
        expected = (0, "") if fits else (error.InvalidRequest, "the request received is invalid")
        assert (error.type, error.message, bool(board.mutations)) == (*expected, fits)


def test_the_rootfs_of_a_task_has_no_limit() -> None:
    board, request = Board(), requests.desire_task()
    request.task_definition.root_fs = "docker:///" + "a" * 5000
    assert board.post("/tasks/desire.r2", request) == b""


@pytest.mark.parametrize(
    ("path", "request_"),
    [
        ("/tasks/get_by_task_guid.r3", task.TaskByGuidRequest(task_guid="a" * 2000)),
        ("/tasks/cancel", task.TaskGuidRequest(task_guid="a" * 2000)),
        ("/actual_lrps/remove", actual.RemoveActualLRPRequest(process_guid="a" * 2000)),
    ],
)
def test_a_name_too_long_to_be_stored_is_merely_not_found(path: str, request_: Message) -> None:
    error = error_of(Board().post(path, request_))
    assert error.type == error.ResourceNotFound


@pytest.mark.parametrize("presence", ["found", "new"])
def test_an_evacuating_row_with_a_name_too_long_is_not_made_and_the_container_kept(presence: str) -> None:
    board = Board()
    requests.in_state(board, "UNCLAIMED")
    request = requests.evacuate_running("a" * 256 if presence == "found" else "ig", "c" * 256)
    answer = actual.EvacuationResponse.FromString(board.post("/actual_lrps/evacuate_running.r1", request))
    assert (answer.error.type, answer.keep_container) == (core.Error.InvalidRequest, True)
    assert len(board.records.entries(Kind.ACTUAL_LRPS)) == 1
