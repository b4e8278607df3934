"""When a lock lapses: only by time in which this server could hear its holder."""

from __future__ import annotations

from bbs.stores.locks import LockRecord
from components.locket.expiry import Expiry

STEP = 2.0


def row(index: int = 1, key: str = "cell-1", ttl: int = 3) -> LockRecord:
    return LockRecord(key, "owner", "{}", 2, ttl, "id", index)


def test_a_row_that_nobody_renews_lapses_after_its_ttl() -> None:
    expiry = Expiry(STEP)
    assert [bool(expiry.observe([row()], now)) for now in (0, 1, 2, 3)] == [False, False, False, True]


def test_a_renewal_that_another_server_took_starts_the_ttl_anew() -> None:
    expiry = Expiry(STEP)
    seen = [bool(expiry.observe([row(index)], now)) for now, index in ((0, 1), (1, 1), (2, 2), (3, 2), (4, 2), (5, 2))]
    assert seen == [False, False, False, False, False, True]


def test_a_row_of_an_earlier_life_of_the_server_has_its_whole_ttl() -> None:
    expiry = Expiry(STEP)
    expiry.observe([], 0)
    assert not expiry.observe([row(index=70)], 100)


def test_a_server_that_was_paused_does_not_blame_the_holders() -> None:
    expiry = Expiry(STEP)
    expiry.observe([row()], 0)
    assert not expiry.observe([row()], 1000)


def test_no_time_passes_while_the_table_can_not_be_read() -> None:
    expiry = Expiry(STEP)
    expiry.observe([row()], 0)
    expiry.interrupted()
    assert not expiry.observe([row()], 2)
    assert expiry.watched == 0


def test_a_row_that_was_deleted_and_made_again_is_another_one() -> None:
    expiry = Expiry(STEP)
    expiry.observe([row(ttl=2)], 0)
    expiry.observe([], 1)
    assert not expiry.observe([row(ttl=2)], 2)
