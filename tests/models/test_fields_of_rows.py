"""What each call leaves in each field of a row: given, cleared, kept, counted."""

import pytest

from bbs.models.records import Kind, Presence
from bbs.wire import actual_lrp_pb2 as actual
from tests.models import requests
from tests.models.board import SECOND, Board, error_name

CRASHES = 1


def given(guid: str = "ig", cell: str = "cell-1", mark: str = "a") -> actual.StartActualLRPRequest:
    """A start whose every field tells that it is this one."""
    request = requests.start(guid, cell, Routable=False, availability_zone=f"zone-{mark}")
    request.actual_lrp_net_info.address = f"address-{mark}"
    request.actual_lrp_internal_routes.add(hostname=f"host-{mark}")
    request.metric_tags["tag"] = mark
    return request


def running() -> Board:
    """One instance that runs, after a crash and a placement error."""
    board = Board()
    requests.in_state(board, "RUNNING")
    board.post("/actual_lrps/crash", requests.crash())
    fail(board)
    board.post("/actual_lrps/start.r1", given())
    board.now += SECOND
    return board


def fail(board: Board) -> None:
    board.post("/actual_lrps/fail", actual.FailActualLRPRequest(actual_lrp_key=requests.key(), error_message=b"full"))


def kept(row: actual.ActualLRP, mark: str = "a") -> bool:
    """Whether routes, tags, routable and zone are those of the start with that mark."""
    wanted = given(mark=mark)
    return (
        row.actual_lrp_internal_routes == wanted.actual_lrp_internal_routes
        and dict(row.metric_tags) == {"tag": mark}
        and row.HasField("routable")
        and not row.routable
        and row.availability_zone == f"zone-{mark}"
    )


def without_instance(row: actual.ActualLRP) -> bool:
    return (row.actual_lrp_instance_key, row.actual_lrp_net_info) == (
        actual.ActualLRPInstanceKey(),
        actual.ActualLRPNetInfo(),
    )


def test_a_created_row_is_empty_but_for_its_key_and_a_fresh_tag() -> None:
    board = Board()
    requests.in_state(board, "UNCLAIMED")
    wanted = actual.ActualLRP(
        actual_lrp_key=requests.key(),
        actual_lrp_instance_key={},
        actual_lrp_net_info={},
        state="UNCLAIMED",
        since=board.now,
        modification_tag={"epoch": board.ordinary().modification_tag.epoch},
        routable=False,
    )
    assert board.ordinary() == wanted


def test_a_start_gives_everything_and_clears_the_placement_error() -> None:
    row = running().ordinary()
    assert kept(row)
    assert (row.state, row.placement_error, row.crash_count) == ("RUNNING", b"", CRASHES)
    assert row.actual_lrp_instance_key == requests.instance()
    assert row.actual_lrp_net_info.address == "address-a"


def test_a_start_that_differs_in_one_field_is_a_change() -> None:
    for name in ("net_info", "internal_routes", "metric_tags", "routable", "zone"):
        board = running()
        request = given()
        match name:
            case "net_info":
                request.actual_lrp_net_info.address = "other"
            case "internal_routes":
                request.actual_lrp_internal_routes.add(hostname="other")
            case "metric_tags":
                request.metric_tags["other"] = "x"
            case "routable":
                request.ClearField("Routable")
            case "zone":
                request.availability_zone = "other"
        before = board.ordinary().modification_tag.index
        assert board.post("/actual_lrps/start.r1", request) == b""
        assert (board.ordinary().modification_tag.index, board.ordinary().since) == (before + 1, board.now), name


def test_internal_routes_in_another_order_are_a_change() -> None:
    board = running()
    hosts = [actual.ActualLRPInternalRoute(hostname=name) for name in ("x", "y")]
    for order in (hosts, hosts[::-1]):
        request = requests.start(actual_lrp_internal_routes=order)
        board.post("/actual_lrps/start.r1", request)
        assert board.mutations
    assert board.post("/actual_lrps/start.r1", request) == b""
    assert not board.mutations


def test_an_absent_routable_means_true() -> None:
    board = Board()
    board.post("/actual_lrps/start.r1", requests.start())
    assert board.ordinary().routable


def test_a_start_without_row_has_a_fresh_tag_and_the_domain_of_its_key() -> None:
    board = Board()
    board.post("/actual_lrps/start.r1", given())
    row = board.ordinary()
    assert kept(row)
    assert (row.actual_lrp_key.domain, row.modification_tag.index, row.crash_count) == ("dom", 0, 0)
    assert row.modification_tag.epoch


def test_the_first_revision_honours_routable_and_zone_and_drops_routes_and_tags() -> None:
    board = Board()
    board.post("/actual_lrps/start", given())
    row = board.ordinary()
    assert (row.routable, row.availability_zone) == (False, "zone-a")
    assert (list(row.actual_lrp_internal_routes), dict(row.metric_tags)) == ([], {})


def test_a_claim_clears_net_info_and_placement_error_and_keeps_the_rest() -> None:
    board = running()
    before = board.ordinary().modification_tag.index
    assert board.post("/actual_lrps/claim", requests.claim()) == b""
    row = board.ordinary()
    assert kept(row)
    assert (row.state, row.actual_lrp_net_info, row.crash_count) == ("CLAIMED", actual.ActualLRPNetInfo(), CRASHES)
    assert (row.since, row.modification_tag.index) == (board.now, before + 1)


def test_a_claim_clears_the_placement_error() -> None:
    board = Board()
    requests.in_state(board, "UNCLAIMED")
    fail(board)
    assert board.ordinary().placement_error == b"full"
    board.post("/actual_lrps/claim", requests.claim())
    assert board.ordinary().placement_error == b""


