"""The ten rows of the version table, as they stand without a wanted record: B is the newest version served."""

from __future__ import annotations

import json

import pytest

from bbs.migration.decide import Abandon, AdoptEmpty, Begin, Continue, Decision, Identity, Serve, ShutDown, decide
from bbs.stores.contract import Survey
from tests.migration.stores_found import EMPTY, MIDDLE, NEW, OLD, able, decided, held_by

LOW, B, HIGH = OLD, MIDDLE, NEW
BINARY = able(OLD, MIDDLE, reads=frozenset({NEW}))
REFUSED = "NewerLayout"


@pytest.mark.parametrize(
    ("row", "current", "target", "expected"),
    [
        (2, LOW, LOW, Begin(LOW, B)),
        (3, LOW, B, Continue(LOW, B)),
        (4, LOW, HIGH, Continue(LOW, B)),
        (5, B, LOW, REFUSED),
        (6, B, None, Serve(B)),
        (7, B, HIGH, Abandon(B)),
        (8, HIGH, LOW, REFUSED),
        (9, HIGH, B, REFUSED),
        (10, HIGH, None, REFUSED),
    ],
)
def test_each_pair_of_current_and_target_has_the_outcome_of_the_story(
    row: int, current: int, target: int | None, expected: Decision | str
) -> None:
    anchor = held_by(current, None if target == current else target)
    decision = decided(anchor, BINARY)
    if isinstance(expected, str):
        assert isinstance(decision, ShutDown), f"row {row}"
        assert decision.code == expected
    else:
        assert decision == expected, f"row {row}"


def test_neither_current_nor_target_means_mark_the_newest_and_serve() -> None:
    """Row 1."""
    assert decide(None, EMPTY, Identity(), BINARY) == AdoptEmpty(B)


def test_a_target_ahead_of_the_binary_is_withdrawn_once_and_the_current_version_served() -> None:
    """Row 7 says serve; the record that still names the target is corrected first, then the decision is Serve."""
    first = held_by(B, HIGH)
    assert decided(first, BINARY) == Abandon(B)
    assert decided(first.change(version=held_by(B).version, migration=None), BINARY) == Serve(B)


@pytest.mark.parametrize(
    ("current", "target", "expected"),
    [
        (LOW, LOW, Begin(LOW, B)),
        (LOW, B, Continue(LOW, B)),
        (LOW, HIGH, Continue(LOW, B)),
        (B, LOW, REFUSED),
        (B, B, Serve(B)),
        (B, HIGH, Abandon(B)),
        (HIGH, LOW, "NewerLayout"),
        (HIGH, B, "NewerLayout"),
        (HIGH, HIGH, "NewerLayout"),
    ],
)
def test_a_store_that_upstream_wrote_is_judged_by_the_same_rows(
    current: int, target: int, expected: Decision | str
) -> None:
    record = json.dumps({"CurrentVersion": current, "TargetVersion": target}).encode()
    decision = decide(None, Survey(frozenset({"v1"}), record, None), Identity(), able(OLD, MIDDLE))
    if isinstance(expected, str):
        assert isinstance(decision, ShutDown)
        assert decision.code == expected
    else:
        assert decision == expected
