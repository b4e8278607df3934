"""The frame of an encrypted value: label length, key label, nonce, ciphertext with its tag (AES-256-GCM, no AAD).

Owns the bytes only; which keys there are is the keyring's matter. Source: docs/reference/encryption.md.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bbs.layouts.contract import Undecodable

NONCE_BYTES = 12
TAG_BYTES = 16
LONGEST_LABEL = 127
"""The label's length has one byte, and upstream refuses more than this."""


class Frame(NamedTuple):
    """The parts of one frame; `sealed` is the ciphertext with the tag at its end."""

    label: str
    nonce: bytes
    sealed: bytes


def cipher_of(passphrase: str) -> AESGCM:
    """The cipher of a passphrase: one SHA-256 gives the key, as upstream."""
    return AESGCM(hashlib.sha256(passphrase.encode("utf-8", "surrogateescape")).digest())


def head(label: str) -> bytes:
    """The first bytes of every frame under one label."""
    name = label.encode("utf-8", "surrogateescape")
    return bytes((len(name),)) + name


def parse(frame: bytes) -> Frame:
    """The parts of a frame. Raises Undecodable when it is cut short."""
    if not frame:
        message = "encrypted value is empty: a frame begins with the length of its key label"
        raise Undecodable(message)
    end = 1 + frame[0]
    if frame[0] == 0 or frame[0] > LONGEST_LABEL:
        message = f"encrypted value names a key label of {frame[0]} bytes; 1 to {LONGEST_LABEL} are possible"
        raise Undecodable(message)
    if len(frame) < end + NONCE_BYTES + TAG_BYTES:
        message = f"encrypted value is cut short: {len(frame)} bytes, at least {end + NONCE_BYTES + TAG_BYTES} wanted"
        raise Undecodable(message)
    label = frame[1:end].decode("utf-8", "surrogateescape")
    return Frame(label, frame[end : end + NONCE_BYTES], frame[end + NONCE_BYTES :])


def decrypt(frame: Frame, cipher: AESGCM) -> bytes:
    """The plain bytes. Raises Undecodable when the tag does not agree."""
    try:
        return cipher.decrypt(frame.nonce, frame.sealed, None)
    except InvalidTag:
        message = f"encrypted value does not verify with key {frame.label!r}: it was changed, or the key is another one"
        raise Undecodable(message) from None
