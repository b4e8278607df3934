"""Desired LRPs: their instances, their routes, what clients read."""

import pytest

from bbs.models.desired_lrps.route_values import canonical
from bbs.models.effects import RequestLRPAuction, StopLRPInstance, UpdateLRPInstance
from bbs.models.errors import Refused
from bbs.models.records import Kind
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import container_pb2 as container
from bbs.wire import desired_lrp_pb2 as wire
from tests.models import requests
from tests.models.board import Board, error_name


def update(board: Board, **members: object) -> bytes:
    change = wire.DesiredLRPUpdate(**members)  # type: ignore[arg-type]
    return board.post("/desired_lrp/update", wire.UpdateDesiredLRPRequest(process_guid="pg", update=change))


def indices(board: Board) -> list[int]:
    return [entry.index for entry in board.records.group(Kind.ACTUAL_LRPS, "pg")]


def test_desire_creates_and_auctions_the_indices_that_are_missing() -> None:
    board = Board()
    board.post("/actual_lrps/start.r1", requests.start(index=1))
    board.post("/desired_lrp/desire.r2", requests.lrp(instances=3))
    (auction,) = board.taken(RequestLRPAuction)
    assert isinstance(auction, RequestLRPAuction)
    assert auction.start.indices == (0, 2)
    assert indices(board) == [0, 1, 2]


def test_no_instances_no_auction() -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp(instances=0))
    assert board.effects == []


def test_an_empty_update_raises_the_tag() -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp())
    epoch = board.desired().modification_tag.epoch
    assert update(board) == b""
    assert (board.desired().modification_tag.epoch, board.desired().modification_tag.index) == (epoch, 1)


def test_an_update_without_change_member_is_refused() -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp())
    response = board.post("/desired_lrp/update", wire.UpdateDesiredLRPRequest(process_guid="pg"))
    assert error_name(response) == "InvalidRequest"


def test_scaling_down_deletes_idle_rows_and_stops_live_ones() -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp(instances=3))
    board.post("/actual_lrps/claim", requests.claim(index=2))
    update(board, instances=1)
    assert indices(board) == [0, 2]
    assert board.taken(StopLRPInstance) == [StopLRPInstance("pg", "ig", "cell-1")]


def test_remove_stops_everything() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    board.post("/desired_lrp/remove", wire.RemoveDesiredLRPRequest(process_guid="pg"))
    assert board.records.get(Kind.DESIRED_LRPS, "pg") is None
    assert board.taken(StopLRPInstance)
    response = board.post("/desired_lrp/remove", wire.RemoveDesiredLRPRequest(process_guid="pg"))
    assert error_name(response) == "ResourceNotFound"


def test_changed_internal_routes_and_tags_are_pushed_to_live_instances() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    change = wire.DesiredLRPUpdate()
    change.routes.routes["internal-router"] = b'[{"hostname": "a.internal"}]'
    change.metric_tags["where"].dynamic = container.MetricTagValue.INDEX
    board.post("/desired_lrp/update", wire.UpdateDesiredLRPRequest(process_guid="pg", update=change))
    (push,) = board.taken(UpdateLRPInstance)
    assert isinstance(push, UpdateLRPInstance)
    assert (push.internal_routes, push.metric_tags) == (("a.internal",), {"where": "0"})


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (b' [ {"a" : "x y"} , 1.0 ] ', b'[{"a":"x y"},1.0]'),
        (b'"<&>"', b'"\\u003c\\u0026\\u003e"'),
        (b'"\xe2\x80\xa8 \\" \xff"', b'"\\u2028 \\" \xff"'),
        (b"0", b"0"),
        (b"[" * 9_999 + b" 1" + b"]" * 9_999, b"[" * 9_999 + b"1" + b"]" * 9_999),
        (b"7" * 100_000, b"7" * 100_000),
    ],
)
def test_a_route_value_is_stored_compact_and_escaped(given: bytes, stored: bytes) -> None:
    assert canonical(given) == stored


@pytest.mark.parametrize("given", [b"", b"{bad", b"null", b"NaN", b"[" * 100_000, b"[" * 10_000 + b"]" * 10_000])
def test_a_route_value_that_is_no_json_or_null_is_refused(given: bytes) -> None:
    with pytest.raises(Refused):
        canonical(given)


