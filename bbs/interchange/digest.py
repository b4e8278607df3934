"""Digests of records: equal for equal content, whatever the order of maps, fields and records.

The sum over all records is what a migration compares before it flips. Adding modulo 2^256 makes the order of records
irrelevant; the count goes with it.
"""

from __future__ import annotations

from hashlib import sha256

from bbs.interchange.canonical import canonical_data
from bbs.models.records import Record

_MODULUS = 1 << 256


def content_digest(record: Record) -> bytes:
    """32 bytes over kind, key, deadline and canonical content of one record."""
    key = record.key.encode("utf-8", "surrogateescape")
    head = f"{record.kind.value}\0{len(key)}\0{record.deadline}\0".encode() + key
    return sha256(head + canonical_data(record.kind, record.data)).digest()


def records_equal(one: Record, other: Record) -> bool:
    """Whether two records say the same; their bytes may differ."""
    return one == other or content_digest(one) == content_digest(other)


class RecordDigest:
    """The digest of a set of records, fed in any order."""

    __slots__ = ("_sum", "count")

    def __init__(self) -> None:
        self._sum = 0
        self.count = 0

    def add(self, record: Record) -> None:
        """Counts one record in. A record that is added twice counts twice."""
        self._sum += int.from_bytes(content_digest(record), "big")
        self.count += 1

    def remove(self, record: Record) -> None:
        """Takes out a record that was added."""
        self._sum -= int.from_bytes(content_digest(record), "big")
        self.count -= 1

    @property
    def value(self) -> str:
        """64 hexadecimal digits."""
        return f"{self._sum % _MODULUS:064x}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RecordDigest):
            return NotImplemented
        return self.count == other.count and self.value == other.value

    __hash__ = None  # type: ignore[assignment]
