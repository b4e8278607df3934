"""What one request may hold: beyond it, a typed refusal, before anything is done element by element."""

import pytest
from google.protobuf.message import Message

from bbs.convergence import lrp_steps
from bbs.models.extent import BODY_LIMIT, ELEMENTS_LIMIT, INSTANCES_LIMIT
from bbs.models.records import Kind
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import container_pb2 as container
from bbs.wire import desired_lrp_pb2 as desired
from tests.models import requests
from tests.models.board import Board, error_name, error_of

INT32 = (1 << 31) - 1


def rows(board: Board) -> int:
    return len(board.records.entries(Kind.ACTUAL_LRPS))


@pytest.mark.parametrize("instances", [INSTANCES_LIMIT + 1, INT32])
def test_more_instances_than_possible_are_refused_and_nothing_is_made(instances: int) -> None:
    board = Board()
    answer = board.post("/desired_lrp/desire.r2", requests.lrp(instances=instances))
    assert error_name(answer) == "InvalidRequest"
    assert error_of(answer).message == f"Invalid field: instances (at most {INSTANCES_LIMIT} are possible)"
    assert not board.records.entries_by_key


def test_an_update_to_more_instances_than_possible_changes_nothing() -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp())
    update = desired.UpdateDesiredLRPRequest(process_guid="pg", update={"instances": INT32})
    assert error_name(board.post("/desired_lrp/update", update)) == "InvalidRequest"
    assert (rows(board), board.desired().instances) == (1, 1)


def test_convergence_makes_of_an_adopted_lrp_no_more_instances_than_possible() -> None:
    board = Board()
    board.put(Kind.DESIRED_LRPS, "pg", requests.lrp(instances=INT32).desired_lrp)
    for step in lrp_steps(board.records, board.context):
        board.run(step)
    assert rows(board) == INSTANCES_LIMIT


def many_layers() -> Message:
    request = requests.lrp()
    for _ in range(ELEMENTS_LIMIT + 1):
        request.desired_lrp.image_layers.add()
    return request


def many_destinations() -> Message:
    request = requests.lrp()
    request.desired_lrp.egress_rules.add(destinations=["," * (ELEMENTS_LIMIT + 1)])
    return request


def actions_side_by_side() -> Message:
    actions = [requests.RUN] * (ELEMENTS_LIMIT + 1)
    wide = container.Action(parallel_action=container.ParallelAction(actions=actions))
    return requests.lrp(action=wide.SerializeToString())


def actions_too_deep() -> Message:
    action = container.Action(run_action=container.RunAction(path="x" * 1_000_000, user="vcap")).SerializeToString()
    for _ in range(1000):
        action = container.Action(try_action=container.TryAction(action=action)).SerializeToString()
    return requests.lrp(action=action)


@pytest.mark.parametrize("make", [many_layers, many_destinations, actions_side_by_side, actions_too_deep])
def test_an_lrp_with_too_many_parts_is_refused_in_one_sentence(make: object) -> None:
    answer = Board().post("/desired_lrp/desire.r2", make())  # type: ignore[operator]
    assert error_name(answer) == "InvalidRequest"
    assert error_of(answer).message.startswith(f"the request holds more than {ELEMENTS_LIMIT} ")


def test_a_list_by_too_many_guids_is_refused() -> None:
    guids = actual.ActualLRPsByProcessGuidsRequest(process_guids=[f"guid-{n}" for n in range(ELEMENTS_LIMIT + 1)])
    assert error_name(Board().post("/actual_lrps/list_by_process_guids", guids)) == "InvalidRequest"
    del guids.process_guids[-1]
    assert Board().post("/actual_lrps/list_by_process_guids", guids) == b""


@pytest.mark.parametrize("path", ["/desired_lrp/desire.r2", "/tasks/list.r3", "/actual_lrps/evacuate_running.r1"])
def test_a_body_above_the_limit_is_refused_unparsed(path: str) -> None:
    answer = Board().post(path, b"\xff" * (BODY_LIMIT + 1))
    assert error_name(answer) == "InvalidRequest"
    assert error_of(answer).message == f"the request has {BODY_LIMIT + 1} bytes; at most {BODY_LIMIT} are taken"


def test_an_action_nested_ten_thousand_deep_is_kept_and_given_back() -> None:
    board = Board()
    action = requests.RUN
    for _ in range(10_000):
        action = container.Action(try_action=container.TryAction(action=action)).SerializeToString()
    assert board.post("/desired_lrp/desire.r2", requests.lrp(action=action)) == b""
    (listed,) = desired.DesiredLRPsResponse.FromString(board.post("/desired_lrps/list.r3")).desired_lrps
    assert listed.action == action


def test_the_longest_time_to_live_is_kept() -> None:
    board = Board()
    assert board.post("/domains/upsert", b"\x0a\x01d\x10" + b"\xff\xff\xff\xff\x0f") == b""
    entry = board.records.get(Kind.DOMAINS, "d")
    assert entry is not None
    assert board.now < entry.deadline < 1 << 63
