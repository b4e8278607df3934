"""Whose store this is: when an empty one may be marked, a found one adopted, and when nothing may be touched."""

from __future__ import annotations

import pytest

from bbs.migration.decide import AdoptEmpty, Begin, Identity, Serve, ShutDown, decide
from bbs.stores.anchor import FORMAT
from bbs.stores.contract import Survey
from tests.migration.stores_found import EMPTY, MIDDLE, NEW, OLD, able, around, decided, held_by

NOBODY = Identity()

RELATIONAL = 1772581987


def code_of(decision: object) -> str:
    assert isinstance(decision, ShutDown), decision
    return decision.code


# --- without an anchor ------------------------------------------------------------------------------------------------


def test_an_empty_store_of_a_new_deployment_is_marked_with_the_newest_version() -> None:
    assert decide(None, EMPTY, NOBODY, able()) == AdoptEmpty(NEW)


def test_an_id_that_was_given_but_never_adopted_is_no_obstacle() -> None:
    """An operator chooses the id before the first start."""
    assert decide(None, EMPTY, Identity("store-1"), able()) == AdoptEmpty(NEW)


def test_the_configured_initial_version_wins_over_the_newest() -> None:
    assert decide(None, EMPTY, NOBODY, able(initial_version=OLD)) == AdoptEmpty(OLD)


def test_an_initial_key_that_is_not_loaded_keeps_an_empty_store_from_being_marked() -> None:
    assert code_of(decide(None, EMPTY, NOBODY, able(keys=("key2",), missing_initial_key="key1"))) == "KeyMissing"


def test_an_initial_version_that_is_not_served_is_refused() -> None:
    decision = decide(None, EMPTY, NOBODY, able(MIDDLE, initial_version=NEW))
    assert code_of(decision) == "InitialVersionNotServed"


def test_an_empty_store_that_was_adopted_before_is_lost_not_new() -> None:
    decision = decide(None, EMPTY, Identity("store-1", adopted=True), able())
    assert code_of(decision) == "StoreLost"
    assert isinstance(decision, ShutDown)
    assert "store-1" in decision.message


def test_keys_without_a_version_record_are_version_0() -> None:
    assert decide(None, Survey(frozenset({"v1"}), None, None), NOBODY, able(managed=True)) == Serve(OLD)
    assert decide(None, Survey(frozenset({"v1"}), None, None), NOBODY, able()) == Begin(OLD, NEW)


def test_copies_without_an_anchor_are_not_adopted() -> None:
    """Their anchor said which of them is live; without it nobody knows."""
    survey = Survey(frozenset({"v1", "v4000000001@3-1"}), b'{"CurrentVersion":0}', None)
    decision = decide(None, survey, NOBODY, able())
    assert code_of(decision) == "AnchorMissing"
    assert isinstance(decision, ShutDown)
    assert "v4000000001@3-1" in decision.message


def test_a_version_that_always_has_an_anchor_is_not_adopted_without_one() -> None:
    survey = Survey(frozenset(), b'{"CurrentVersion":4000000001}', None)
    assert code_of(decide(None, survey, NOBODY, able())) == "AnchorMissing"


def test_tables_of_somebody_else_are_refused() -> None:
    survey = Survey(frozenset(), None, None, foreign=("desired_lrps",))
    decision = decide(None, survey, NOBODY, able())
    assert code_of(decision) == "UnknownData"
    assert isinstance(decision, ShutDown)
    assert "desired_lrps" in decision.message


def test_foreign_tables_beside_records_without_a_version_are_refused_too() -> None:
    survey = Survey(frozenset({"v1"}), None, None, foreign=("desired_lrps",))
    assert code_of(decide(None, survey, NOBODY, able())) == "UnknownData"


def test_upstreams_tables_without_a_version_record_are_nobodys_to_adopt() -> None:
    assert code_of(decide(None, Survey(frozenset({"tables"}), None, None), NOBODY, able())) == "UnknownData"


