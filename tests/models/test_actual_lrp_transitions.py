"""The transition table of the ordinary row, and what each call leaves in it."""

import pytest

from bbs.models.actual_lrps.crash import restart_due
from bbs.models.effects import RequestLRPAuction, RetireLRPInstance
from bbs.models.records import Presence
from bbs.wire import actual_lrp_pb2 as actual
from tests.models import requests
from tests.models.board import SECOND, Board, error_name

MINUTE = 60 * SECOND
TABLE = [
    # from, call, by the same instance, outcome
    ("UNCLAIMED", "claim", True, "CLAIMED"),
    ("UNCLAIMED", "start", True, "RUNNING"),
    ("UNCLAIMED", "crash", True, "ActualLRPCannotBeCrashed"),
    ("UNCLAIMED", "fail", True, "UNCLAIMED"),
    ("CLAIMED", "claim", True, "CLAIMED"),
    ("CLAIMED", "claim", False, "ActualLRPCannotBeClaimed"),
    ("CLAIMED", "start", True, "RUNNING"),
    ("CLAIMED", "start", False, "RUNNING"),
    ("CLAIMED", "crash", True, "UNCLAIMED"),
    ("CLAIMED", "crash", False, "ActualLRPCannotBeCrashed"),
    ("CLAIMED", "fail", True, "ActualLRPCannotBeFailed"),
    ("RUNNING", "claim", True, "CLAIMED"),
    ("RUNNING", "claim", False, "ActualLRPCannotBeClaimed"),
    ("RUNNING", "start", True, "RUNNING"),
    ("RUNNING", "start", False, "ActualLRPCannotBeStarted"),
    ("RUNNING", "crash", True, "UNCLAIMED"),
    ("RUNNING", "crash", False, "ActualLRPCannotBeCrashed"),
    ("RUNNING", "fail", True, "ActualLRPCannotBeFailed"),
    ("CRASHED", "claim", True, "ActualLRPCannotBeClaimed"),
    ("CRASHED", "start", True, "ActualLRPCannotBeStarted"),
    ("CRASHED", "crash", True, "ActualLRPCannotBeCrashed"),
    ("CRASHED", "fail", True, "ActualLRPCannotBeFailed"),
]


def call(board: Board, name: str, guid: str = "ig") -> bytes:
    fail = actual.FailActualLRPRequest(actual_lrp_key=requests.key(), error_message=b"no cell")
    match name:
        case "claim":
            return board.post("/actual_lrps/claim", requests.claim(guid))
        case "start":
            return board.post("/actual_lrps/start.r1", requests.start(guid))
        case "crash":
            return board.post("/actual_lrps/crash", requests.crash(guid))
    return board.post("/actual_lrps/fail", fail)


@pytest.mark.parametrize(("before", "name", "same", "after"), TABLE)
def test_the_ordinary_row_goes_where_the_table_says(before: str, name: str, same: bool, after: str) -> None:
    board = Board()
    requests.in_state(board, before)
    response = call(board, name, "ig" if same else "other")
    if after.startswith("Actual"):
        assert error_name(response) == after
        assert board.mutations == ()
        assert board.ordinary().state == before
    else:
        assert response == b""
        assert board.ordinary().state == after


@pytest.mark.parametrize(("name", "refused"), [("claim", True), ("crash", True), ("start", False), ("fail", False)])
def test_without_a_row_only_start_and_fail_succeed(name: str, refused: bool) -> None:
    assert error_name(call(Board(), name)) == ("ResourceNotFound" if refused else "")


@pytest.mark.parametrize("name", ["claim", "start"])
def test_a_repeated_call_changes_nothing(name: str) -> None:
    board = Board()
    requests.in_state(board, "UNCLAIMED")
    call(board, name)
    board.now += SECOND
    assert call(board, name) == b""
    assert board.mutations == ()


def test_a_change_raises_the_tag_and_since() -> None:
    board = Board()
    requests.in_state(board, "UNCLAIMED")
    board.now += SECOND
    call(board, "claim")
    assert board.ordinary().modification_tag.index == 1
    assert board.ordinary().since == board.now


