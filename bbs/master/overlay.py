"""The overlay: records as they will be if the batches under way are confirmed.

Transitions run on it; reads of clients, lists and events never do. It notes what a transition read, absent rows and
whole ranges included, so that an answer that depends on an unconfirmed change waits for it. A layer is one batch: it
is merged into memory when confirmed, and discarded whole when not. Source: docs/reference/pipeline.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bbs.master.memory import Memory
from bbs.models.records import Kind
from bbs.models.state import Entry

Range = tuple[str, Kind, str | None]
"""Something that can be read or changed: its scope (key, group, cell, kind), its kind, and its name; None for a whole
kind. Plain tuples, since each transition makes a dozen."""


class Layer:
    """The changes of one batch: new entries by key (None: removed), and every range they are seen in."""

    __slots__ = ("changed", "entries")

    def __init__(self) -> None:
        self.entries: dict[tuple[Kind, str], Entry | None] = {}
        self.changed: set[Range] = set()

    def put(self, kind: Kind, key: str, before: Entry | None, after: Entry | None) -> None:
        """Note one change; `before` is what the layers below show."""
        self.entries[kind, key] = after
        changed = self.changed
        changed.add(("key", kind, key))
        changed.add(("kind", kind, None))
        for entry in (before, after):
            if entry is not None:
                changed.add(("group", kind, entry.group))
                changed.add(("cell", kind, entry.cell_id))


class Overlay:
    """A View of memory below some layers, the newest last. One is made for each transition that runs."""

    def __init__(self, memory: Memory, layers: Iterable[Layer]) -> None:
        self._memory = memory
        self._layers = [layer for layer in layers if layer.entries]
        self.reads: set[Range] = set()

    def depends_on(self, layer: Layer) -> bool:
        """Whether anything that was read is changed by that layer."""
        return not self.reads.isdisjoint(layer.changed)

    def get(self, kind: Kind, key: str) -> Entry | None:
        """See View. Raises Unreadable."""
        self.reads.add(("key", kind, key))
        for layer in reversed(self._layers):
            if (kind, key) in layer.entries:
                return layer.entries[kind, key]
        return self._memory.get(kind, key)

    def group(self, kind: Kind, group: str) -> list[Entry]:
        """See View."""
        entries = self._over(
            ("group", kind, group), self._memory.group(kind, group), lambda entry: entry.group == group
        )
        return sorted(entries, key=lambda entry: entry.key)

    def entries(self, kind: Kind) -> Iterable[Entry]:
        """See View."""
        return self._over(("kind", kind, None), self._memory.entries(kind), lambda _: True)

    def on_cell(self, kind: Kind, cell_id: str) -> list[Entry]:
        """See View."""
        below = self._memory.on_cell(kind, cell_id)
        return list(self._over(("cell", kind, cell_id), below, lambda entry: entry.cell_id == cell_id))

    def _over(self, read: Range, below: Iterable[Entry], belongs: Callable[[Entry], bool]) -> Iterable[Entry]:
        """What of `below` and of all layers belongs to the range `read`, which is noted."""
        self.reads.add(read)
        if not any(read in layer.changed for layer in self._layers):
            return below
        changed: dict[str, Entry | None] = {}
        for layer in self._layers:
            changed.update({key: entry for (kind, key), entry in layer.entries.items() if kind is read[1]})
        kept = [entry for entry in below if entry.key not in changed]
        return kept + [entry for entry in changed.values() if entry is not None and belongs(entry)]
