"""The encoder: record changes as writes of the live root, and as what a reload would make of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bbs.layouts.contract import OURS, Cipher, Layout, Row, Unrepresentable
from bbs.migration.sizes import oversized
from bbs.models.records import Mutation, Record
from bbs.stores.contract import DeleteRow, Limits, PutRow, Write


@dataclass(frozen=True, slots=True)
class Encoded:
    """Changes ready to be committed: `mutations` are what memory will hold, `writes` what the store will."""

    mutations: tuple[Mutation, ...]
    writes: tuple[Write, ...]
    payload_bytes: int


class Encoder:
    """Writes records in one layout below one root of a store with these limits."""

    def __init__(self, layout: Layout, root: str, cipher: Cipher, limits: Limits) -> None:
        self.layout = layout
        self.root = root
        self.cipher = cipher
        self._limits = limits
        # Layouts of ours keep the record's bytes whole; older ones drop what they can't hold, at once and visibly.
        self._keeps_bytes = layout.version > OURS

    def encode(self, mutations: Sequence[Mutation]) -> Encoded:
        """Raises Unrepresentable for a record that the layout or the store can't hold.

        Said here, before anything is accepted: past the commit point of an intent nothing can be taken back, and a
        row that no commit carries would be tried by one holder after the other.
        """
        writes: list[Write] = []
        normal: list[Mutation] = []
        for mutation in mutations:
            keys = self.layout.row_keys(mutation.kind, mutation.key)
            if mutation.record is None:
                writes += [DeleteRow(self.root, key) for key in keys]
                normal.append(mutation)
                continue
            record, rows = self._written(mutation.record)
            # No rows: the layout can't hold such a record at all, so a reload would not find it.
            normal.append(Mutation(mutation.kind, mutation.key, record if rows else None))
            writes += [PutRow(self.root, row) for row in rows]
            if len(rows) < len(keys):
                written = {row.key for row in rows}
                writes += [DeleteRow(self.root, key) for key in keys if key not in written]
        return Encoded(tuple(normal), last_writes(writes), payload(writes))

    def _written(self, record: Record) -> tuple[Record, Sequence[Row]]:
        rows = self.layout.encode(record, self.cipher)
        if (reason := oversized(rows, self._limits)) is not None:
            message = f"{record.kind.value} {record.key[:64]!a} does not fit: {reason}"
            raise Unrepresentable(message)
        if self._keeps_bytes or not rows:
            return record, rows
        return self.layout.decode(record.kind, record.key, rows, self.cipher), rows


def payload(writes: Sequence[Write]) -> int:
    """How many bytes the writes carry."""
    return sum(len(write.row.key) + len(write.row.value) if isinstance(write, PutRow) else 64 for write in writes)


def last_writes(writes: Iterable[Write]) -> tuple[Write, ...]:
    """One write per row, the last one: what came together in a batch leaves one value of each row."""
    last: dict[tuple[str, str], Write] = {}
    for write in writes:
        row = (write.root, write.row.key) if isinstance(write, PutRow) else _deleted(write)
        last.pop(row, None)
        last[row] = write
    return tuple(last.values())


def _deleted(write: Write) -> tuple[str, str]:
    assert isinstance(write, DeleteRow)
    return write.root, write.key


def fits(encoded: Encoded, limits: Limits) -> bool:
    """Whether one commit can carry it."""
    return len(encoded.writes) <= limits.operations and encoded.payload_bytes <= limits.payload_bytes


def slices(writes: Sequence[Write], limits: Limits) -> list[tuple[Write, ...]]:
    """The writes cut into pieces that one commit can carry each, in order; one empty piece for no writes."""
    pieces: list[tuple[Write, ...]] = []
    piece: list[Write] = []
    size = 0
    for write in writes:
        weight = payload((write,))
        if piece and (len(piece) >= limits.operations or size + weight > limits.payload_bytes):
            pieces.append(tuple(piece))
            piece, size = [], 0
        piece.append(write)
        size += weight
    return [*pieces, tuple(piece)] if piece or not pieces else pieces
