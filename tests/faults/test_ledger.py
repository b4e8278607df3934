"""The checker sees each kind of wrong, and takes nothing right for wrong."""

from __future__ import annotations

from tests.faults.ledger import Ledger, Read, Write


def test_an_acknowledged_write_that_a_later_read_does_not_see_is_lost() -> None:
    (said,) = Ledger([Write("a", 1, 0, 1)], [Read("a", 0, 2, 3)]).violations()
    assert said.startswith("lost: a was 0")


def test_a_read_that_began_before_the_acknowledgement_may_miss_it() -> None:
    assert Ledger([Write("a", 1, 0, 2)], [Read("a", 0, 1, 3)]).violations() == []


def test_a_value_that_was_never_sent_is_invented() -> None:
    (said,) = Ledger([Write("a", 1, 0, 1), Write("a", 2, 5, 6)], [Read("a", 2, 2, 3)]).violations()
    assert said.startswith("invented: a was 2")


def test_a_key_that_nobody_wrote_is_invented() -> None:
    (said,) = Ledger([], [Read("b", 1, 2, 3)]).violations()
    assert said.startswith("invented: b")


def test_a_write_without_an_answer_may_have_happened_or_not_and_late() -> None:
    ledger = Ledger([Write("a", 1, 0, 1), Write("a", 2, 2)], [Read("a", 1, 3, 4), Read("a", 2, 8, 9)])
    assert ledger.violations() == []


def test_an_unanswered_write_that_overwrites_a_later_acknowledged_one_is_a_loss() -> None:
    (said,) = Ledger([Write("a", 2, 0), Write("a", 3, 1, 2)], [Read("a", 2, 3, 4)]).violations()
    assert said.startswith("lost: a was 2")


def test_a_value_once_read_that_is_gone_afterwards_was_taken_back() -> None:
    ledger = Ledger([Write("a", 1, 0)], [Read("a", 1, 1, 2), Read("a", 0, 3, 4)])
    (said,) = ledger.violations()
    assert said.startswith("taken back: a was 0")


def test_a_list_is_a_read_of_every_key_absent_ones_included() -> None:
    ledger = Ledger([Write("a", 1, 0, 1), Write("b", 1, 0, 1)])
    ledger.told({"a": 1, "c": 1}, 2, 3)
    assert sorted(said.split(" at ")[0] for said in ledger.violations()) == ["invented: c was 1", "lost: b was 0"]
