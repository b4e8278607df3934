"""The mirror: the copy of an online migration, kept true by whatever is written while it grows.

A record is copied once; from then on each change of it goes to both roots, in one commit. What is written before its
record was copied goes to the old root alone, and is copied with the record. So at any moment the copy holds, of every
record that was copied, what memory holds. Pure: reads views, returns writes. Source: docs/reference/migration.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b

from bbs.layouts.contract import Layout
from bbs.master.encoder import Encoded, last_writes, payload
from bbs.migration.attempt import Carried, Seals, Stopped
from bbs.models.records import Kind, Record
from bbs.models.state import View
from bbs.stores.contract import DeleteRow, PutRow, Write

Name = tuple[Kind, str]


def fingerprint(record: Record) -> bytes:
    """16 bytes by which a record that is read back is known again."""
    return blake2b(b"%d " % record.deadline + record.data, digest_size=16).digest()


class Mirror:
    """`fingerprints`: of what the copy must hold of each record, None: nothing. `written`: what was changed since that
    was last taken. `differs`: records that will read otherwise once the copy is live, and how (None: not at all).
    `broken`: what the copy can't hold of something that was written meanwhile."""

    def __init__(self, carry: Callable[[Record], Carried], layout: Layout, root: str) -> None:
        """`carry` gives a record in the layout of the copy, and raises Stopped."""
        self._carry = carry
        self._layout = layout
        self._root = root
        self._to_copy: set[Name] = set()
        self.fingerprints: dict[Name, bytes | None] = {}
        self.differs: dict[Name, Record | None] = {}
        self.written: set[Name] = set()
        self.seals = Seals(layout)
        self.broken: Stopped | None = None

    def expect(self, names: Iterable[Name]) -> None:
        """All there is to copy. What is written before this is called goes to both roots, whatever it is."""
        self._to_copy = set(names)

    def beside(self, encoded: Encoded) -> Encoded:
        """The same changes, for the copy as well. Never fails: what the copy can't hold ends the migration, not the
        request that the live layout can serve."""
        writes: list[Write] = []
        try:
            for mutation in encoded.mutations:
                name = (mutation.kind, mutation.key)
                self.written.add(name)
                if name not in self._to_copy:
                    writes += self._rows(name, mutation.record)
        except Stopped as stopped:
            self.broken = self.broken or stopped
            return encoded
        both = last_writes([*encoded.writes, *writes])
        return Encoded(encoded.mutations, both, payload(both))

    def copy(self, names: Sequence[Name], view: View) -> Encoded:
        """The rows of those records as they will be once everything that was accepted before is durable; what is
        gone by then has none. Repeating it is fine. Raises Stopped, Unreadable."""
        self._to_copy.difference_update(names)
        writes: list[Write] = []
        for name in names:
            entry = view.get(*name)
            writes += self._rows(name, None if entry is None else Record(*name, entry.data, entry.deadline))
        return Encoded((), tuple(writes), payload(writes))

    def taken(self) -> set[Name]:
        """What was written since this was last asked."""
        written, self.written = self.written, set()
        return written

    def note(self, name: Name, record: Record | None) -> Carried:
        """What the copy must hold of a record. Raises Stopped."""
        carried = Carried((), None) if record is None else self._carry(record)
        self.fingerprints.pop(name, None)
        self.differs.pop(name, None)
        if record is not None:
            self.fingerprints[name] = None if carried.record is None else fingerprint(carried.record)
        if carried.record != record:
            self.differs[name] = carried.record
        return carried

    def _rows(self, name: Name, record: Record | None) -> list[Write]:
        rows = self.note(name, record).rows
        self.seals.add(rows)
        written = {row.key for row in rows}
        gone = [key for key in self._layout.row_keys(*name) if key not in written]
        return [*(PutRow(self._root, row) for row in rows), *(DeleteRow(self._root, key) for key in gone)]
