"""What this BBS does not understand it keeps: unknown fields, bad UTF-8, deep nesting."""

import pytest

from bbs.models.records import Kind
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import container_pb2 as container
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire.frames import frame
from tests.models import requests
from tests.models.board import Board, error_name

UNKNOWN = frame(999, b"from the future")


def nested(depth: int) -> bytes:
    action = requests.RUN
    for _ in range(depth):
        action = container.Action(try_action=container.TryAction(action=action)).SerializeToString()
    return action


def test_an_action_nested_150_deep_is_stored_and_answered() -> None:
    board = Board()
    request = requests.lrp(action=nested(150))
    assert board.post("/desired_lrp/desire.r2", request) == b""
    answer = board.post(
        "/desired_lrps/get_by_process_guid.r3", desired.DesiredLRPByProcessGuidRequest(process_guid="pg")
    )
    assert desired.DesiredLRPResponse.FromString(answer).desired_lrp.action == nested(150)


def test_a_failure_150_levels_down_is_found() -> None:
    action = container.Action(run_action=container.RunAction(path="/bin/true")).SerializeToString()
    for _ in range(150):
        action = container.Action(try_action=container.TryAction(action=action)).SerializeToString()
    assert error_name(Board().post("/desired_lrp/desire.r2", requests.lrp(action=action))) == "InvalidRequest"


def test_an_unknown_field_of_a_desired_lrp_survives_an_update() -> None:
    board = Board()
    request = frame(1, requests.lrp().desired_lrp.SerializeToString() + UNKNOWN)
    assert board.post("/desired_lrp/desire.r2", request) == b""
    update = desired.UpdateDesiredLRPRequest(process_guid="pg", update=desired.DesiredLRPUpdate(annotation="new"))
    assert board.post("/desired_lrp/update", update) == b""
    assert UNKNOWN in board.data(Kind.DESIRED_LRPS, "pg")


def test_an_unknown_field_of_an_actual_lrp_survives_claim_and_start() -> None:
    board = Board()
    requests.in_state(board, "UNCLAIMED")
    board.put(Kind.ACTUAL_LRPS, "pg/0/ordinary", board.data(Kind.ACTUAL_LRPS, "pg/0/ordinary") + UNKNOWN)
    board.post("/actual_lrps/claim", requests.claim())
    board.post("/actual_lrps/start.r1", requests.start())
    assert UNKNOWN in board.data(Kind.ACTUAL_LRPS, "pg/0/ordinary")


def test_bad_utf8_in_run_info_survives_desire_and_update() -> None:
    board = Board()
    variable = frame(5, frame(1, b"NAME") + frame(2, b"bad \xff\xfe"))
    body = frame(1, requests.lrp().desired_lrp.SerializeToString() + variable)
    assert board.post("/desired_lrp/desire.r2", body) == b""
    board.post("/desired_lrp/update", desired.UpdateDesiredLRPRequest(process_guid="pg", update={"instances": 2}))
    assert variable in board.data(Kind.DESIRED_LRPS, "pg")


def test_a_crash_reason_that_is_not_utf8_is_recorded() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    assert board.post("/actual_lrps/crash", requests.crash(reason=b"died \xff")) == b""
    assert board.ordinary().crash_reason == b"died \xff"


def test_a_guid_that_is_not_utf8_is_looked_up_in_vain() -> None:
    """None can be stored under it, so there is none."""
    body = frame(1, b"pg\xff") + frame(3, requests.instance().SerializeToString())
    assert error_name(Board().post("/actual_lrps/claim", body)) == "ResourceNotFound"


def test_a_known_field_of_the_wrong_wire_type_is_refused() -> None:
    assert error_name(Board().post("/domains/upsert", frame(1, b"dom") + frame(2, b"x"))) == "InvalidRequest"


def test_rows_without_their_members_are_answered_with_them() -> None:
    board = Board()
    bare = actual.ActualLRP(actual_lrp_key=requests.key(), state="UNCLAIMED")
    board.put(Kind.ACTUAL_LRPS, "pg/0/ordinary", bare)
    answer = actual.ActualLRPsResponse.FromString(board.post("/actual_lrps/list"))
    row = answer.actual_lrps[0]
    assert row.HasField("routable")
    assert all(row.HasField(name) for name in ("actual_lrp_instance_key", "actual_lrp_net_info", "modification_tag"))


@pytest.mark.parametrize(
    "path",
    ["/desired_lrps/list.r3", "/desired_lrp_scheduling_infos/list", "/desired_lrp_routing_infos/list"],
)
def test_one_record_of_bad_utf8_spoils_no_list(path: str) -> None:
    board = Board()
    bad = b"bad \xff"
    tag = frame(35, frame(1, b"source_id") + frame(2, frame(1, bad)))
    mount = frame(25, frame(1, bad))
    data = frame(1, b"old") + frame(2, b"dom") + frame(3, bad) + frame(17, bad) + frame(19, bad) + tag + mount
    board.put(Kind.DESIRED_LRPS, "old", data)
    board.post("/desired_lrp/desire.r2", requests.lrp())
    assert bad in board.post(path)
