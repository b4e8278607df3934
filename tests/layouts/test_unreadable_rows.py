"""No row, whatever its bytes, raises anything but Undecodable."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bbs.encryption import Keyring, KeyringCipher, PlainCipher
from bbs.layouts.contract import Layout, Row, Undecodable
from bbs.layouts.registry import layouts
from bbs.models.records import Kind, Presence, actual_lrp_key

EACH = pytest.mark.parametrize("layout", list(layouts().values()), ids=lambda layout: str(layout.version))
KEYS = [
    (Kind.DOMAINS, "d"),
    (Kind.DESIRED_LRPS, "pg-1"),
    (Kind.TASKS, "t-1"),
    (Kind.ACTUAL_LRPS, actual_lrp_key("pg-1", 0, Presence.ORDINARY)),
    (Kind.ACTUAL_LRPS, actual_lrp_key("pg-1", 0, Presence.SUSPECT)),
]
CIPHERS = (PlainCipher(), KeyringCipher(Keyring({"key1": "p"})))
TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "[" * 3000,
            '{"process_guid":' * 400,
            '{"task_guid":"t-1","state":"Nowhere"}',
            '{"process_guid":"pg-1","routes":{"r":NaN}}',
            '{"process_guid":"pg-1","routes":{"r":1,"r":2}}',
            '{"process_guid":"pg-1","index":99999999999}',
            '{"process_guid":"\\ud800"}',
            '{"process_guid":"pg-1","instances":' + "9" * 5000 + "}",
            '{"process_guid":"pg-1","action":{"run":[]},"ports":[-1]}',
        ]
    ),
).map(str.encode)
PAYLOADS = st.one_of(st.binary(max_size=60), TEXTS, st.binary(max_size=60).map(lambda data: b"\x02\x00" + data))


@EACH
@given(payload=PAYLOADS, sealed=st.booleans(), at=st.sampled_from(KEYS), deadline=st.integers(-1, 1 << 62))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_record_or_undecodable(
    layout: Layout, payload: bytes, sealed: bool, at: tuple[Kind, str], deadline: int
) -> None:
    for cipher in CIPHERS:
        value = cipher.seal(payload) if sealed else payload
        try:
            rows = [Row(key, value, deadline) for key in layout.row_keys(*at)]
            assert layout.decode(*at, rows, cipher).key == at[1]
        except Undecodable:
            continue


@EACH
@given(st.text(max_size=30))
def test_any_row_key_is_somebodys_or_nobodys(layout: Layout, row_key: str) -> None:
    located = layout.locate(row_key)
    assert located is None or row_key in layout.row_keys(*located)
