"""Rules of the wire: what is absent and what is zero, what is always written, what a decoder takes and refuses."""

import pytest

from bbs.models.records import Kind
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import container_pb2 as container
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire.frames import frame
from tests.models import requests
from tests.models.board import Board, error_of
from tests.models.validation.refusals import INVALID, refusal

LISTS = {
    "/desired_lrps/list.r3": desired.DesiredLRPsResponse,
    "/desired_lrps/list.r2": desired.DesiredLRPsResponse,
    "/desired_lrp_routing_infos/list": desired.DesiredLRPsResponse,
}


def get(board: Board) -> desired.DesiredLRP:
    request = desired.DesiredLRPByProcessGuidRequest(process_guid="pg")
    body = board.post("/desired_lrps/get_by_process_guid.r3", request)
    return desired.DesiredLRPResponse.FromString(body).desired_lrp


def updated(board: Board, change: bytes) -> bytes:
    return board.post("/desired_lrp/update", frame(1, b"pg") + frame(2, change))


def board_with(**members: object) -> Board:
    board = Board()
    assert board.post("/desired_lrp/desire.r2", requests.lrp(**members)) == b""  # type: ignore[arg-type]
    return board


def test_an_empty_row_is_written_with_its_four_messages() -> None:
    row = actual.ActualLRP(actual_lrp_key={}, actual_lrp_instance_key={}, actual_lrp_net_info={}, modification_tag={})
    assert row.SerializeToString().hex() == "0a0012001a004a00"


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [(b"\x08\x00", "instances", 0), (b"\x1a\x00", "annotation", ""), (b"\x2a\x00\x32\x00", "image_username", "")],
)
def test_a_zero_that_is_there_is_a_change(change: bytes, name: str, value: object) -> None:
    board = board_with(instances=2, annotation="a", image_username="u", image_password="p")
    assert updated(board, change) == b""
    assert getattr(board.desired(), name) == value


def test_what_is_absent_is_no_change() -> None:
    board = board_with(instances=2, annotation="a", image_username="u", image_password="p")
    before = board.desired()
    assert updated(board, b"") == b""
    before.modification_tag.index += 1
    assert board.desired() == before


def test_routes_are_cleared_by_an_empty_message_and_tags_by_nothing() -> None:
    routes = desired.ProtoRoutes(routes={"k": b"1"})
    board = board_with(routes=routes)
    assert updated(board, b"") == b""
    assert dict(board.desired().routes.routes) == {"k": b"1"}
    assert updated(board, b"\x12\x00") == b""
    assert dict(board.desired().routes.routes) == {}
    assert dict(board.desired().metric_tags)


def test_an_index_of_zero_is_a_filter_only_where_it_is_there() -> None:
    board = board_with(instances=2)
    for body, count in ((b"", 2), (b"\x20\x00", 1), (b"\x20\x01", 1), (b"\x20\x05", 0)):
        assert len(actual.ActualLRPsResponse.FromString(board.post("/actual_lrps/list", body)).actual_lrps) == count


@pytest.mark.parametrize("members", [{"nofile": 0}, {"nproc": 0}, {"nofile": 0, "nproc": 0}, {}])
def test_resource_limits_of_zero_stay(members: dict[str, int]) -> None:
    run = container.RunAction(path="/bin/true", user="vcap", resource_limits=container.ResourceLimits(**members))
    action = container.Action(run_action=run).SerializeToString()
    limits = container.Action.FromString(get(board_with(action=action)).action).run_action.resource_limits
    assert {field.name: value for field, value in limits.ListFields()} == members


@pytest.mark.parametrize("path", LISTS)
def test_routes_and_tag_are_there_in_every_list(path: str) -> None:
    board = Board()
    board.put(Kind.DESIRED_LRPS, "old", desired.DesiredLRP(process_guid="old", domain="dom"))
    (lrp,) = LISTS[path].FromString(board.post(path)).desired_lrps
    assert lrp.HasField("routes")
    assert lrp.HasField("modification_tag")


def test_a_scheduling_info_is_written_with_all_its_messages() -> None:
    board = Board()
    board.put(Kind.DESIRED_LRPS, "old", desired.DesiredLRP(process_guid="old"))
    body = board.post("/desired_lrp_scheduling_infos/list")
    info = desired.DesiredLRPSchedulingInfosResponse.FromString(body).desired_lrp_scheduling_infos[0]
    names = ("desired_lrp_key", "desired_lrp_resource", "routes", "modification_tag", "volume_placement")
    assert [name for name in names if info.HasField(name)] == list(names)  # type: ignore[arg-type]


