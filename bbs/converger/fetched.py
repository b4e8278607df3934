"""The records as they were fetched: a view on which the rules of convergence run, far from any pipeline."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from bbs.master.memory import Memory
from bbs.models.index import index
from bbs.models.records import Kind
from bbs.models.state import Entry


def fetched(records: Iterable[tuple[Kind, dict[str, Any]]]) -> Memory:
    """Memory of these records; one that can't be read is in quarantine, as in the BBS."""
    memory = Memory(index)
    for kind, record in records:
        try:
            entry = index(kind, record["key"], base64.b64decode(record["data"]), record["deadline"])
        except ValueError as error:
            memory.quarantine(kind, record["key"], str(error))
        else:
            memory.place(kind, entry.key, entry)
    return memory


class Reading:
    """A view that notes which records were read, absent ones included."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.read: dict[tuple[Kind, str], Entry | None] = {}

    def get(self, kind: Kind, key: str) -> Entry | None:
        """See View."""
        entry = self.read[kind, key] = self._memory.get(kind, key)
        return entry

    def group(self, kind: Kind, group: str) -> list[Entry]:
        """See View."""
        entries = self._memory.group(kind, group)
        self.read.update(((kind, entry.key), entry) for entry in entries)
        return entries

    def entries(self, kind: Kind) -> Iterable[Entry]:
        """See View. No step decides by a whole kind."""
        return self._memory.entries(kind)

    def on_cell(self, kind: Kind, cell_id: str) -> list[Entry]:
        """See View."""
        return self._memory.on_cell(kind, cell_id)