@pytest.mark.parametrize(
    ("field", "limit"), [("process_guid", 255), ("domain", 255), ("log_guid", 255), ("root_fs", 1024)]
)
def test_a_text_longer_than_its_column_is_refused(field: str, limit: int) -> None:
    for length, refused in ((limit, False), (limit + 1, True)):
        request = requests.lrp(**{field: "a:".ljust(length, "b") if field == "root_fs" else "a" * length})
        assert bool(Board().post("/desired_lrp/desire.r2", request)) is refused


def test_a_guid_with_a_slash_lies_in_its_own_group() -> None:
    board = Board()
    request = requests.start()
    request.actual_lrp_key.process_guid = "a/0/ordinary"
    assert board.post("/actual_lrps/start.r1", request) == b""
    assert board.row("a/0/ordinary", 0) is not None
    assert board.records.get(Kind.ACTUAL_LRPS, "a/0/ordinary") is None


def read(board: Board, path: str = "/desired_lrps/list.r3", **filters: object) -> list[wire.DesiredLRP]:
    request = wire.DesiredLRPsRequest(**filters)  # type: ignore[arg-type]
    return list(wire.DesiredLRPsResponse.FromString(board.post(path, request)).desired_lrps)


def test_filters_are_joined_by_and_and_prefixes_know_wildcards() -> None:
    board = Board()
    for guid in ("app-1", "app-2", "axp-3"):
        board.post("/desired_lrp/desire.r2", requests.lrp(guid))
    assert {lrp.process_guid for lrp in read(board, app_guids=["a_p-"])} == {"app-1", "app-2", "axp-3"}
    assert [lrp.process_guid for lrp in read(board, process_guids=["app-1", "axp-3"], app_guids=["app"])] == ["app-1"]
    assert read(board, domain="other") == []


def test_routes_tag_and_metrics_are_filled_in_and_ports_listed_once() -> None:
    board = Board()
    old = wire.DesiredLRP(process_guid="pg", domain="dom", metrics_guid="m", ports=[8080, 8081, 8080])
    board.put(Kind.DESIRED_LRPS, "pg", old)
    (lrp,) = read(board)
    assert lrp.HasField("routes")
    assert lrp.HasField("modification_tag")
    assert lrp.metric_tags["source_id"].static == "m"
    assert list(lrp.ports) == [8080, 8081]


def test_a_change_is_seen_in_the_next_list() -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp())
    read(board)
    update(board, annotation="new")
    assert [lrp.annotation for lrp in read(board)] == ["new"]


def test_routing_infos_know_only_what_routing_needs() -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp(annotation="x", log_guid="log"))
    (info,) = read(board, "/desired_lrp_routing_infos/list")
    assert (info.process_guid, info.log_guid, info.instances) == ("pg", "log", 1)
    assert (info.annotation, info.root_fs) == ("", "")


def test_index_zero_is_a_filter() -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp(instances=2))
    request = actual.ActualLRPsRequest(process_guid="pg", index=0)
    listed = actual.ActualLRPsResponse.FromString(board.post("/actual_lrps/list", request)).actual_lrps
    assert [lrp.actual_lrp_key.index for lrp in listed] == [0]


def test_an_expired_domain_is_not_listed() -> None:
    board = Board()
    from bbs.wire.core_pb2 import DomainsResponse, UpsertDomainRequest  # noqa: PLC0415

    board.post("/domains/upsert", UpsertDomainRequest(domain="short", ttl=1))
    board.post("/domains/upsert", UpsertDomainRequest(domain="ever"))
    assert set(DomainsResponse.FromString(board.post("/domains/list")).domains) == {"short", "ever"}
    board.now += 1_000_000_000
    assert list(DomainsResponse.FromString(board.post("/domains/list")).domains) == ["ever"]


def test_a_taken_guid_leaves_the_first_lrp_as_it_was() -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp())
    before = board.desired()
    response = board.post("/desired_lrp/desire.r2", requests.lrp(instances=3, annotation="second"))
    assert error_name(response) == "ResourceExists"
    assert (board.desired(), indices(board)) == (before, [0])


