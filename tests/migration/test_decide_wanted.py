"""What a wanted record does: it outranks the binary, in both directions, and only a person's or an operator's call
writes one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bbs.migration.decide import Abandon, Begin, Continue, Hold, Serve
from tests.migration.stores_found import AHEAD, MIDDLE, NEW, OLD, able, decided, failure, held_by

BOTH_MODES = pytest.mark.parametrize("managed", [True, False])


@BOTH_MODES
def test_wanted_equal_to_current_is_served_even_by_a_newer_binary(managed: bool) -> None:
    """Nobody migrates up again after a down-migration."""
    assert decided(held_by(OLD, wanted=OLD, generation=2), able(managed=managed)) == Serve(OLD)


@BOTH_MODES
@pytest.mark.parametrize(("current", "wanted"), [(OLD, NEW), (NEW, OLD), (MIDDLE, NEW), (NEW, MIDDLE)])
def test_another_served_version_is_begun_upwards_and_downwards(current: int, wanted: int, managed: bool) -> None:
    assert decided(held_by(current, wanted=wanted, generation=1), able(managed=managed)) == Begin(current, wanted)


@BOTH_MODES
def test_a_half_done_migration_to_what_is_wanted_is_continued(managed: bool) -> None:
    assert decided(held_by(OLD, NEW, wanted=NEW, generation=1), able(managed=managed)) == Continue(OLD, NEW)


@BOTH_MODES
def test_a_half_done_migration_to_something_else_is_abandoned_first(managed: bool) -> None:
    anchor = held_by(OLD, MIDDLE, wanted=NEW, generation=2)
    assert decided(anchor, able(managed=managed)) == Abandon(OLD)
    assert decided(held_by(OLD, wanted=NEW, generation=2), able(managed=managed)) == Begin(OLD, NEW)


@BOTH_MODES
def test_a_withdrawn_target_is_abandoned_and_the_old_layout_served(managed: bool) -> None:
    assert decided(held_by(OLD, NEW, wanted=OLD, generation=2), able(managed=managed)) == Abandon(OLD)
    assert decided(held_by(OLD, wanted=OLD, generation=2), able(managed=managed)) == Serve(OLD)


@BOTH_MODES
def test_a_failure_under_the_same_generation_is_held(managed: bool) -> None:
    anchor = held_by(OLD, NEW, wanted=NEW, generation=3, failed=failure(OLD, NEW, 3))
    decision = decided(anchor, able(managed=managed))
    assert isinstance(decision, Hold)
    assert decision.code == "Held"
    assert "tasks/t-1" in decision.message
    assert str(OLD) in decision.remedy


@BOTH_MODES
def test_a_failure_of_an_older_generation_is_tried_again(managed: bool) -> None:
    anchor = held_by(OLD, NEW, wanted=NEW, generation=4, failed=failure(OLD, NEW, 3))
    assert decided(anchor, able(managed=managed)) == Continue(OLD, NEW)


@BOTH_MODES
def test_a_failed_migration_that_is_withdrawn_is_served_at_once(managed: bool) -> None:
    anchor = held_by(OLD, NEW, wanted=OLD, generation=4, failed=failure(OLD, NEW, 3))
    assert decided(anchor, able(managed=managed)) == Abandon(OLD)


def test_a_failure_without_a_wanted_record_is_held_too() -> None:
    """In mode newest nobody set a target: generation 0 failed, and generation 0 it is still."""
    decision = decided(held_by(OLD, NEW, failed=failure(OLD, NEW, 0)), able())
    assert isinstance(decision, Hold)


def test_a_binary_that_is_newer_tries_a_target_of_its_own_after_an_older_ones_failure() -> None:
    """The failure is about another target; it explains nothing about this one."""
    decision = decided(held_by(OLD, MIDDLE, failed=failure(OLD, MIDDLE, 0)), able())
    assert decision == Begin(OLD, NEW)


@BOTH_MODES
def test_a_binary_that_cannot_serve_what_is_wanted_serves_what_is_stored(managed: bool) -> None:
    assert decided(held_by(OLD, wanted=AHEAD, generation=1), able(managed=managed)) == Serve(OLD)


@BOTH_MODES
def test_a_binary_that_cannot_serve_the_target_under_way_abandons_it(managed: bool) -> None:
    assert decided(held_by(OLD, AHEAD, wanted=AHEAD, generation=1), able(managed=managed)) == Abandon(OLD)


def test_a_binary_that_can_serve_neither_holds_and_names_what_it_serves() -> None:
    can = able(NEW, reads=frozenset({MIDDLE}), managed=True)
    decision = decided(held_by(MIDDLE, wanted=AHEAD, generation=1), can)
    assert isinstance(decision, Hold)
    assert decision.code == "TargetNotSet"
    assert str(NEW) in decision.remedy


def test_a_source_only_layout_moves_at_once_in_mode_newest() -> None:
    assert decided(held_by(MIDDLE), able(NEW, reads=frozenset({MIDDLE}))) == Begin(MIDDLE, NEW)


def test_online_is_what_the_call_said_or_what_is_configured_where_nobody_called() -> None:
    anchor = held_by(OLD, wanted=NEW, generation=1)
    assert decided(anchor.change(online=True), able()) == Begin(OLD, NEW, online=True)
    assert decided(anchor, replace(able(), online=True)) == Begin(OLD, NEW)
    unasked = held_by(OLD)
    assert decided(unasked, replace(able(managed=False), online=True)) == Begin(OLD, NEW, online=True)


def test_a_source_that_is_only_read_is_never_migrated_online() -> None:
    can = replace(able(), serves=frozenset({NEW}))
    assert decided(held_by(OLD, wanted=NEW, generation=1).change(online=True), can) == Begin(OLD, NEW)


def test_after_a_failure_online_the_old_layout_is_served_on() -> None:
    anchor = held_by(OLD, NEW, wanted=NEW, generation=3, failed=failure(OLD, NEW, 3)).change(online=True)
    assert decided(anchor, able()) == Serve(OLD)