def test_upstreams_plain_version_record_beside_our_anchor_is_a_foreign_write() -> None:
    """While ours serves a relational version the record is one that every Go BBS refuses."""
    binary, anchor = able(RELATIONAL, NEW), held_by(RELATIONAL)
    guarded = Survey(frozenset({"tables"}), b'{"CurrentVersion":4000000000,"TargetVersion":1772581987}', None)
    plain = Survey(frozenset({"tables"}), b'{"CurrentVersion":1772581987}', None)
    assert code_of(decide(anchor, plain, NOBODY, binary)) == "ForeignWrite"
    assert not isinstance(decide(anchor, guarded, NOBODY, binary), ShutDown)


def test_a_version_record_alone_is_adopted_as_a_store_without_records() -> None:
    survey = Survey(frozenset(), b'{"CurrentVersion":1451635200,"TargetVersion":1451635200}', None)
    assert decide(None, survey, NOBODY, able(managed=True)) == Serve(MIDDLE)


def test_a_found_store_whose_key_this_member_lacks_is_not_adopted() -> None:
    """Its records would all be unreadable, and the claim would remove the label that says why."""
    survey = Survey(frozenset({"v1"}), b'{"CurrentVersion":1451635200}', b"key9")
    decision = decide(None, survey, NOBODY, able(managed=True, keys=("key1",)))
    assert code_of(decision) == "KeyMissing"


# --- with an anchor ---------------------------------------------------------------------------------------------------


def test_the_stores_own_deployment_serves_it() -> None:
    assert decided(held_by(NEW), able()) == Serve(NEW)


def test_a_recorded_id_that_differs_is_the_wrong_store() -> None:
    decision = decided(held_by(NEW), able(), Identity("store-2", adopted=True))
    assert code_of(decision) == "WrongStore"
    assert isinstance(decision, ShutDown)
    assert "store-1" in decision.message
    assert "store-2" in decision.message


def test_no_recorded_id_takes_the_one_that_is_there() -> None:
    assert decided(held_by(NEW), able(), NOBODY) == Serve(NEW)


def test_a_store_of_another_owner_is_refused() -> None:
    decision = decided(held_by(NEW), able(owner="cf/diego"))
    assert code_of(decision) == "StoreOwned"
    assert isinstance(decision, ShutDown)
    assert "cf/diego" in decision.message


def test_adoption_policy_always_takes_over_a_store_of_another_owner() -> None:
    assert decided(held_by(NEW), able(owner="cf/diego", adopt_always=True)) == Serve(NEW)


@pytest.mark.parametrize("record", [None, b'{"CurrentVersion":0,"TargetVersion":0}', b"garbage"])
def test_a_version_record_that_differs_from_the_anchor_is_a_foreign_write(record: bytes | None) -> None:
    anchor = held_by(NEW)
    decision = decide(anchor, Survey(frozenset(), record, None), NOBODY, able())
    assert code_of(decision) == "ForeignWrite"
    assert isinstance(decision, ShutDown)
    assert str(NEW) in decision.message


def test_a_version_record_that_says_the_same_in_other_bytes_is_none() -> None:
    anchor = held_by(NEW)
    survey = Survey(frozenset(), b'{ "CurrentVersion": 4000000001 }', None)
    assert decide(anchor, survey, NOBODY, able()) == Serve(NEW)


def test_a_newer_format_is_never_claimed() -> None:
    decision = decided(held_by(NEW, format=FORMAT + 1), able())
    assert code_of(decision) == "NewerFormat"


def test_records_that_were_moved_elsewhere_are_not_served_here() -> None:
    decision = decided(held_by(MIDDLE, moved_to="sql-1"), able())
    assert code_of(decision) == "StoreMoved"
    assert isinstance(decision, ShutDown)
    assert "sql-1" in decision.message


@pytest.mark.parametrize("member", ["active_key", "key_label"])
def test_a_key_that_the_store_uses_and_this_member_lacks_is_named(member: str) -> None:
    anchor = held_by(NEW).change(**{member: "key2"})
    decision = decide(anchor, around(anchor), NOBODY, able(keys=("key1",)))
    assert code_of(decision) == "KeyMissing"
    assert isinstance(decision, ShutDown)
    assert "key2" in decision.message
    assert decided(anchor, able(keys=("key1", "key2"))) == Serve(NEW)
