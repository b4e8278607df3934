"""LRP convergence, rule by rule, and the patience of a new master."""

import pytest

from bbs.convergence import Timing, lrp_steps
from bbs.models.auction import apart
from bbs.models.effects import RetireLRPInstance, UpdateLRPInstance
from bbs.models.records import Kind, Presence
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire.actual_lrp_pb2 import ActualLRP, StartActualLRPRequest
from bbs.wire.core_pb2 import UpsertDomainRequest
from bbs.wire.frames import frame
from tests.models import requests
from tests.models.board import SECOND, START, Board


def converge(board: Board) -> None:
    board.effects.clear()
    for step in lrp_steps(board.records, board.context):
        board.run(step)


def auctioned(board: Board) -> dict[str, tuple[int, ...]]:
    indices: dict[str, tuple[int, ...]] = {}
    for start in apart(board.effects):
        indices[start.process_guid] = (*indices.get(start.process_guid, ()), *start.indices)
    return {guid: tuple(sorted(of)) for guid, of in indices.items()}


def shape(board: Board, presence: Presence = Presence.ORDINARY) -> str:
    row = board.row("pg", 0, presence)
    return row.state if row else ""


def test_missing_instances_are_created_and_auctioned_in_one_request() -> None:
    board = Board()
    board.put(Kind.DESIRED_LRPS, "pg", requests.lrp(instances=3).desired_lrp)
    board.post("/actual_lrps/start.r1", requests.start(index=1))
    board.cells = {"cell-1"}
    converge(board)
    assert auctioned(board) == {"pg": (0, 2)}
    assert [entry.index for entry in board.records.group(Kind.ACTUAL_LRPS, "pg")] == [0, 1, 2]


def test_missing_is_counted_by_index_though_the_number_of_rows_fits() -> None:
    board = Board(cells={"cell-1"})
    board.put(Kind.DESIRED_LRPS, "pg", requests.lrp(instances=2).desired_lrp)
    for index in (0, 7):
        board.post("/actual_lrps/start.r1", requests.start(index=index))
    converge(board)
    assert auctioned(board) == {"pg": (1,)}


def test_an_instance_on_a_missing_cell_becomes_suspect_and_is_replaced() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    converge(board)
    assert (shape(board), shape(board, Presence.SUSPECT)) == ("UNCLAIMED", "RUNNING")
    assert auctioned(board) == {"pg": (0,)}


def test_a_change_of_presence_keeps_tag_and_since() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    before = board.ordinary()
    board.now += SECOND
    converge(board)
    suspect = board.row("pg", 0, Presence.SUSPECT)
    assert suspect is not None
    assert (suspect.modification_tag, suspect.since) == (before.modification_tag, before.since)


def test_the_replacement_on_a_missing_cell_is_unclaimed_without_auction() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    converge(board)
    board.post("/actual_lrps/claim", requests.claim("new", "cell-2"))
    converge(board)
    assert shape(board) == "UNCLAIMED"
    assert auctioned(board) == {}


def test_a_suspect_whose_cell_is_back_is_ordinary_again() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    converge(board)
    board.cells = {"cell-1"}
    converge(board)
    assert (shape(board), shape(board, Presence.SUSPECT)) == ("RUNNING", "")


def test_without_an_answer_about_cells_nothing_happens() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    board.cells = None
    assert list(lrp_steps(board.records, board.context)) == []


@pytest.mark.parametrize(("seconds", "suspected"), [(44, False), (45, True)])
def test_a_new_master_destroys_nothing_for_one_interval_and_one_presence_ttl(seconds: int, suspected: bool) -> None:
    board = Board(serving_since=START)
    requests.in_state(board, "RUNNING")
    board.now = START + seconds * SECOND
    converge(board)
    assert bool(board.row("pg", 0, Presence.SUSPECT)) is suspected


@pytest.mark.parametrize(("seconds", "again"), [(30, False), (31, True)])
def test_ages_count_from_the_takeover(seconds: int, again: bool) -> None:
    board = Board(cells={"cell-1"})
    requests.in_state(board, "UNCLAIMED")
    board.now += 3600 * SECOND
    board.serving_since = board.now
    board.now += seconds * SECOND
    converge(board)
    assert bool(auctioned(board)) is again


def test_an_evacuating_row_ends_with_its_cell_or_its_deadline() -> None:
    for cells, deadline, stays in (({"cell-1"}, 0, True), (set(), 0, False), ({"cell-1"}, START, False)):
        board = Board(cells=cells)
        requests.in_state(board, "RUNNING")
        board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running())
        data = board.data(Kind.ACTUAL_LRPS, "pg/0/evacuating")
        board.put(Kind.ACTUAL_LRPS, "pg/0/evacuating", data, deadline)
        converge(board)
        assert bool(shape(board, Presence.EVACUATING)) is stays


