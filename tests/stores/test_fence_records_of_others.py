"""The fence's records are other processes' bytes: whatever they are, they are read or refused, never tripped over."""

from __future__ import annotations

import json

import pytest

from bbs.migration.decide import parse_version_record
from bbs.stores.anchor import Anchor, Converger, Live, MalformedAnchor, Version, decode_anchor, encode_anchor
from bbs.stores.contract import StoreMisconfigured
from bbs.stores.fence import decode_liveness

DEEP = b"[" * 20_000
LIVENESS = b'{"epoch":%s,"holder":"a","url":"u","counter":1,"ttl":5}'


@pytest.mark.parametrize("data", [DEEP, b'{"unknown":' + DEEP, b"{", b"[]", b"\xff"])
def test_an_anchor_that_is_none_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedAnchor, match="restore it from a backup"):
        decode_anchor(data)


@pytest.mark.parametrize(
    "members",
    [
        {"version": {"current": None}},
        {"epoch": "3"},
        {"seq": True},
        {"live": {"layout": "0", "root": "r"}},
        {"keys_in_use": [1]},
        {"wanted": {"version": 1, "generation": None}},
        {"migration": {"attempt": "3-1", "staged_root": "r", "state": "failed", "failure": []}, "digest": 1},
    ],
)
def test_an_anchor_whose_member_is_of_another_type_is_malformed(members: dict[str, object]) -> None:
    live = Live(4_000_000_001, "r")
    anchor = Anchor(
        "id", "standalone", 3, 7, "b-1", live, Version(4_000_000_001), "ab" * 32, converger=Converger("n", 30)
    )
    whole = json.loads(encode_anchor(anchor))
    assert decode_anchor(json.dumps(whole).encode()) == anchor
    with pytest.raises(MalformedAnchor):
        decode_anchor(json.dumps({**whole, **members}).encode())


@pytest.mark.parametrize("data", [DEEP, LIVENESS % b"Infinity", LIVENESS % b"NaN", LIVENESS % b"null", b"[]"])
def test_a_liveness_record_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(StoreMisconfigured, match="liveness record is not readable"):
        decode_liveness(data)


def test_a_version_record_that_is_none_is_described() -> None:
    assert "not JSON" in str(parse_version_record(DEEP))
