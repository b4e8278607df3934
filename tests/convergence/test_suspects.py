"""Suspects: what becomes of an instance whose cell is gone, and of its replacement."""

import pytest

from bbs.models.effects import RetireLRPInstance
from bbs.models.records import Kind, Presence
from bbs.wire.actual_lrp_pb2 import ActualLRP
from bbs.wire.core_pb2 import UpsertDomainRequest
from tests.convergence.test_lrps import auctioned, converge, shape
from tests.models import requests
from tests.models.board import Board


def suspected(*, fresh: bool = False) -> Board:
    """pg/0 ran on cell-1, which is gone; the replacement waits."""
    board = Board(cells={"cell-2"})
    if fresh:
        board.post("/domains/upsert", UpsertDomainRequest(domain="dom"))
    requests.in_state(board, "RUNNING")
    converge(board)
    assert (shape(board), shape(board, Presence.SUSPECT)) == ("UNCLAIMED", "RUNNING")
    return board


@pytest.mark.parametrize("fresh", [True, False])
def test_a_suspect_that_nobody_desires_goes_only_where_the_domain_is_fresh(fresh: bool) -> None:
    board = suspected(fresh=fresh)
    board.records.place(Kind.DESIRED_LRPS, "pg", None)
    converge(board)
    assert (shape(board, Presence.SUSPECT) == "") is fresh


def test_a_suspect_beside_a_running_replacement_goes() -> None:
    board = suspected()
    row = board.ordinary()
    row.state = "RUNNING"
    row.actual_lrp_instance_key.cell_id = "cell-2"
    board.put(Kind.ACTUAL_LRPS, "pg/0/ordinary", row)
    converge(board)
    assert (shape(board), shape(board, Presence.SUSPECT)) == ("RUNNING", "")


def test_a_suspect_stays_while_its_cell_is_away_and_its_replacement_only_claimed() -> None:
    board = suspected()
    board.post("/actual_lrps/claim", requests.claim("new", "cell-2"))
    converge(board)
    assert (shape(board), shape(board, Presence.SUSPECT)) == ("CLAIMED", "RUNNING")


@pytest.mark.parametrize("replacement", ["UNCLAIMED", "CLAIMED", ""])
def test_a_cell_that_returns_gets_its_instance_back_from_any_replacement_that_does_not_run(replacement: str) -> None:
    board = suspected()
    before = board.row("pg", 0, Presence.SUSPECT)
    if replacement == "CLAIMED":
        board.post("/actual_lrps/claim", requests.claim("new", "cell-2"))
    if not replacement:
        board.post("/actual_lrps/remove", requests.remove())
    board.cells = {"cell-1", "cell-2"}
    converge(board)
    after = board.ordinary()
    assert shape(board, Presence.SUSPECT) == ""
    assert before is not None
    assert (after.state, after.since, after.modification_tag) == ("RUNNING", before.since, before.modification_tag)
    assert after.actual_lrp_instance_key == before.actual_lrp_instance_key


def test_with_no_cell_present_at_all_every_instance_is_suspect_and_none_is_promoted() -> None:
    board = suspected()
    board.cells = set()
    converge(board)
    assert shape(board, Presence.SUSPECT) == "RUNNING"


def test_an_ordinary_row_that_was_removed_beside_a_suspect_is_created_again() -> None:
    board = suspected()
    board.post("/actual_lrps/remove", requests.remove())
    converge(board)
    assert (shape(board), auctioned(board)) == ("UNCLAIMED", {"pg": (0,)})


@pytest.mark.parametrize("fresh", [True, False])
def test_a_surplus_instance_on_a_cell_that_is_gone_is_replaced_and_its_replacement_retired_in_a_fresh_domain(
    fresh: bool,
) -> None:
    board = Board(cells={"cell-2"})
    if fresh:
        board.post("/domains/upsert", UpsertDomainRequest(domain="dom"))
    board.put(Kind.DESIRED_LRPS, "pg", requests.lrp(instances=1).desired_lrp)
    board.post("/actual_lrps/start.r1", requests.start(index=0, cell="cell-2"))
    board.post("/actual_lrps/start.r1", requests.start(index=3, cell="cell-1"))
    converge(board)
    replacement = board.row("pg", 3)
    assert replacement is not None
    assert replacement.state == "UNCLAIMED"
    assert auctioned(board) == {"pg": (3,)}
    converge(board)
    assert (board.row("pg", 3) is None) is fresh
    assert board.row("pg", 3, Presence.SUSPECT) is not None


def test_an_orphan_on_a_cell_that_is_gone_is_no_suspect() -> None:
    board = Board(cells={"cell-2"})
    board.post("/actual_lrps/start.r1", requests.start(cell="cell-1"))
    converge(board)
    assert (shape(board), shape(board, Presence.SUSPECT)) == ("RUNNING", "")


def test_an_orphan_on_a_cell_that_is_gone_is_deleted_where_the_domain_is_fresh() -> None:
    board = Board(cells={"cell-2"})
    board.post("/domains/upsert", UpsertDomainRequest(domain="dom"))
    board.post("/actual_lrps/start.r1", requests.start(cell="cell-1"))
    converge(board)
    assert (shape(board), board.taken(RetireLRPInstance)) == ("", [])


@pytest.mark.parametrize("index", [0, 4])
def test_a_crashed_instance_restarts_though_its_index_may_be_surplus(index: int) -> None:
    board = Board(cells={"cell-1"})
    board.put(Kind.DESIRED_LRPS, "pg", requests.lrp(instances=1).desired_lrp)
    crashed = ActualLRP(actual_lrp_key=requests.key(index), state="CRASHED", crash_count=3, since=1)
    board.put(Kind.ACTUAL_LRPS, f"pg/{index}/ordinary", crashed)
    converge(board)
    row = board.row("pg", index)
    assert row is not None
    assert row.state == "UNCLAIMED"
    assert index in auctioned(board)["pg"]