def test_ports_are_taken_packed_and_not_and_written_unpacked() -> None:
    for ports in (b"\x72\x03\x50\x90\x3f", b"\x70\x50\x70\x90\x3f"):
        board = Board()
        body = frame(1, requests.lrp().desired_lrp.SerializeToString() + ports)
        assert board.post("/desired_lrp/desire.r2", body) == b""
        assert list(get(board).ports) == [80, 8080]
        assert b"\x70\x50\x70\x90\x3f" in board.data(Kind.DESIRED_LRPS, "pg")


def test_an_empty_packed_list_of_ports_is_no_list() -> None:
    rule = container.SecurityGroupRule(protocol="all", destinations=["1.1.1.1"]).SerializeToString() + b"\x1a\x00"
    body = frame(1, requests.lrp().desired_lrp.SerializeToString() + frame(20, rule))
    assert Board().post("/desired_lrp/desire.r2", body) == b""


def test_all_actions_that_are_set_are_stored_and_answered() -> None:
    both = container.Action(
        run_action=container.RunAction(path="/bin/true", user="vcap"), upload_action=container.UploadAction(user="u")
    )
    valid = container.Action(run_action=both.run_action, serial_action=container.SerialAction()).SerializeToString()
    assert get(board_with(action=valid)).action == valid
    assert refusal("/desired_lrp/desire.r2", requests.lrp(action=both.SerializeToString()))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/actual_lrps/claim", frame(1, b"pg") + frame(3, b"\x08\x01" + frame(2, b"cell"))),
        ("/actual_lrps/retire", frame(1, frame(1, b"pg") + frame(2, b"x") + frame(3, b"dom"))),
        ("/desired_lrp/desire.r2", frame(1, b"\x08\x01")),
        ("/desired_lrp/update", frame(1, b"pg") + frame(2, frame(1, b"x"))),
        ("/tasks/desire.r2", frame(1, frame(5, b"x"))),
        ("/desired_lrps/list.r3", b"\x08\x01"),
    ],
)
def test_a_known_field_of_the_wrong_wire_type_is_refused_at_any_depth(path: str, body: bytes) -> None:
    assert refusal(path, body) == INVALID


def test_a_field_that_nobody_knows_may_have_any_type_at_any_depth() -> None:
    known = requests.claim()
    key = known.actual_lrp_instance_key.SerializeToString() + b"\xf8\x3e\x01" + frame(998, b"x")
    body = frame(1, b"pg") + frame(3, key) + frame(999, b"y")
    board = board_with()
    assert board.post("/actual_lrps/claim", body) == b""
    assert board.ordinary().state == "CLAIMED"


@pytest.mark.parametrize("value", [3, 99, -1])
def test_a_preferred_address_that_nobody_knows_is_kept(value: int) -> None:
    board = Board()
    request = requests.start()
    request.actual_lrp_net_info.preferred_address = value  # type: ignore[assignment]
    assert board.post("/actual_lrps/start.r1", request) == b""
    assert board.ordinary().actual_lrp_net_info.preferred_address == value
    assert board.post("/actual_lrps/start.r1", request) == b""
    assert board.mutations == ()


def test_rows_of_one_index_in_two_domains_are_two_groups_and_the_ordinary_one_is_got() -> None:
    board = board_with()
    request = requests.evacuate_running("other", "cell-2")
    request.actual_lrp_key.domain = "elsewhere"
    assert board.post("/actual_lrps/evacuate_running.r1", request) == b"\x10\x01"
    by_guid = actual.ActualLRPGroupsByProcessGuidRequest(process_guid="pg")
    body = board.post("/actual_lrp_groups/list_by_process_guid", by_guid)
    assert len(actual.ActualLRPGroupsResponse.FromString(body).actual_lrp_groups) == 2
    by_index = actual.ActualLRPGroupByProcessGuidAndIndexRequest(process_guid="pg", index=0)
    group = actual.ActualLRPGroupResponse.FromString(
        board.post("/actual_lrp_groups/get_by_process_guid_and_index", by_index)
    ).actual_lrp_group
    assert (group.HasField("instance"), group.HasField("evacuating")) == (True, False)
    assert group.instance.actual_lrp_key.domain == "dom"


def test_an_error_says_its_type_even_beside_the_answer_to_keep_the_container() -> None:
    answer = Board().post("/actual_lrps/evacuate_running.r1", b"")
    assert error_of(answer).message.startswith("Invalid field: actual_lrp_key, ")
