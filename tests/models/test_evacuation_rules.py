"""EvacuateRunning rule by rule, RECREATE case by case, and what each kind of evacuation does with each kind of row."""

import pytest

from bbs.models.effects import RequestLRPAuction
from bbs.models.records import Presence
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import desired_lrp_pb2 as desired
from tests.models import requests
from tests.models.board import SECOND, Board, error_name, error_of

KEEP = b"\x10\x01"
DROP = b""
R1 = "/actual_lrps/evacuate_running.r1"


def evacuate(board: Board, guid: str = "ig", cell: str = "cell-1", **members: object) -> bytes:
    request = requests.evacuate_running(guid, cell)
    request.MergeFrom(actual.EvacuateRunningActualLRPRequest(**members))  # type: ignore[arg-type]
    return board.post(R1, request)


def presences(board: Board) -> list[str]:
    return [presence.value for presence in Presence if board.row("pg", 0, presence)]


def suspect(state: str = "RUNNING") -> Board:
    """The instance is suspect; its ordinary row wants another cell."""
    board = Board()
    requests.in_state(board, state)
    requests.make_suspect(board)
    return board


def aside() -> Board:
    """The instance is evacuating; its ordinary row wants another cell."""
    board = Board()
    requests.in_state(board, "RUNNING")
    assert evacuate(board) == KEEP
    board.effects.clear()
    return board


def recreating(state: str = "RUNNING", instances: int = 1, running: int = 1) -> Board:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp(instances=instances, update_strategy=desired.DesiredLRP.RECREATE))
    board.post("/actual_lrps/claim", requests.claim())
    for index in range(running):
        if index or state == "RUNNING":
            board.post("/actual_lrps/start.r1", requests.start("ig" if not index else f"ig-{index}", index=index))
    board.effects.clear()
    return board


def test_rule_3_without_ordinary_row_deletes_the_evacuating_one() -> None:
    board = aside()
    board.post("/actual_lrps/remove", requests.remove())
    assert evacuate(board) == DROP
    assert presences(board) == []


def test_rule_3_without_ordinary_row_leaves_the_evacuating_row_of_another() -> None:
    board = aside()
    board.post("/actual_lrps/remove", requests.remove())
    assert evacuate(board, "other", "cell-3") == DROP
    assert presences(board) == ["evacuating"]


def test_rule_3_leaves_a_suspect_target() -> None:
    board = suspect()
    board.post("/actual_lrps/remove", requests.remove())
    assert evacuate(board) == DROP
    assert presences(board) == ["suspect"]


@pytest.mark.parametrize("state", ["RUNNING", "CRASHED"])
def test_rule_3_a_strangers_container_goes_once_another_runs_or_crashed(state: str) -> None:
    board = Board()
    requests.in_state(board, state)
    assert evacuate(board, "other", "cell-3") == DROP
    assert presences(board) == ["ordinary"]
    assert board.mutations == ()


def test_rule_4_without_desired_lrp_deletes_the_evacuating_row() -> None:
    board = aside()
    board.post("/actual_lrps/claim", requests.claim("new", "cell-2"))
    board.post("/desired_lrp/remove", desired.RemoveDesiredLRPRequest(process_guid="pg"))
    assert presences(board) == ["ordinary", "evacuating"]
    assert evacuate(board) == DROP
    assert presences(board) == ["ordinary"]


@pytest.mark.parametrize(("cell", "answer"), [("cell-1", KEEP), ("cell-9", DROP)])
def test_rules_7_and_8_only_one_instance_evacuates(cell: str, answer: bytes) -> None:
    """An instance is its guid on its cell."""
    assert evacuate(aside(), "ig", cell) == answer


@pytest.mark.parametrize("state", ["UNCLAIMED", "CLAIMED"])
def test_rule_8_creates_the_row_from_the_request(state: str) -> None:
    board = Board()
    requests.in_state(board, state)
    answer = evacuate(
        board,
        "other",
        "cell-3",
        actual_lrp_internal_routes=[actual.ActualLRPInternalRoute(hostname="h")],
        metric_tags={"a": "b"},
        Routable=False,
        availability_zone="z",
    )
    row = board.row("pg", 0, Presence.EVACUATING)
    assert answer == KEEP
    assert row is not None
    assert (row.state, row.presence, row.routable, row.availability_zone) == ("RUNNING", 1, False, "z")
    assert (row.actual_lrp_internal_routes[0].hostname, dict(row.metric_tags)) == ("h", {"a": "b"})
    assert board.ordinary().state == state
    assert board.effects == []


def test_rule_8_of_the_first_revision_drops_routes_and_tags() -> None:
    board = Board()
    requests.in_state(board, "UNCLAIMED")
    request = requests.evacuate_running()
    request.actual_lrp_internal_routes.add(hostname="h")
    request.metric_tags["a"] = "b"
    request.availability_zone = "z"
    assert board.post("/actual_lrps/evacuate_running", request) == KEEP
    row = board.row("pg", 0, Presence.EVACUATING)
    assert row is not None
    assert (list(row.actual_lrp_internal_routes), dict(row.metric_tags)) == ([], {})
    assert (row.routable, row.availability_zone) == (True, "z")


def test_rule_8_the_same_addresses_change_nothing_whatever_else_differs() -> None:
    board = aside()
    board.now += SECOND
    assert evacuate(board, metric_tags={"a": "b"}, Routable=False, availability_zone="z") == KEEP
    assert board.mutations == ()


