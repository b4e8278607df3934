"""Evacuation: what happens to the rows, and whether the container is kept."""

import pytest

from bbs.models.effects import RequestLRPAuction
from bbs.models.records import Presence
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import desired_lrp_pb2 as desired
from tests.models import requests
from tests.models.board import Board, error_name

KEEP = b"\x10\x01"
DROP = b""


def running(board: Board, guid: str = "ig", cell: str = "cell-1", address: str = "10.0.0.1") -> bytes:
    return board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running(guid, cell, address))


def test_a_drained_instance_is_dropped_only_after_its_replacement_runs() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    assert running(board) == KEEP
    assert board.ordinary().state == "UNCLAIMED"
    assert len(board.taken(RequestLRPAuction)) == 1
    assert running(board) == KEEP
    board.post("/actual_lrps/claim", requests.claim("new", "cell-2"))
    assert running(board) == KEEP
    board.post("/actual_lrps/start.r1", requests.start("new", "cell-2"))
    assert board.row("pg", 0, Presence.EVACUATING) is None
    assert running(board) == DROP


def test_without_any_row_the_container_goes() -> None:
    assert running(Board()) == DROP


def test_an_invalid_request_keeps_the_container() -> None:
    response = Board().post("/actual_lrps/evacuate_running.r1")
    assert error_name(response) == "InvalidRequest"
    assert response.endswith(KEEP)


def test_without_desired_lrp_the_container_goes_and_the_row_stays() -> None:
    board = Board()
    board.post("/actual_lrps/start.r1", requests.start())
    assert running(board) == DROP
    assert board.ordinary().state == "RUNNING"


@pytest.mark.parametrize("state", ["RUNNING", "CRASHED"])
def test_another_instance_in_place_ends_the_evacuating_row(state: str) -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    running(board)
    row = board.ordinary()
    row.state = state
    row.actual_lrp_instance_key.CopyFrom(requests.instance("new", "cell-2"))
    from bbs.models.records import Kind  # noqa: PLC0415

    board.put(Kind.ACTUAL_LRPS, "pg/0/ordinary", row)
    assert running(board) == DROP
    assert board.row("pg", 0, Presence.EVACUATING) is None


def test_a_second_evacuating_instance_is_dropped() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    running(board)
    assert running(board, "third", "cell-3") == DROP
    row = board.row("pg", 0, Presence.EVACUATING)
    assert row is not None
    assert row.actual_lrp_instance_key.instance_guid == "ig"


def test_an_unknown_instance_becomes_the_evacuating_one() -> None:
    board = Board()
    requests.in_state(board, "CLAIMED")
    assert running(board, "other", "cell-2") == KEEP
    row = board.row("pg", 0, Presence.EVACUATING)
    assert row is not None
    assert (row.state, row.routable) == ("RUNNING", True)


def test_new_addresses_of_an_evacuating_instance_raise_its_tag() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    running(board)
    assert running(board, address="10.0.0.9") == KEEP
    row = board.row("pg", 0, Presence.EVACUATING)
    assert row is not None
    assert (row.modification_tag.index, row.actual_lrp_net_info.address) == (1, "10.0.0.9")


def test_a_suspect_instance_becomes_the_evacuating_one() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    requests.make_suspect(board)
    assert running(board) == KEEP
    assert board.row("pg", 0, Presence.SUSPECT) is None
    assert board.row("pg", 0, Presence.EVACUATING)
    assert board.ordinary().state == "UNCLAIMED"


def test_a_claimed_instance_evacuates_as_running_with_what_is_stored() -> None:
    board = Board()
    requests.in_state(board, "CLAIMED")
    assert running(board) == KEEP
    row = board.row("pg", 0, Presence.EVACUATING)
    assert row is not None
    assert (row.state, row.actual_lrp_net_info.address) == ("RUNNING", "")


@pytest.mark.parametrize(("instances", "answer", "state"), [(1, DROP, "UNCLAIMED"), (2, KEEP, "RUNNING")])
def test_recreate_takes_an_instance_down_only_while_enough_run(instances: int, answer: bytes, state: str) -> None:
    board = Board()
    request = requests.lrp(instances=instances, update_strategy=desired.DesiredLRP.RECREATE)
    board.post("/desired_lrp/desire.r2", request)
    board.post("/actual_lrps/start.r1", requests.start())
    assert running(board) == answer
    assert board.ordinary().state == state
    assert board.row("pg", 0, Presence.EVACUATING) is None


KEYED = [
    ("/actual_lrps/evacuate_claimed", actual.EvacuateClaimedActualLRPRequest),
    ("/actual_lrps/evacuate_stopped", actual.EvacuateStoppedActualLRPRequest),
    ("/actual_lrps/remove_evacuating", actual.RemoveEvacuatingActualLRPRequest),
    ("/actual_lrps/evacuate_crashed", actual.EvacuateCrashedActualLRPRequest),
]


def keyed(message: type) -> actual.EvacuateCrashedActualLRPRequest:
    request: actual.EvacuateCrashedActualLRPRequest = requests.keyed(message)
    if message is actual.EvacuateCrashedActualLRPRequest:
        request.error_message = b"exit 1"
    return request


@pytest.mark.parametrize(("path", "message"), KEYED)
def test_an_unknown_instance_is_not_found(path: str, message: type) -> None:
    board = Board()
    requests.in_state(board, "UNCLAIMED")
    assert error_name(board.post(path, keyed(message))) == "ResourceNotFound"


@pytest.mark.parametrize(("path", "message"), KEYED)
def test_an_evacuating_row_is_deleted(path: str, message: type) -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    running(board)
    assert board.post(path, keyed(message)) == b""
    assert board.row("pg", 0, Presence.EVACUATING) is None


@pytest.mark.parametrize(
    ("path", "message", "state"),
    [(*KEYED[0], "UNCLAIMED"), (*KEYED[1], None), (*KEYED[3], "UNCLAIMED")],
)
def test_an_ordinary_row_is_unclaimed_deleted_or_crashed(path: str, message: type, state: str | None) -> None:
    board = Board()
    requests.in_state(board, "CLAIMED")
    assert board.post(path, keyed(message)) == b""
    row = board.row("pg", 0)
    assert (row.state if row else None) == state
    assert bool(board.taken(RequestLRPAuction)) is (path == KEYED[0][0])
