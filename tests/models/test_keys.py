"""Every guid that a column of the real BBS holds has a key that each store holds."""

from __future__ import annotations

import pytest

from bbs.models.limits import KEY_LIMIT
from bbs.models.records import Presence, actual_lrp_key, parse_actual_lrp_key
from bbs.stores import etcd_writes, sql_names

GUIDS = ["pg-1", "a/b%c", "ü" * 60, "ü" * 255, "\U0001f600" * 255, "/" * 255, "\x01%" * 127, "é/" * 127, "%2F" * 85]


@pytest.mark.parametrize("guid", GUIDS)
def test_a_guid_of_255_characters_has_a_key_that_is_read_back(guid: str) -> None:
    key = actual_lrp_key(guid, 2_147_483_647, Presence.EVACUATING)
    assert parse_actual_lrp_key(key) == (guid, 2_147_483_647, Presence.EVACUATING)
    assert len(key.encode()) <= KEY_LIMIT < min(etcd_writes.LIMITS.key_bytes, sql_names.LIMITS.key_bytes)


def test_a_key_that_fitted_before_is_spelled_as_it_was() -> None:
    assert actual_lrp_key("ü", 0, Presence.ORDINARY) == "%C3%BC/0/ordinary"
