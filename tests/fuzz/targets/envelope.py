"""Stored values: outer encoding, encrypted frame, inner envelope. Input: which cipher reads it, then the value."""

from __future__ import annotations

from bbs.encryption import Keyring, KeyringCipher, PlainCipher
from bbs.encryption.ciphers import key_label
from bbs.encryption.envelope import PROTOBUF_ENVELOPE, unwrap
from bbs.encryption.frame import parse
from bbs.layouts.contract import Undecodable
from tests.fuzz.corpus import records
from tests.fuzz.target import Target

CIPHERS = (PlainCipher(), KeyringCipher(Keyring({"key1": "a", "schlüssel": "b"}, "key1"), bytes))


def check(data: bytes) -> None:
    """A payload, or Undecodable; what was opened can be sealed and opened again."""
    which, stored = data[:1] or b"\0", data[1:]
    cipher = CIPHERS[which[0] % 2]
    for reading in (key_label, parse):
        try:
            reading(stored)
        except Undecodable:
            continue
    try:
        payload = cipher.open(stored)
    except Undecodable:
        return
    unwrap(payload)
    assert cipher.open(cipher.seal(payload)) == payload


def _seeds() -> list[bytes]:
    payloads = [PROTOBUF_ENVELOPE + record.data for record in records()[:20]]
    sealed = [bytes((at,)) + cipher.seal(payload) for at, cipher in enumerate(CIPHERS) for payload in payloads]
    return [*sealed, b"\0" + b'{"process_guid":"pg"}', b"\1" + b"00plain"]


TARGET = Target(
    "envelope",
    "a stored value opens, or is Undecodable with a reason",
    _seeds(),
    check,
    words=(b"00", b"01", b"02", b"03", b"==", b"BGtleTE", PROTOBUF_ENVELOPE),
)
