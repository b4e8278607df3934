"""Convergence over records as `bbs generate` makes them."""

from bbs.convergence import Timing, lrp_steps, task_steps
from bbs.interchange.generation import generate
from bbs.models.records import Kind, parse_actual_lrp_key
from tests.models.board import Board


def seeded(*, inert: bool) -> Board:
    board = Board()
    for record in generate(800, 7, inert=inert):
        board.put(record.kind, record.key, record.data, record.deadline)
    return board


def converge(board: Board, timing: Timing | None = None) -> int:
    """The number of records that changed."""
    changed = 0
    view, context = board.records, board.context
    for step in (*lrp_steps(view, context, timing), *task_steps(view, context, timing)):
        board.run(step)
        changed += len(board.mutations)
    return changed


def test_inert_records_stay_as_they_are() -> None:
    assert converge(seeded(inert=True)) == 0


def test_inert_records_stay_as_they_are_without_presences() -> None:
    board = seeded(inert=True)
    board.cells = None
    assert converge(board, Timing(presences=False)) == 0
    assert board.effects == []


def test_inert_lrps_are_not_even_looked_at() -> None:
    board = seeded(inert=True)
    assert list(lrp_steps(board.records, board.context)) == []


def test_after_a_run_every_desired_index_has_its_one_ordinary_row() -> None:
    board = seeded(inert=False)
    converge(board)
    rows = {parse_actual_lrp_key(entry.key) for entry in board.records.entries(Kind.ACTUAL_LRPS)}
    for entry in board.records.entries(Kind.DESIRED_LRPS):
        have = {index for guid, index, presence in rows if guid == entry.group and presence.value == "ordinary"}
        assert have == set(range(board.desired(entry.group).instances))


def test_a_second_run_at_once_moves_no_row_on_a_live_cell() -> None:
    board = seeded(inert=False)
    board.cells = {f"cell-{number}" for number in range(100)}
    converge(board)
    assert converge(board) == 0
