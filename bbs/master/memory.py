"""The confirmed records of a member: always what a reload would give.

Changed only by commits that the store confirmed (master) or that the stream proved confirmed (standby). Holds the
digest of the chain that led here, so that a standby knows whether what it holds is what an anchor says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bbs.master.tally import Tally
from bbs.models.records import Kind, Mutation, Record
from bbs.models.state import Entry, Indexer, Watcher
from bbs.stores.anchor import Fence


class Unreadable(Exception):
    """The record of this key is quarantined: its bytes stay untouched until it is repaired."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"unreadable record: {reason}")
        self.key = key
        self.reason = reason


class Memory:
    """Entries by key, by group and by cell; unreadable ones by key. Implements bbs.models.state.View."""

    def __init__(self, index: Indexer) -> None:
        self._index = index
        self._entries: dict[Kind, dict[str, Entry]] = {kind: {} for kind in Kind}
        self._groups: dict[Kind, dict[str, dict[str, Entry]]] = {Kind.ACTUAL_LRPS: {}}
        self._cells: dict[Kind, dict[str, dict[str, Entry]]] = {Kind.ACTUAL_LRPS: {}, Kind.TASKS: {}}
        self.unreadable: dict[tuple[Kind, str], str] = {}
        self.watcher: Watcher | None = None
        self.tally = Tally()
        self.fence = Fence(0, 0)
        self.digest = ""

    # --- reads --------------------------------------------------------------------------------------------------------

    def get(self, kind: Kind, key: str) -> Entry | None:
        """The entry of that key. Raises Unreadable for a quarantined one."""
        entry = self._entries[kind].get(key)
        if entry is None and self.unreadable and (kind, key) in self.unreadable:
            raise Unreadable(key, self.unreadable[kind, key])
        return entry

    def group(self, kind: Kind, group: str) -> list[Entry]:
        """All entries of a group, in key order."""
        if kind is not Kind.ACTUAL_LRPS:
            entry = self.get(kind, group)
            return [] if entry is None else [entry]
        members = self._groups[kind].get(group)
        return [] if members is None else [members[key] for key in sorted(members)]

    def entries(self, kind: Kind) -> Iterable[Entry]:
        """All entries of a kind, in no order."""
        return self._entries[kind].values()

    def on_cell(self, kind: Kind, cell_id: str) -> list[Entry]:
        """All entries that name that cell."""
        return list(self._cells[kind].get(cell_id, {}).values())

    def count(self, kind: Kind) -> int:
        """How many entries of a kind there are."""
        return len(self._entries[kind])

    def records(self) -> Iterable[Record]:
        """Every readable record."""
        for kind, entries in self._entries.items():
            for entry in entries.values():
                yield Record(kind, entry.key, entry.data, entry.deadline)

    def names(self) -> Iterable[tuple[Kind, str]]:
        """The kind and key of every readable record."""
        for kind, entries in self._entries.items():
            for key in entries:
                yield kind, key

    # --- changes ------------------------------------------------------------------------------------------------------

    def indexed(self, record: Record) -> Entry:
        """The entry that a record will have. Raises ValueError when its bytes are no such message."""
        return self._index(record.kind, record.key, record.data, record.deadline)

    def apply(self, mutations: Sequence[Mutation]) -> None:
        """Take over confirmed changes."""
        for mutation in mutations:
            entry = None if mutation.record is None else self.indexed(mutation.record)
            self.place(mutation.kind, mutation.key, entry)

    def place(self, kind: Kind, key: str, entry: Entry | None) -> None:
        """Replace what stands under a key by `entry`, or by nothing."""
        old = self._entries[kind].pop(key, None)
        if old is not None:
            self._unlink(old)
        self.unreadable.pop((kind, key), None)
        if entry is not None:
            self._entries[kind][key] = entry
            self._link(entry)
        if self.watcher is not None:
            self.watcher(old, entry)

    def quarantine(self, kind: Kind, key: str, reason: str) -> None:
        """Note a record that can't be read."""
        self.place(kind, key, None)
        self.unreadable[kind, key] = reason

    def _link(self, entry: Entry) -> None:
        self.tally.enter(entry)
        if entry.kind in self._groups:
            self._groups[entry.kind].setdefault(entry.group, {})[entry.key] = entry
        if entry.cell_id and entry.kind in self._cells:
            self._cells[entry.kind].setdefault(entry.cell_id, {})[entry.key] = entry

    def _unlink(self, entry: Entry) -> None:
        self.tally.leave(entry)
        for index, name in ((self._groups, entry.group), (self._cells, entry.cell_id)):
            members = index.get(entry.kind, {}).get(name)
            if members is not None:
                members.pop(entry.key, None)
                if not members:
                    del index[entry.kind][name]
