"""The keyring that the operator makes when the spec names no keys."""

import secrets

FIRST_LABEL = "generated-1"
"""Label of the first generated key; it stands in front of every record that is written with it."""


def new_passphrase() -> str:
    """256 random bits as text, for a file of the keyring."""
    return secrets.token_hex(32)