def test_the_tag_of_a_request_is_replaced_by_a_fresh_one() -> None:
    board = Board()
    request = requests.lrp()
    request.desired_lrp.modification_tag.epoch = "mine"
    request.desired_lrp.modification_tag.index = 7
    board.post("/desired_lrp/desire.r2", request)
    tag = board.desired().modification_tag
    assert (tag.epoch == "mine", tag.index) == (False, 0)


def test_an_auction_follows_even_when_every_index_is_there_already() -> None:
    board = Board()
    board.post("/actual_lrps/start.r1", requests.start())
    board.post("/desired_lrp/desire.r2", requests.lrp())
    (auction,) = board.taken(RequestLRPAuction)
    assert isinstance(auction, RequestLRPAuction)
    assert auction.start.indices == ()


def test_scaling_up_auctions_the_new_indices_and_the_same_number_none() -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp(instances=1))
    board.effects.clear()
    update(board, instances=1)
    assert board.effects == []
    update(board, instances=3)
    (auction,) = board.taken(RequestLRPAuction)
    assert isinstance(auction, RequestLRPAuction)
    assert (auction.start.indices, indices(board)) == ((1, 2), [0, 1, 2])


def test_crashed_and_unclaimed_rows_go_at_once_and_a_suspect_instance_is_stopped() -> None:
    board = Board()
    requests.in_state(board, "CRASHED")
    update(board, instances=0)
    assert (indices(board), board.effects) == ([], [])
    board.post("/desired_lrp/remove", wire.RemoveDesiredLRPRequest(process_guid="pg"))
    requests.in_state(board, "RUNNING")
    requests.make_suspect(board)
    update(board, instances=0)
    assert board.taken(StopLRPInstance) == [StopLRPInstance("pg", "ig", "cell-1")]
    assert [entry.presence for entry in board.records.group(Kind.ACTUAL_LRPS, "pg")] == [2]


def test_an_evacuating_instance_is_left_alone_by_a_removal() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running())
    board.post("/desired_lrp/remove", wire.RemoveDesiredLRPRequest(process_guid="pg"))
    assert board.taken(StopLRPInstance) == []
    assert [entry.presence for entry in board.records.group(Kind.ACTUAL_LRPS, "pg")] == [1]


def test_each_list_looks_at_its_own_filters() -> None:
    board = Board()
    for guid in ("app-1", "app-2"):
        board.post("/desired_lrp/desire.r2", requests.lrp(guid))
    board.post("/desired_lrp/desire.r2", requests.lrp("far", instances=0))
    far = board.desired("far")
    far.domain = "elsewhere"
    board.put(Kind.DESIRED_LRPS, "far", far)
    found = {
        "whole": read(board, domain="dom", app_guids=["app-1"]),
        "routing": read(board, "/desired_lrp_routing_infos/list", domain="dom", app_guids=["app-1"]),
        "routing of guids": read(board, "/desired_lrp_routing_infos/list", process_guids=["app-2", "no"]),
    }
    request = wire.DesiredLRPsRequest(domain="dom", app_guids=["app-1"])
    body = board.post("/desired_lrp_scheduling_infos/list", request)
    infos = wire.DesiredLRPSchedulingInfosResponse.FromString(body).desired_lrp_scheduling_infos
    guids = {name: sorted(lrp.process_guid for lrp in lrps) for name, lrps in found.items()}
    guids["scheduling"] = sorted(info.desired_lrp_key.process_guid for info in infos)
    assert guids == {
        "whole": ["app-1"],
        "routing": ["app-1", "app-2", "far"],
        "routing of guids": ["app-2"],
        "scheduling": ["app-1", "app-2"],
    }


def test_a_metrics_guid_is_filled_in_from_the_tag_in_full_reads_alone() -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp())
    assert [read(board, path)[0].metrics_guid for path in ("/desired_lrps/list.r3", "/desired_lrps/list.r2")] == [
        "pg",
        "pg",
    ]
    assert read(board, "/desired_lrp_routing_infos/list")[0].metrics_guid == ""
    assert board.desired().metrics_guid == ""
