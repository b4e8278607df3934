"""How long a cell has been aborted, by what one process saw."""

from controllers.decide.observation import Evacuation
from controllers.observe.aborted import Aborted

GAVE_UP = Evacuation("aborted", 2, "evacuation_timeout: ...")


def test_the_age_counts_from_when_it_was_first_seen() -> None:
    aborted = Aborted()
    assert [aborted.aged("cell-0", GAVE_UP, now).aborted_for for now in (100.0, 130.0, 161.0)] == [0, 30, 61]


def test_another_state_in_between_begins_anew() -> None:
    aborted = Aborted()
    aborted.aged("cell-0", GAVE_UP, 100.0)
    assert aborted.aged("cell-0", Evacuation("evacuating", 2), 160.0) == Evacuation("evacuating", 2)
    assert aborted.aged("cell-0", GAVE_UP, 170.0).aborted_for == 0


def test_a_cell_that_gives_up_before_it_is_looked_at_again_begins_anew() -> None:
    aborted = Aborted()
    aborted.aged("cell-0", GAVE_UP, 100.0)
    aborted.asked_again("cell-0")
    assert aborted.aged("cell-0", GAVE_UP, 162.0).aborted_for == 0


def test_cells_age_each_for_itself() -> None:
    aborted = Aborted()
    aborted.aged("cell-0", GAVE_UP, 100.0)
    assert aborted.aged("cell-1", GAVE_UP, 150.0).aborted_for == 0