@pytest.mark.parametrize("fresh", [True, False])
def test_surplus_and_orphans_are_retired_only_in_a_fresh_domain(fresh: bool) -> None:
    board = Board(cells={"cell-1"})
    if fresh:
        board.post("/domains/upsert", UpsertDomainRequest(domain="dom"))
    requests.in_state(board, "RUNNING")
    board.post("/actual_lrps/start.r1", requests.start(index=5))
    converge(board)
    assert len(board.taken(RetireLRPInstance)) == fresh


def test_a_crashed_instance_restarts_when_its_backoff_is_over() -> None:
    board = Board()
    requests.in_state(board, "CRASHED")
    board.now += 29 * SECOND
    converge(board)
    assert shape(board) == "CRASHED"
    board.now += SECOND
    converge(board)
    assert shape(board) == "UNCLAIMED"
    assert auctioned(board) == {"pg": (0,)}


def test_what_was_put_in_order_since_the_scan_is_left_alone() -> None:
    board = Board(cells={"cell-2"})
    requests.in_state(board, "RUNNING")
    steps = list(lrp_steps(board.records, board.context))
    board.cells = {"cell-1", "cell-2"}
    for step in steps:
        board.run(step)
    assert shape(board, Presence.SUSPECT) == ""


def test_an_expired_domain_is_deleted() -> None:
    board = Board()
    board.post("/domains/upsert", UpsertDomainRequest(domain="short", ttl=1))
    board.now += 2 * SECOND
    converge(board)
    assert board.records.get(Kind.DOMAINS, "short") is None


def test_inert_seeds_are_left_alone() -> None:
    board = Board()
    board.post("/domains/upsert", UpsertDomainRequest(domain="seed-1"))
    none = desired.DesiredLRP(process_guid="none", domain="seed-1", root_fs="docker:///none")
    crashed = desired.DesiredLRP(process_guid="pg", domain="seed-1", root_fs="docker:///none", instances=1)
    row = ActualLRP(actual_lrp_key=requests.key(domain="seed-1"), state="CRASHED", crash_count=200, since=1)
    board.put(Kind.DESIRED_LRPS, "none", none)
    board.put(Kind.DESIRED_LRPS, "pg", crashed)
    board.put(Kind.ACTUAL_LRPS, "pg/0/ordinary", row)
    assert list(lrp_steps(board.records, board.context)) == []


def test_a_running_instance_out_of_step_is_told_what_differs_until_it_reports_so() -> None:
    board = Board(cells={"cell-1"})
    requests.in_state(board, "RUNNING")
    board.post("/actual_lrps/start.r1", started_with("old"))
    converge(board)
    (update,) = board.taken(UpdateLRPInstance)
    assert isinstance(update, UpdateLRPInstance)
    assert (update.internal_routes, update.metric_tags) == (None, {"source_id": "pg"})
    board.post("/actual_lrps/start.r1", started_with("pg"))
    converge(board)
    assert board.effects == []


def test_vanished_internal_routes_are_told_as_an_empty_list() -> None:
    board = Board(cells={"cell-1"})
    requests.in_state(board, "RUNNING")
    request = started_with("pg")
    request.actual_lrp_internal_routes.add(hostname="a.internal")
    board.post("/actual_lrps/start.r1", request)
    converge(board)
    (update,) = board.taken(UpdateLRPInstance)
    assert isinstance(update, UpdateLRPInstance)
    assert update.document()["internal_routes"] == []


def test_a_change_of_the_desired_lrp_is_noticed_after_a_run_in_step() -> None:
    board = Board(cells={"cell-1"})
    requests.in_state(board, "RUNNING")
    board.post("/actual_lrps/start.r1", started_with("pg"))
    converge(board)
    assert list(lrp_steps(board.records, board.context)) == []
    lrp = board.desired()
    lrp.modification_tag.index += 1
    lrp.metric_tags["source_id"].static = "new"
    board.put(Kind.DESIRED_LRPS, "pg", lrp)
    converge(board)
    assert len(board.taken(UpdateLRPInstance)) == 1


def started_with(source_id: str) -> StartActualLRPRequest:
    request = requests.start()
    request.metric_tags["source_id"] = source_id
    return request


def test_a_tag_that_is_no_utf8_stops_no_run() -> None:
    board = Board(cells={"cell-1"})
    requests.in_state(board, "RUNNING")
    bad = frame(1, b"bad \xff") + frame(2, b"bad \xff")
    row = board.data(Kind.ACTUAL_LRPS, "pg/0/ordinary")
    board.put(Kind.ACTUAL_LRPS, "pg/0/ordinary", row + frame(12, bad))
    board.put(Kind.DESIRED_LRPS, "other", requests.lrp("other").desired_lrp)
    converge(board)
    assert board.row("other", 0) is not None


def test_a_master_that_began_with_an_empty_store_took_over_from_nobody() -> None:
    board = Board(serving_since=START)
    requests.in_state(board, "RUNNING")
    for step in lrp_steps(board.records, board.context, Timing(first=True)):
        board.run(step)
    assert board.row("pg", 0, Presence.SUSPECT) is not None


