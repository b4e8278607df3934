"""The errors of the API: numbers, exact texts, and which call answers which."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message

from bbs.models import errors
from bbs.models.routes import ROUTES
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import core_pb2 as core
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import task_pb2 as task
from tests.models import requests
from tests.models.board import Board, error_of

NOT_FOUND = (13, "the requested resource could not be found")
EXISTS = (12, "the requested resource already exists")
NO_GUIDS = (4, "process_guids must not be empty")
INVALID = (4, "the request received is invalid")

TEXTS = [
    (errors.INVALID_REQUEST, 4, "the request received is invalid"),
    (errors.invalid_state_transition("Pending", "Running"), 9, "Cannot transition from Pending to Running"),
    (errors.RESOURCE_EXISTS, 12, "the requested resource already exists"),
    (errors.RESOURCE_NOT_FOUND, 13, "the requested resource could not be found"),
    (errors.CANNOT_BE_CLAIMED, 15, "cannot claim actual LRP"),
    (errors.CANNOT_BE_STARTED, 16, "cannot start actual LRP"),
    (errors.CANNOT_BE_CRASHED, 17, "cannot crash actual LRP"),
    (errors.CANNOT_BE_FAILED, 18, "cannot fail actual LRP"),
    (errors.CANNOT_BE_REMOVED, 19, "cannot remove actual LRP"),
    (errors.CANNOT_BE_UNCLAIMED, 21, "cannot unclaim actual LRP"),
    (errors.running_on_different_cell("a", "b"), 24, "Running on cell a not b"),
]

NUMBERS = {
    "UnknownError": 0,
    "InvalidRecord": 3,
    "InvalidRequest": 4,
    "InvalidResponse": 5,
    "InvalidProtobufMessage": 6,
    "InvalidJSON": 7,
    "FailedToOpenEnvelope": 8,
    "InvalidStateTransition": 9,
    "ResourceConflict": 11,
    "ResourceExists": 12,
    "ResourceNotFound": 13,
    "RouterError": 14,
    "ActualLRPCannotBeClaimed": 15,
    "ActualLRPCannotBeStarted": 16,
    "ActualLRPCannotBeCrashed": 17,
    "ActualLRPCannotBeFailed": 18,
    "ActualLRPCannotBeRemoved": 19,
    "ActualLRPCannotBeUnclaimed": 21,
    "RunningOnDifferentCell": 24,
    "GUIDGeneration": 26,
    "Deserialize": 27,
    "Deadlock": 28,
    "Unrecoverable": 29,
    "LockCollision": 30,
    "Timeout": 31,
}

BY_KEYS = requests.keyed
FAIL = actual.FailActualLRPRequest(actual_lrp_key=requests.key(), error_message=b"why")
UPDATE = desired.UpdateDesiredLRPRequest(process_guid="pg", update={})
ANSWERS: list[tuple[str, Message, tuple[int, str]]] = [
    ("/actual_lrps/list_by_process_guids", actual.ActualLRPsByProcessGuidsRequest(), NO_GUIDS),
    ("/actual_lrp_groups/get_by_process_guid_and_index",
     actual.ActualLRPGroupByProcessGuidAndIndexRequest(process_guid="pg"), NOT_FOUND),
    ("/actual_lrps/claim", requests.claim(), NOT_FOUND),
    ("/actual_lrps/crash", requests.crash(), NOT_FOUND),
    ("/actual_lrps/remove", requests.remove(), NOT_FOUND),
    ("/actual_lrps/retire", requests.retire(), NOT_FOUND),
    ("/actual_lrps/remove_evacuating", BY_KEYS(actual.RemoveEvacuatingActualLRPRequest), NOT_FOUND),
    ("/actual_lrps/evacuate_claimed", BY_KEYS(actual.EvacuateClaimedActualLRPRequest), NOT_FOUND),
    ("/actual_lrps/evacuate_stopped", BY_KEYS(actual.EvacuateStoppedActualLRPRequest), NOT_FOUND),
    ("/desired_lrps/get_by_process_guid.r3", desired.DesiredLRPByProcessGuidRequest(process_guid="pg"), NOT_FOUND),
    ("/desired_lrps/get_by_process_guid.r2", desired.DesiredLRPByProcessGuidRequest(process_guid="pg"), NOT_FOUND),
    ("/desired_lrp_scheduling_infos/get_by_process_guid",
     desired.DesiredLRPByProcessGuidRequest(process_guid="pg"), NOT_FOUND),
    ("/desired_lrp/update", UPDATE, NOT_FOUND),
    ("/desired_lrp/remove", desired.RemoveDesiredLRPRequest(process_guid="pg"), NOT_FOUND),
    ("/tasks/get_by_task_guid.r3", task.TaskByGuidRequest(task_guid="t"), NOT_FOUND),
    ("/tasks/get_by_task_guid.r2", task.TaskByGuidRequest(task_guid="t"), NOT_FOUND),
]  # fmt: skip


@pytest.mark.parametrize(("error", "number", "message"), TEXTS, ids=[message for _, _, message in TEXTS])
def test_a_refusal_has_its_number_and_exact_text(error: errors.Error, number: int, message: str) -> None:
    answered = error_of(error.response())
    assert (answered.type, answered.message) == (number, message)


def test_numbers_are_those_of_the_wire_and_seven_are_never_used_again() -> None:
    assert dict(core.Error.Type.items()) == NUMBERS
    assert not {1, 2, 10, 20, 22, 23, 25} & set(NUMBERS.values())


def test_an_unknown_error_does_not_write_its_number() -> None:
    response = errors.Error(errors.ErrorType.UNKNOWN_ERROR, "why").response()
    assert response == b"\x0a\x05\x12\x03why"


@pytest.mark.parametrize(("path", "request_", "error"), ANSWERS, ids=[path for path, _, _ in ANSWERS])
def test_where_there_is_nothing_a_call_answers_so(path: str, request_: Message, error: tuple[int, str]) -> None:
    board = Board()
    answered = error_of(board.post(path, request_))
    assert (answered.type, answered.message) == error
    assert (board.mutations, board.effects) == ((), [])


NAMING_PG = [(path, request, error) for path, request, error in ANSWERS if b"\x02pg" in request.SerializeToString()]


@pytest.mark.parametrize("guid", [b"p\x00", b"p\xff"])
@pytest.mark.parametrize(("path", "request_", "error"), NAMING_PG, ids=[path for path, _, _ in NAMING_PG])
def test_a_guid_that_can_not_be_stored_is_not_found(
    path: str, request_: Message, error: tuple[int, str], guid: bytes
) -> None:
    body = request_.SerializeToString().replace(b"\x02pg", b"\x02" + guid)
    answered = error_of(Board().post(path, body))
    assert (answered.type, answered.message) == error


@pytest.mark.parametrize("guid", [b"p\x00", b"p\xff"])
@pytest.mark.parametrize("path", ["/actual_lrps/start", "/actual_lrps/start.r1"])
def test_a_guid_that_can_not_be_stored_is_an_invalid_request_where_it_would_be(path: str, guid: bytes) -> None:
    body = requests.start().SerializeToString().replace(b"\x02pg", b"\x02" + guid)
    answered = error_of(Board().post(path, body))
    assert (answered.type, answered.message) == INVALID


def test_a_cell_that_is_no_utf8_is_named_as_far_as_it_can_be() -> None:
    board = Board()
    board.post("/tasks/desire.r2", requests.desire_task())
    board.post("/tasks/start", task.StartTaskRequest(task_guid="t", cell_id="cell-1"))
    answered = error_of(board.post("/tasks/complete", b"\x0a\x01t\x12\x02c\xff"))
    assert answered.message == "Running on cell cell-1 not c\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("path", "request_"),
    [
        ("/actual_lrps/fail", FAIL),
        ("/actual_lrps/list", actual.ActualLRPsRequest(process_guid="pg")),
        ("/actual_lrp_groups/list", actual.ActualLRPGroupsRequest()),
        ("/actual_lrp_groups/list_by_process_guid", actual.ActualLRPGroupsByProcessGuidRequest(process_guid="pg")),
        ("/desired_lrps/list.r3", desired.DesiredLRPsRequest()),
        ("/tasks/list.r3", task.TasksRequest(domain="nowhere")),
        ("/domains/list", core.PingResponse()),
    ],
)
def test_where_there_is_nothing_other_calls_succeed_empty(path: str, request_: Message) -> None:
    assert Board().post(path, request_) == b""


def test_what_is_there_already_is_not_made_again() -> None:
    board = Board()
    for path, request in (
        ("/desired_lrp/desire.r2", requests.lrp()),
        ("/tasks/desire.r2", requests.desire_task()),
    ):
        assert board.post(path, request) == b""
        answered = error_of(board.post(path, request))
        assert (answered.type, answered.message) == EXISTS


@pytest.mark.parametrize(
    "path", [route.path.removeprefix("/v1") for route in ROUTES if route.path not in ("/v1/ping", "/v1/domains/list")]
)
@pytest.mark.parametrize("body", [b"\xff", b"\x0a\x05a", b"\x08"])
def test_a_body_that_is_no_message_is_an_invalid_request(path: str, body: bytes) -> None:
    board = Board()
    answered = error_of(board.post(path, body))
    assert (answered.type, answered.message) == INVALID
    assert board.mutations == ()
