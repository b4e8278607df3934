"""The outer encoding of a stored value: two ASCII digits, then raw bytes, base64 or the base64 of an encrypted frame.

Both ciphers read everything that was ever written (`00`, `01`, `02` and bare JSON); what they write differs. No input
can raise anything but Undecodable. Source: docs/reference/encryption.md.
"""

from __future__ import annotations

import os
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable

from bbs.encryption.frame import NONCE_BYTES, decrypt, head, parse
from bbs.encryption.keyring import Keyring
from bbs.layouts.contract import Undecodable

UNENCODED = b"00"
BASE64 = b"01"
ENCRYPTED = b"02"
_NONCES_AT_ONCE = 1024
_DIGITS = frozenset(b"0123456789")


def _from_base64(text: bytes) -> bytes:
    try:
        return a2b_base64(text, strict_mode=True) if text else b""
    except (Base64Error, ValueError) as error:
        message = f"stored value is not base64: {error}"
        raise Undecodable(message) from None


def key_label(stored: bytes) -> str | None:
    """The label of the key that a stored value is encrypted with; None for a value that is not encrypted."""
    return parse(_from_base64(stored[2:])).label if stored.startswith(ENCRYPTED) else None


def _open(stored: bytes, decrypted: Callable[[bytes], bytes]) -> bytes:
    if len(stored) < 2 or stored[0] not in _DIGITS:
        return stored
    digits = stored[:2]
    if digits == ENCRYPTED:
        return decrypted(_from_base64(stored[2:]))
    if digits == BASE64:
        return _from_base64(stored[2:])
    if digits == UNENCODED:
        return stored[2:]
    message = f"unknown encoding {digits!r}: this binary reads 00, 01, 02 and bare JSON"
    raise Undecodable(message)


class PlainCipher:
    """Without a keyring: writes base64 (`01`), and can't read what is encrypted."""

    def seal(self, payload: bytes) -> bytes:
        """`01` and the base64 of `payload`."""
        return BASE64 + b2a_base64(payload, newline=False)

    def open(self, stored: bytes) -> bytes:
        """The payload. Raises Undecodable, naming the key label of an encrypted value."""
        return _open(stored, self._decrypted)

    @staticmethod
    def _decrypted(frame: bytes) -> bytes:
        message = f"value is encrypted with key {parse(frame).label!r} and no keyring is loaded; configure keyring_dir"
        raise Undecodable(message)


class KeyringCipher:
    """With a keyring: writes frames under the active key (`02`), and reads those of every loaded key.

    `randomness(n)` gives n random bytes; nonces are drawn many at once, since one system call costs as much as the
    encryption. Each is used once. An instance belongs to one thread; a new one is made when the active key changes.
    """

    __slots__ = ("_head", "_keyring", "_nonces", "_position", "_randomness")

    def __init__(self, keyring: Keyring, randomness: Callable[[int], bytes] = os.urandom) -> None:
        self._keyring = keyring
        self._head = head(keyring.active)
        self._randomness = randomness
        self._nonces = b""
        self._position = 0

    def _nonce(self) -> bytes:
        start = self._position
        if start == len(self._nonces):
            self._nonces = self._randomness(NONCE_BYTES * _NONCES_AT_ONCE)
            start = 0
        self._position = start + NONCE_BYTES
        return self._nonces[start : start + NONCE_BYTES]

    def seal(self, payload: bytes) -> bytes:
        """`02` and the base64 of a frame under the active key."""
        nonce = self._nonce()
        sealed = self._keyring.active_cipher.encrypt(nonce, payload, None)
        return ENCRYPTED + b2a_base64(self._head + nonce + sealed, newline=False)

    def open(self, stored: bytes) -> bytes:
        """The payload. Raises Undecodable: unknown encoding or label, cut short, tag that does not agree."""
        return _open(stored, self._decrypted)

    def _decrypted(self, frame: bytes) -> bytes:
        parts = parse(frame)
        cipher = self._keyring.cipher(parts.label)
        if cipher is None:
            message = f"value is encrypted with key {parts.label!r}; loaded are {', '.join(self._keyring.labels)}"
            raise Undecodable(message)
        return decrypt(parts, cipher)
