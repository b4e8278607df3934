"""The chain: what a batch of record changes is, as bytes, and the digest that links one batch to the next.

digest = H(previous digest, batch id, changes). The anchor carries it, the stream carries it, a load takes it over;
nobody recomputes it from records. Source: docs/reference/fence.md.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from hashlib import sha256

from bbs.models.records import Kind, Mutation, Record

_HEAD = struct.Struct(">BBIIq")
_KINDS = tuple(Kind)
_ABSENT, _PRESENT = 0, 1


def encode_changes(mutations: Sequence[Mutation]) -> bytes:
    """The changes as bytes; the same changes in the same order give the same bytes."""
    parts: list[bytes] = []
    for mutation in mutations:
        key = mutation.key.encode("utf-8", "surrogateescape")
        record = mutation.record
        data = b"" if record is None else record.data
        deadline = 0 if record is None else record.deadline
        present = _ABSENT if record is None else _PRESENT
        parts += (_HEAD.pack(_KINDS.index(mutation.kind), present, len(key), len(data), deadline), key, data)
    return b"".join(parts)


def decode_changes(data: bytes) -> list[Mutation]:
    """The inverse of `encode_changes`. Raises ValueError for any other bytes."""
    mutations: list[Mutation] = []
    at = 0
    while at < len(data):
        if at + _HEAD.size > len(data):
            msg = "truncated batch of changes"
            raise ValueError(msg)
        kind_number, present, key_length, data_length, deadline = _HEAD.unpack_from(data, at)
        start = at + _HEAD.size
        end = start + key_length + data_length
        if end > len(data) or kind_number >= len(_KINDS):
            msg = "malformed batch of changes"
            raise ValueError(msg)
        kind = _KINDS[kind_number]
        key = data[start : start + key_length].decode("utf-8", "surrogateescape")
        payload = data[start + key_length : end]
        mutations.append(Mutation(kind, key, Record(kind, key, payload, deadline) if present else None))
        at = end
    return mutations


def link(previous: str, batch_id: str, changes: bytes) -> str:
    """The digest after a batch, in hex."""
    chained = sha256(f"{previous}\n{batch_id}\n".encode())
    chained.update(changes)
    return chained.hexdigest()
