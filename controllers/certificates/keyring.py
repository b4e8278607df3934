"""Keys that the operator makes when the spec names none, and how a key is told from another without showing it."""

import secrets
from hashlib import sha256

FIRST_LABEL = "generated-1"
"""Label of the first generated key; it stands in front of every record that is written with it."""


def new_passphrase() -> str:
    """256 random bits as text, for a file of the keyring."""
    return secrets.token_hex(32)


def fingerprint(passphrase: bytes) -> str:
    """Equal for equal keys: one trailing newline is no part of a passphrase, as the BBS reads it."""
    return sha256(passphrase.removesuffix(b"\n")).hexdigest()