def test_rule_8_other_addresses_replace_routes_and_tags_and_keep_routable_and_zone() -> None:
    board = aside()
    board.now += SECOND
    request = requests.evacuate_running(address="10.0.0.9")
    request.metric_tags["a"] = "b"
    request.Routable = False
    request.availability_zone = "z"
    assert board.post(R1, request) == KEEP
    row = board.row("pg", 0, Presence.EVACUATING)
    assert row is not None
    assert (dict(row.metric_tags), row.routable, row.availability_zone) == ({"a": "b"}, True, "")
    assert (row.since, row.modification_tag.index) == (board.now, 1)


def test_rule_8_a_request_that_no_row_can_hold_keeps_the_container() -> None:
    board = Board()
    requests.in_state(board, "UNCLAIMED")
    answer = evacuate(board, "g" * 256)
    assert error_name(answer) == "InvalidRequest"
    assert answer.endswith(KEEP)


@pytest.mark.parametrize("state", ["RUNNING", "CLAIMED"])
def test_rule_9_moves_a_live_instance_aside_and_seeks_another_cell(state: str) -> None:
    board = Board()
    requests.in_state(board, state)
    assert evacuate(board) == KEEP
    assert (presences(board), board.ordinary().state) == (["ordinary", "evacuating"], "UNCLAIMED")
    (auction,) = board.taken(RequestLRPAuction)
    assert isinstance(auction, RequestLRPAuction)
    assert auction.start.indices == (0,)


@pytest.mark.parametrize("state", ["RUNNING", "CLAIMED"])
def test_rule_9_moves_a_suspect_aside_and_leaves_its_replacement_alone(state: str) -> None:
    board = suspect(state)
    before = board.ordinary()
    assert evacuate(board) == KEEP
    assert presences(board) == ["ordinary", "evacuating"]
    assert board.ordinary() == before
    assert board.effects == []


def test_rule_9_knows_no_domain() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    request = requests.evacuate_running()
    request.actual_lrp_key.domain = "other"
    assert board.post(R1, request) == KEEP
    row = board.row("pg", 0, Presence.EVACUATING)
    assert row is not None
    assert row.actual_lrp_key.domain == "dom"


def test_recreate_without_target_drops() -> None:
    board = recreating("CLAIMED")
    assert evacuate(board, "other") == DROP
    assert board.mutations == ()


def test_recreate_takes_a_claimed_instance_down_when_enough_others_run() -> None:
    board = recreating("CLAIMED", instances=1, running=2)
    assert evacuate(board) == DROP
    assert board.ordinary().state == "UNCLAIMED"
    assert len(board.taken(RequestLRPAuction)) == 1


def test_recreate_keeps_a_claimed_instance_while_too_few_run() -> None:
    board = recreating("CLAIMED")
    assert evacuate(board) == KEEP
    assert board.mutations == ()


def test_recreate_deletes_a_suspect() -> None:
    board = recreating()
    requests.make_suspect(board)
    assert evacuate(board) == DROP
    assert presences(board) == ["ordinary"]
    assert board.effects == []


def test_recreate_deletes_an_evacuating_row() -> None:
    board = aside()
    lrp = board.desired()
    lrp.update_strategy = desired.DesiredLRP.RECREATE
    from bbs.models.records import Kind  # noqa: PLC0415

    board.put(Kind.DESIRED_LRPS, "pg", lrp)
    assert evacuate(board) == DROP
    assert presences(board) == ["ordinary"]


KEYED = [
    ("claimed", actual.EvacuateClaimedActualLRPRequest, True),
    ("stopped", actual.EvacuateStoppedActualLRPRequest, False),
    ("crashed", actual.EvacuateCrashedActualLRPRequest, False),
]


@pytest.mark.parametrize(("name", "message", "keeps"), KEYED)
def test_an_invalid_request_keeps_the_container_only_where_it_was_claimed(
    name: str, message: type, keeps: bool
) -> None:
    answer = Board().post(f"/actual_lrps/evacuate_{name}", message())
    assert error_of(answer).type == 4
    assert answer.endswith(KEEP) is keeps


@pytest.mark.parametrize(("name", "message", "keeps"), KEYED)
def test_a_body_that_no_one_can_read_is_answered_as_an_invalid_one(name: str, message: type, keeps: bool) -> None:
    assert Board().post(f"/actual_lrps/evacuate_{name}", b"\x0a\x05").endswith(KEEP) is keeps


@pytest.mark.parametrize(("name", "message", "keeps"), KEYED)
def test_a_suspect_row_is_deleted_and_nothing_is_sought(name: str, message: type, keeps: bool) -> None:
    board = suspect()
    request = requests.keyed(message)
    if name == "crashed":
        request.error_message = b"exit 1"
    assert board.post(f"/actual_lrps/evacuate_{name}", request) == DROP
    assert presences(board) == ["ordinary"]
    assert board.effects == []


def test_a_claimed_instance_that_nobody_desires_is_unclaimed_without_auction() -> None:
    board = Board()
    board.post("/actual_lrps/start.r1", requests.start())
    request = requests.keyed(actual.EvacuateClaimedActualLRPRequest)
    assert board.post("/actual_lrps/evacuate_claimed", request) == DROP
    assert board.ordinary().state == "UNCLAIMED"
    assert board.effects == []


def test_remove_evacuating_finds_no_other_row() -> None:
    for board in (suspect(), recreating()):
        request = requests.keyed(actual.RemoveEvacuatingActualLRPRequest)
        assert error_name(board.post("/actual_lrps/remove_evacuating", request)) == "ResourceNotFound"
