"""The rules of a move: which store counts, and whether a move is due, over all states of both anchors."""

from __future__ import annotations

import pytest

from bbs.migration.decide import ShutDown
from bbs.migration.move import (
    Landing,
    Seen,
    announced,
    asked,
    begun,
    committed,
    due,
    failed,
    in_the_way,
    landed,
    next_arrival,
    standing,
    taken,
)
from bbs.stores.anchor import (
    FORMAT,
    GUARD,
    Anchor,
    Arrival,
    Live,
    Move,
    MoveFailure,
    Version,
    Wanted,
    decode_anchor,
    encode_anchor,
    version_record,
)

NEW = 4_000_000_001
ETCD = Anchor(
    store_id="s-1",
    owner="ns/diego",
    epoch=7,
    seq=40,
    batch_id="b",
    live=Live(NEW, "v4000000001@5-1"),
    version=Version(NEW),
    digest="d",
    wanted=Wanted(NEW, 3, "t"),
    active_key="k2",
    key_label=None,
    keys_in_use=("k1", "k2"),
    rotation_pace=9,
    unknown={"later": 1},
)
CLAIMED = taken(ETCD, None)
DONE = Arrival("8-1", "v4000000001@8-1", 5, "abc", complete=True)
ARRIVING = CLAIMED.change(**begun(ETCD, CLAIMED, DONE))
MOVED = ETCD.change(**committed(ETCD, DONE, "postgresql"))
LIVE = standing(ARRIVING, Landing("s-1", MOVED))


def code(outcome: object) -> str:
    assert isinstance(outcome, ShutDown), outcome
    return outcome.code


def test_what_arrived_is_rolled_forward_with_everything_that_etcds_anchor_says() -> None:
    assert isinstance(LIVE, Anchor)
    assert (LIVE.live, LIVE.version) == (Live(NEW, "v4000000001@8-1"), Version(NEW))
    assert (LIVE.moved_from, LIVE.moved_to, LIVE.arriving, LIVE.format) == ("etcd", None, None, 1)
    for name in ("store_id", "owner", "wanted", "active_key", "key_label", "keys_in_use", "rotation_pace"):
        assert getattr(LIVE, name) == getattr(MOVED, name)
    assert LIVE.unknown == {"later": 1}
    assert LIVE.fence == ARRIVING.fence


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"arriving": Arrival("8-1", "v4000000001@8-1")}, "ArrivalMismatch"),
        ({"arriving": Arrival("9-1", "v4000000001@9-1", 5, "abc", complete=True)}, "ArrivalMismatch"),
        ({"arriving": Arrival("8-1", "v4000000001@8-1", 5, "other", complete=True)}, "ArrivalMismatch"),
        ({"arriving": Arrival("8-1", "v4000000001@8-1", 4, "abc", complete=True)}, "ArrivalMismatch"),
        ({"store_id": "s-2"}, "ArrivalMismatch"),
    ],
)
def test_nothing_but_exactly_what_was_moved_is_rolled_forward(change: dict[str, object], wanted: str) -> None:
    assert code(standing(ARRIVING.change(**change), Landing("s-1", MOVED))) == wanted


def test_an_arriving_store_is_served_by_nobody_who_has_not_read_etcds_word() -> None:
    assert code(standing(ARRIVING, None)) == "StoreArriving"
    assert code(standing(ARRIVING, Landing("s-1"))) == "StoreArriving"
    assert code(standing(ARRIVING, Landing("s-1", ETCD))) == "StoreArriving"


def test_an_emptied_database_is_not_taken_for_a_new_one_after_the_move() -> None:
    assert code(standing(None, Landing("s-1", MOVED))) == "ArrivalMismatch"
    assert standing(None, None) is None


def test_a_live_store_stands_for_itself() -> None:
    assert isinstance(LIVE, Anchor)
    assert standing(LIVE, Landing("s-1", MOVED)) is LIVE
    assert standing(ETCD, None) is ETCD


@pytest.mark.parametrize(
    ("seen", "store_id", "is_landed", "obstacle"),
    [
        (Seen(), "s-1", False, None),
        (Seen(foreign=("desired_lrps",)), "s-1", False, "DestinationInUse"),
        (Seen(ARRIVING), "s-1", False, None),
        (Seen(ARRIVING), "s-2", False, "DestinationInUse"),
        (Seen(LIVE), "s-1", True, None),  # type: ignore[arg-type]
        (Seen(LIVE), None, True, None),  # type: ignore[arg-type]
        (Seen(LIVE), "s-2", False, "DestinationInUse"),  # type: ignore[arg-type]
        (Seen(ETCD), "s-1", False, "DestinationInUse"),
        (Seen(ARRIVING.change(format=FORMAT + 1)), "s-1", False, "DestinationInUse"),
    ],
)
def test_a_database_is_a_destination_only_when_nothing_of_others_lies_there(
    seen: Seen, store_id: str | None, is_landed: bool, obstacle: str | None
) -> None:
    assert landed(seen, store_id) is is_landed
    found = in_the_way(seen, store_id)
    assert (found.code if found else None) == obstacle


FAILURE = MoveFailure("tasks/t", "UndecodableRecord", "no", "8-1", 2)


@pytest.mark.parametrize(
    ("anchor", "managed", "wanted"),
    [
        (ETCD, True, False),
        (ETCD, False, True),
        (ETCD.change(move=Move(wanted=True, generation=1)), True, True),
        (ETCD.change(move=Move(wanted=False, generation=1)), True, False),
        (ETCD.change(move=Move(wanted=False, generation=1)), False, False),
        (ETCD.change(move=Move(wanted=True, generation=2, failure=FAILURE)), True, False),
        (ETCD.change(move=Move(wanted=True, generation=3, failure=FAILURE)), True, True),
        (MOVED, True, False),
        (MOVED, False, False),
    ],
)
def test_a_move_is_due_when_it_is_wished_for_and_has_not_failed_since(
    anchor: Anchor, managed: bool, wanted: bool
) -> None:
    assert due(anchor, managed=managed) is wanted


def test_a_claim_of_the_database_raises_its_epoch_above_both_and_changes_nothing_else() -> None:
    assert CLAIMED.epoch == 8
    assert CLAIMED.arriving is not None
    again = taken(ETCD.change(epoch=20), ARRIVING)
    assert again == ARRIVING.change(epoch=21)
    assert next_arrival(ETCD, again).attempt == "21-2"


def test_a_call_clears_a_failure_and_raises_the_generation() -> None:
    anchor = ETCD.change(**announced(ETCD, "8-1"))
    anchor = anchor.change(**failed(anchor, FAILURE))
    assert anchor.move is not None
    assert (anchor.move.attempt, anchor.move.failure) == ("8-1", FAILURE)
    again = anchor.change(**asked(anchor, "t", wanted=True))
    assert again.move == Move(wanted=True, generation=1, token="t")


@pytest.mark.parametrize("anchor", [ARRIVING, MOVED, ETCD.change(**failed(ETCD, FAILURE))])
def test_anchors_of_a_move_survive_their_stored_form(anchor: Anchor) -> None:
    assert decode_anchor(encode_anchor(anchor)) == anchor


def test_version_records_keep_every_go_bbs_away_from_both_stores() -> None:
    old = ETCD.change(live=Live(1451635200, "v1"), version=Version(1451635200))
    moved = old.change(**committed(old, DONE, "mysql"))
    assert version_record(moved) == b'{"CurrentVersion":1451635201,"TargetVersion":1451635201}'
    assert version_record(ARRIVING) == b'{"CurrentVersion":%d,"TargetVersion":%d}' % (GUARD, GUARD)