def test_a_failed_placement_changes_error_tag_and_time_alone() -> None:
    board = Board()
    requests.in_state(board, "UNCLAIMED")
    wanted = board.ordinary()
    board.now += SECOND
    fail(board)
    wanted.placement_error = b"full"
    wanted.since = board.now
    wanted.modification_tag.index += 1
    assert board.ordinary() == wanted


def test_a_crash_clears_the_instance_and_keeps_the_rest() -> None:
    board = running()
    before = board.ordinary().modification_tag.index
    board.post("/actual_lrps/crash", requests.crash(reason=b"why"))
    row = board.ordinary()
    assert kept(row)
    assert without_instance(row)
    assert (row.crash_count, row.crash_reason) == (CRASHES + 1, b"why")
    assert (row.since, row.modification_tag.index) == (board.now, before + 1)


def test_an_unclaim_clears_the_instance_and_keeps_the_rest() -> None:
    board = running()
    before = board.ordinary().modification_tag.index
    board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running())
    row = board.ordinary()
    assert kept(row)
    assert without_instance(row)
    assert (row.state, row.crash_count) == ("UNCLAIMED", CRASHES)
    assert (row.since, row.modification_tag.index) == (board.now, before + 1)


def test_a_new_evacuating_row_takes_what_is_stored_and_no_crashes() -> None:
    board = running()
    board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running(address="other"))
    row = board.row("pg", 0, Presence.EVACUATING)
    assert row is not None
    assert kept(row)
    assert (row.state, row.presence, row.crash_count, row.since) == ("RUNNING", 1, 0, board.now)
    assert (row.actual_lrp_net_info.address, row.modification_tag.index) == ("address-a", 0)
    assert row.modification_tag.epoch != board.ordinary().modification_tag.epoch


def test_an_evacuating_row_that_is_overwritten_keeps_routable_and_zone() -> None:
    """The replacement is drained, too, before it ever started."""
    board = running()
    board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running())
    first = board.row("pg", 0, Presence.EVACUATING)
    board.post("/actual_lrps/start.r1", given("new", "cell-2", "b"))
    board.put(Kind.ACTUAL_LRPS, "pg/0/evacuating", first)  # type: ignore[arg-type]
    board.now += SECOND
    assert board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running("new", "cell-2")) == b"\x10\x01"
    row = board.row("pg", 0, Presence.EVACUATING)
    assert row is not None
    assert first is not None
    assert row.actual_lrp_instance_key == requests.instance("new", "cell-2")
    assert (row.actual_lrp_net_info.address, dict(row.metric_tags)) == ("address-b", {"tag": "b"})
    assert [route.hostname for route in row.actual_lrp_internal_routes] == ["host-b"]
    assert (row.availability_zone, row.routable, row.since) == ("zone-a", False, board.now)
    assert (row.modification_tag.epoch, row.modification_tag.index) == (first.modification_tag.epoch, 1)


def test_an_evacuating_row_of_the_same_instance_stays_as_it_is() -> None:
    board = running()
    board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running())
    first = board.row("pg", 0, Presence.EVACUATING)
    board.post("/actual_lrps/start.r1", given())
    board.put(Kind.ACTUAL_LRPS, "pg/0/evacuating", first)  # type: ignore[arg-type]
    board.now += SECOND
    assert board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running()) == b"\x10\x01"
    assert board.row("pg", 0, Presence.EVACUATING) == first
    assert board.ordinary().state == "UNCLAIMED"


def test_a_crash_of_a_claimed_instance_is_never_forgiven() -> None:
    board = Board()
    requests.in_state(board, "CLAIMED")
    for _ in range(2):
        board.post("/actual_lrps/crash", requests.crash())
        board.post("/actual_lrps/claim", requests.claim())
        board.now += 600 * SECOND
    board.post("/actual_lrps/crash", requests.crash())
    assert (board.ordinary().crash_count, board.ordinary().state) == (3, "CRASHED")


def test_exactly_five_minutes_are_too_few_to_forgive() -> None:
    board = running()
    board.now = board.ordinary().since + 300 * SECOND
    board.post("/actual_lrps/crash", requests.crash())
    assert board.ordinary().crash_count == CRASHES + 1


@pytest.mark.parametrize(("length", "stored"), [(1023, b"x" * 1023), (1024, b"x" * 1013 + b"(truncated)")])
def test_a_crash_reason_is_cut_from_1024_bytes_on(length: int, stored: bytes) -> None:
    board = running()
    board.post("/actual_lrps/crash", requests.crash(reason=b"x" * length))
    assert board.ordinary().crash_reason == stored


def test_a_reason_may_be_cut_inside_a_character() -> None:
    board = running()
    board.post("/actual_lrps/crash", requests.crash(reason="é".encode() * 600))
    assert board.ordinary().crash_reason == ("é" * 600).encode()[:1013] + b"(truncated)"


@pytest.mark.parametrize(
    ("field", "longest"), [("instance_guid", 255), ("cell_id", 255), ("zone", 255), ("process_guid", 255)]
)
def test_what_a_start_stores_is_as_long_as_its_column(field: str, longest: int) -> None:
    for length, refused in ((longest, ""), (longest + 1, "InvalidRequest")):
        request = requests.start()
        match field:
            case "zone":
                request.availability_zone = "é" * length
            case "process_guid":
                request.actual_lrp_key.process_guid = "g" * length
            case _:
                setattr(request.actual_lrp_instance_key, field, "é" * length)
        assert error_name(Board().post("/actual_lrps/start.r1", request)) == refused
