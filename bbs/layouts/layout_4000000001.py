"""Data version 4000000001, ours: one row per record on every store.

Row `<kind>/<key>` holds the sealed envelope and `diego.StoredRecord` (the API's bytes as they came, the deadline). It
has no place upstream, holds every record whole, and every upstream binary refuses its number.
"""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.message import DecodeError

from bbs.encryption.ciphers import key_label
from bbs.encryption.envelope import PROTOBUF_ENVELOPE
from bbs.layouts.contract import Cipher, Loss, Row, Undecodable, Unrepresentable
from bbs.layouts.stored_record_pb2 import StoredRecord
from bbs.models.records import Kind, Record

_PREFIX = {kind: f"{kind.value}/" for kind in Kind}
_KINDS = {kind.value: kind for kind in Kind}


class Layout4000000001:
    """Our own shape; see the module."""

    version = 4_000_000_001
    natural_root: str | None = None
    serves = True

    def locate(self, row_key: str) -> tuple[Kind, str] | None:
        """`<kind>/<key>`; the key may hold further slashes."""
        name, slash, key = row_key.partition("/")
        kind = _KINDS.get(name)
        return (kind, key) if kind and slash and key else None

    def row_keys(self, kind: Kind, key: str) -> tuple[str, ...]:
        """The one row of a record."""
        return (_PREFIX[kind] + key,)

    def encode(self, record: Record, cipher: Cipher) -> tuple[Row, ...]:
        """One row. The deadline lies in the message; the row repeats it for those who look at rows alone."""
        try:
            stored = StoredRecord(data=record.data, deadline=record.deadline).SerializeToString()
        except ValueError:
            message = f"{record.kind.value} {record.key!r} has the deadline {record.deadline}, which is no int64"
            raise Unrepresentable(message) from None
        key = _PREFIX[record.kind] + record.key
        return (Row(key, cipher.seal(PROTOBUF_ENVELOPE + stored), record.deadline),)

    def decode(self, kind: Kind, key: str, rows: Sequence[Row], cipher: Cipher) -> Record:
        """The record of its one row; the deadline inside the message is the one that counts."""
        if len(rows) != 1:
            message = f"{kind.value} {key!r} has {len(rows)} rows, 1 wanted"
            raise Undecodable(message)
        payload = cipher.open(rows[0].value)
        if payload[:2] != PROTOBUF_ENVELOPE:
            message = f"{kind.value} {key!r} has the envelope {payload[:2].hex()}, {PROTOBUF_ENVELOPE.hex()} wanted"
            raise Undecodable(message)
        try:
            stored = StoredRecord.FromString(payload[2:])
        except DecodeError:
            message = f"{kind.value} {key!r} holds no StoredRecord"
            raise Undecodable(message) from None
        return Record(kind, key, stored.data, stored.deadline)

    def sealed_with(self, row: Row) -> frozenset[str]:
        """The one key of the one value."""
        return frozenset({key_label(row.value) or ""})

    def loses(self, record: Record) -> Loss | None:
        """Nothing."""
        return None


LAYOUT = Layout4000000001()