@pytest.mark.parametrize(
    ("crash_count", "seconds"),
    [(3, 30), (4, 60), (5, 120), (6, 240), (7, 480), (8, 960), (9, 960), (199, 960)],
)
def test_the_backoff_doubles_up_to_a_quarter_of_an_hour(crash_count: int, seconds: int) -> None:
    board = Board(cells={"cell-1"})
    board.put(Kind.DESIRED_LRPS, "pg", requests.lrp().desired_lrp)
    row = ActualLRP(actual_lrp_key=requests.key(), state="CRASHED", crash_count=crash_count, since=START)
    board.put(Kind.ACTUAL_LRPS, "pg/0/ordinary", row)
    board.now = START + seconds * SECOND - 1
    converge(board)
    assert shape(board) == "CRASHED"
    board.now += 1
    converge(board)
    assert shape(board) == "UNCLAIMED"


def test_after_two_hundred_crashes_nothing_restarts_it() -> None:
    board = Board(cells={"cell-1"})
    board.put(Kind.DESIRED_LRPS, "pg", requests.lrp().desired_lrp)
    row = ActualLRP(actual_lrp_key=requests.key(), state="CRASHED", crash_count=200, since=1)
    board.put(Kind.ACTUAL_LRPS, "pg/0/ordinary", row)
    converge(board)
    assert shape(board) == "CRASHED"


@pytest.mark.parametrize("seconds", [44, 45])
def test_a_new_master_ends_no_domain_and_no_evacuating_row_and_retires_nothing_early(seconds: int) -> None:
    board = Board(serving_since=START)
    board.put(Kind.DOMAINS, "gone", b"", START)
    board.post("/domains/upsert", UpsertDomainRequest(domain="dom"))
    evacuating = ActualLRP(actual_lrp_key=requests.key(1), state="RUNNING", presence=1)  # type: ignore[arg-type]
    evacuating.actual_lrp_instance_key.cell_id = "away"
    board.put(Kind.ACTUAL_LRPS, "pg/1/evacuating", evacuating)
    board.put(
        Kind.ACTUAL_LRPS, "orphan/0/ordinary", ActualLRP(actual_lrp_key=requests.key(guid="orphan"), state="UNCLAIMED")
    )
    board.now = START + seconds * SECOND
    converge(board)
    kept = [
        board.records.get(Kind.DOMAINS, "gone"),
        board.records.get(Kind.ACTUAL_LRPS, "pg/1/evacuating"),
        board.records.get(Kind.ACTUAL_LRPS, "orphan/0/ordinary"),
    ]
    assert [one is not None for one in kept] == [seconds == 44] * 3


def test_an_instance_placed_again_without_volumes_names_no_drivers() -> None:
    board = Board(cells={"cell-1"})
    board.put(Kind.DESIRED_LRPS, "pg", requests.lrp().desired_lrp)
    converge(board)
    (start,) = apart(board.effects)
    assert start.document()["VolumeDrivers"] is None


@pytest.mark.parametrize("state", ["UNCLAIMED", "CLAIMED", "RUNNING", "CRASHED"])
def test_without_presences_only_what_no_cell_has_is_retired(state: str) -> None:
    board = Board(cells=None)
    board.post("/domains/upsert", UpsertDomainRequest(domain="dom"))
    row = ActualLRP(actual_lrp_key=requests.key(), state=state)
    row.actual_lrp_instance_key.cell_id = "cell-1" if state in ("CLAIMED", "RUNNING") else ""
    board.put(Kind.ACTUAL_LRPS, "pg/0/ordinary", row)
    for step in lrp_steps(board.records, board.context, Timing(presences=False)):
        board.run(step)
    assert (board.row("pg", 0) is None) is (state in ("UNCLAIMED", "CRASHED"))
    assert board.effects == []


def test_without_presences_nothing_becomes_suspect_or_is_promoted_and_evacuating_rows_stay() -> None:
    board = Board(cells=None)
    board.put(Kind.DESIRED_LRPS, "pg", requests.lrp(instances=2).desired_lrp)
    for index, presence, name in ((0, 0, "ordinary"), (1, 2, "suspect"), (1, 1, "evacuating")):
        row = ActualLRP(actual_lrp_key=requests.key(index), state="RUNNING", presence=presence)  # type: ignore[arg-type]
        row.actual_lrp_instance_key.cell_id = "cell-1"
        board.put(Kind.ACTUAL_LRPS, f"pg/{index}/{name}", row)
    for step in lrp_steps(board.records, board.context, Timing(presences=False)):
        board.run(step)
    keys = [entry.key for entry in board.records.group(Kind.ACTUAL_LRPS, "pg")]
    assert keys == ["pg/0/ordinary", "pg/1/evacuating", "pg/1/ordinary", "pg/1/suspect"]
