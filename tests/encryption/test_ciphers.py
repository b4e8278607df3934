"""What the ciphers promise about any input."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bbs.encryption import Form, Keyring, KeyringCipher, PlainCipher, key_label, unwrap
from bbs.layouts.contract import Undecodable

KEYRING = Keyring({"key1": "a secure passphrase", "key2": "another secure passphrase"}, active="key1")
CIPHERS = (PlainCipher(), KeyringCipher(KEYRING))
ANY_STORED = st.one_of(
    st.binary(max_size=200),
    st.tuples(st.sampled_from([b"00", b"01", b"02", b"03"]), st.binary(max_size=120)).map(b"".join),
    st.binary(max_size=120).map(lambda frame: b"02" + b64encode(frame)),
)


@given(ANY_STORED)
@example(b"02")
@example(b"02AQ==")
@example(b"0")
@example(b"12")
def test_no_stored_value_raises_anything_but_undecodable(stored: bytes) -> None:
    for cipher in CIPHERS:
        try:
            unwrap(cipher.open(stored))
        except Undecodable:
            continue


@given(st.binary(max_size=3000))
def test_what_was_sealed_opens(payload: bytes) -> None:
    for cipher in CIPHERS:
        assert cipher.open(cipher.seal(payload)) == payload


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_changed_byte_never_opens_as_something_else(payload: bytes, data: st.DataObject) -> None:
    cipher = KeyringCipher(KEYRING)
    stored = cipher.seal(payload)
    at = data.draw(st.integers(2, len(stored) - 1))
    changed = stored[:at] + data.draw(st.binary(min_size=1, max_size=1)) + stored[at + 1 :]
    try:
        assert cipher.open(changed) == payload
    except Undecodable:
        assert changed != stored


def test_no_nonce_is_used_twice() -> None:
    cipher = KeyringCipher(KEYRING)
    assert len({cipher.seal(b"x") for _ in range(3000)}) == 3000


def test_an_unknown_label_is_named_and_so_are_the_loaded_ones() -> None:
    stored = KeyringCipher(Keyring({"old-key": "p"})).seal(b"x")
    with pytest.raises(Undecodable, match=r"'old-key'.*key1, key2"):
        KeyringCipher(KEYRING).open(stored)


def test_without_keyring_an_encrypted_value_is_refused_with_its_label() -> None:
    with pytest.raises(Undecodable, match=r"'key1'.*keyring_dir"):
        PlainCipher().open(KeyringCipher(KEYRING).seal(b"x"))


def test_after_a_change_of_key_old_values_open_and_new_ones_carry_the_new_label() -> None:
    old = KeyringCipher(KEYRING).seal(b"x")
    rotated = KeyringCipher(KEYRING.activated("key2"))
    assert rotated.open(old) == b"x"
    assert (key_label(old), key_label(rotated.seal(b"x"))) == ("key1", "key2")


def test_rows_of_a_real_database_in_the_middle_of_a_rotation_open() -> None:
    cipher = KeyringCipher(KEYRING)
    for line in (Path(__file__).parent / "data" / "real_rows.jsonl").read_text().splitlines():
        row = json.loads(line)
        payload = unwrap(cipher.open(row["run_info"].encode()))
        assert key_label(row["run_info"].encode()) == row["key"]
        assert payload.form is Form.PROTOBUF
        assert row["process_guid"].encode() in payload.data
        json.loads(cipher.open(row["routes"].encode()))
