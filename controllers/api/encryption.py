"""Encryption of records at rest: named keys, one of them active. Absent: the operator generates a key Secret."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from .references import KeyReference
from .scalars import KeyName
from .shape import Declared, keyed, rule, ruled


class EncryptionKey(Declared):
    """A key's label, and the Secret that holds its passphrase."""

    name: KeyName
    """Label of the key; it is stored with each record, so the same label must keep its bytes."""
    secret_key_ref: KeyReference
    """Where the passphrase lies."""


_ACTIVE_LISTED = rule(
    "self.keys.exists(k, k.name == self.activeKey)",
    "activeKey must be the name of one of keys; add that key or name one that is listed",
)


class Encryption(Declared):
    """All keys that records may use, and the one that new records use."""

    model_config = ConfigDict(json_schema_extra=ruled(_ACTIVE_LISTED))

    active_key: KeyName
    """Name of the key that new and rewritten records use."""
    keys: Annotated[tuple[EncryptionKey, ...], Field(min_length=1, max_length=16, json_schema_extra=keyed("name"))]
    """All keys that records may use; a key goes only when no record uses it any more."""
    max_records_per_second: Annotated[int, Field(ge=1, le=1_000_000)] = 5000
    """Pace at which records are written again after the active key changed."""
