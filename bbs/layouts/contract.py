"""The contract of a layout: how records of one data version lie in a store, as rows below a root.

A root is one named set of rows holding one complete copy. A row's key is relative to its root (`desired/pg-1`); where
the root lies is the store's matter. Layouts are pure: keys come in as a `Cipher`, time as absolute deadlines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bbs.models.records import OURS, Kind, Nanoseconds, Record

__all__ = ["OURS", "Cipher", "Layout", "Loss", "Row", "Undecodable", "Unrepresentable"]


class Row(NamedTuple):
    """One stored row. `deadline` is absolute, 0 for none, and lies beside the value (never an etcd lease)."""

    key: str
    value: bytes
    deadline: Nanoseconds = 0


class Cipher(Protocol):
    """Wraps and opens payloads: base64 (`01`) without a keyring, an encrypted frame (`02`) with one."""

    def seal(self, payload: bytes) -> bytes:
        """The stored form of `payload`, with its two leading ASCII digits."""

    def open(self, stored: bytes) -> bytes:
        """The payload. Accepts `00`, `01`, `02` and bare legacy values. Raises Undecodable, naming an unknown label."""


class Undecodable(ValueError):
    """A stored row that is not a record of this layout; the text says why and never holds a secret."""


class Unrepresentable(ValueError):
    """A record that this layout can't hold and that may not be dropped silently (key too long, state unknown...)."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What of one record the layout can't hold. `refused`: a migration to it must not proceed over this record."""

    what: str
    refused: bool = False


class Layout(Protocol):
    """One data version. Instances are stateless; found by listing the folder (`bbs.layouts.registry`)."""

    version: int
    natural_root: str | None
    """Upstream's own place (`v1`) where an adopted store is served in place; None where there is none."""
    serves: bool
    """Can be written, not only read."""

    def locate(self, row_key: str) -> tuple[Kind, str] | None:
        """Which record a row belongs to; None for a row that is none of this layout's."""

    def row_keys(self, kind: Kind, key: str) -> tuple[str, ...]:
        """The keys of all rows that the record may occupy; what has to be deleted with it."""

    def encode(self, record: Record, cipher: Cipher) -> tuple[Row, ...]:
        """The rows of a record, a subset of `row_keys`. Raises Unrepresentable."""

    def decode(self, kind: Kind, key: str, rows: Sequence[Row], cipher: Cipher) -> Record:
        """The record of those rows. Raises Undecodable when a part is missing or malformed."""

    def sealed_with(self, row: Row) -> frozenset[str]:
        """The labels of the keys that the row's values are encrypted with, "" for one in the clear; none where this
        layout never encrypts. Raises Undecodable."""

    def loses(self, record: Record) -> Loss | None:
        """What `decode(encode(record))` would lack; None when it is the same record (bytes may differ)."""