def test_a_start_in_another_domain_is_refused() -> None:
    board = Board()
    requests.in_state(board, "UNCLAIMED")
    request = requests.start()
    request.actual_lrp_key.domain = "other"
    assert error_name(board.post("/actual_lrps/start.r1", request)) == "ActualLRPCannotBeStarted"


def test_start_r0_stores_no_routes_and_tags() -> None:
    board = Board()
    request = requests.start(actual_lrp_internal_routes=[actual.ActualLRPInternalRoute(hostname="a")])
    request.metric_tags["a"] = "b"
    board.post("/actual_lrps/start", request)
    assert not board.ordinary().actual_lrp_internal_routes
    assert not board.ordinary().metric_tags


def test_a_start_ends_the_evacuating_and_the_suspect_row() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    requests.make_suspect(board)
    board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running("older"))
    assert board.row("pg", 0, Presence.EVACUATING)
    board.post("/actual_lrps/start.r1", requests.start("new", "cell-2"))
    assert board.row("pg", 0, Presence.EVACUATING) is None
    assert board.row("pg", 0, Presence.SUSPECT) is None


@pytest.mark.parametrize("name", ["claim", "start"])
def test_the_suspect_instance_itself_changes_nothing(name: str) -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    requests.make_suspect(board)
    assert call(board, name) == b""
    assert board.mutations == ()


def test_a_crash_of_the_suspect_deletes_it() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    requests.make_suspect(board)
    assert call(board, "crash") == b""
    assert board.row("pg", 0, Presence.SUSPECT) is None


def test_the_third_crash_waits_for_convergence() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    for expected in ("UNCLAIMED", "UNCLAIMED", "CRASHED"):
        call(board, "start")
        call(board, "crash")
        assert board.ordinary().state == expected
    assert len(board.taken(RequestLRPAuction)) == 2


def test_five_quiet_minutes_forgive_earlier_crashes() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    call(board, "crash")
    call(board, "start")
    board.now += 5 * MINUTE + 1
    call(board, "crash")
    assert board.ordinary().crash_count == 1


def test_a_crash_without_desired_lrp_is_recorded_though_refused() -> None:
    board = Board()
    board.post("/actual_lrps/start.r1", requests.start())
    assert error_name(call(board, "crash")) == "ResourceNotFound"
    assert board.ordinary().crash_count == 1


@pytest.mark.parametrize(
    ("count", "delay"),
    [(3, 30), (4, 60), (5, 120), (6, 240), (7, 480), (8, 960), (199, 960)],
)
def test_the_backoff_doubles_up_to_sixteen_minutes(count: int, delay: int) -> None:
    assert restart_due(count, 0, delay * SECOND)
    assert not restart_due(count, 0, delay * SECOND - 1)


def test_after_200_crashes_nothing_restarts() -> None:
    assert not restart_due(200, 0, 10**18)


def test_a_long_placement_error_is_cut() -> None:
    board = Board()
    requests.in_state(board, "UNCLAIMED")
    board.post(
        "/actual_lrps/fail", actual.FailActualLRPRequest(actual_lrp_key=requests.key(), error_message=b"x" * 1024)
    )
    assert board.ordinary().placement_error == b"x" * 1013 + b"(truncated)"


def test_remove_with_another_instance_key_finds_nothing() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    request = actual.RemoveActualLRPRequest(process_guid="pg", actual_lrp_instance_key=requests.instance("other"))
    assert error_name(board.post("/actual_lrps/remove", request)) == "ResourceNotFound"
    request.actual_lrp_instance_key.CopyFrom(requests.instance())
    assert board.post("/actual_lrps/remove", request) == b""
    assert board.row("pg", 0) is None


@pytest.mark.parametrize(("cells", "stops"), [({"cell-1"}, True), (set(), False), (None, True)])
def test_retire_asks_the_cell_unless_it_is_known_to_be_gone(cells: set[str] | None, stops: bool) -> None:
    board = Board(cells=cells)
    requests.in_state(board, "RUNNING")
    assert board.post("/actual_lrps/retire", actual.RetireActualLRPRequest(actual_lrp_key=requests.key())) == b""
    assert bool(board.taken(RetireLRPInstance)) is stops
    assert (board.row("pg", 0) is not None) is stops
