"""The small JSON records beside the records: anchor, liveness, upstream's version. Input: which one, then its bytes."""

from __future__ import annotations

import json

from bbs.migration.decide import parse_version_record
from bbs.stores.anchor import (
    Anchor,
    Converger,
    Failure,
    Live,
    MalformedAnchor,
    MigrationState,
    Version,
    Wanted,
    decode_anchor,
    encode_anchor,
    key_label_record,
    version_record,
)
from bbs.stores.contract import StoreMisconfigured
from bbs.stores.fence import Liveness, decode_liveness, encode_liveness
from tests.fuzz.target import Target

SMALL = Anchor("id", "standalone", 3, 7, "b-1", Live(4_000_000_001, "r"), Version(4_000_000_001), "ab" * 32)
FULL = SMALL.change(
    version=Version(0, 1451635200),
    wanted=Wanted(1451635200, 4, "token", 100),
    migration=MigrationState("3-1", "r@3-1", "failed", Failure(0, 1, "tasks/t", "Undecodable", "no", "3-1", 4)),
    converger=Converger("nsync", 30.0),
    keys_in_use=("key1", "key2"),
    superseded=("r0",),
    key_label="key1",
    intent="3-b",
    unknown={"later": [1]},
)
LIVENESS = Liveness(3, "bbs-0/1", "https://bbs-0:8889", 12, 5.0, released=False)


def check(data: bytes) -> None:
    """One of the three, or its own refusal."""
    which, content = data[:1] or b"\0", data[1:]
    match which[0] % 3:
        case 0:
            _anchor(content)
        case 1:
            _liveness(content)
        case _:
            parsed = parse_version_record(content)
            assert isinstance(parsed, Version | str)


def _anchor(content: bytes) -> None:
    try:
        anchor = decode_anchor(content)
    except MalformedAnchor:
        return
    assert decode_anchor(encode_anchor(anchor)) == anchor
    version_record(anchor)
    key_label_record(anchor)
    assert anchor.fence >= (0, 0)


def _liveness(content: bytes) -> None:
    try:
        liveness = decode_liveness(content)
    except StoreMisconfigured:
        return
    assert decode_liveness(encode_liveness(liveness)) == liveness


TARGET = Target(
    "anchor",
    "the fence's records are read whole or refused, and written as they were read",
    [
        *(b"\0" + encode_anchor(anchor) for anchor in (SMALL, FULL)),
        b"\1" + encode_liveness(LIVENESS),
        b'\2{"CurrentVersion":1772581987,"TargetVersion":1772581987}',
    ],
    check,
    words=[
        *(f'"{name}":'.encode() for name in json.loads(encode_anchor(FULL))),
        *(b"null", b"true", b"Infinity", b"1e999", b"{}", b'"x"', b"[1]", b"-1", b"[" * 5000, b'{"a":' * 5000),
    ],
)
