"""Loading: memory as one snapshot of the store says it is."""

from __future__ import annotations

from collections.abc import Callable

from bbs.master.intent import named_changes
from bbs.master.journal import Journal, silent
from bbs.master.memory import Memory
from bbs.migration.reading import Place, Unread, read_records
from bbs.models.records import Kind, Record
from bbs.models.state import Indexer
from bbs.stores.anchor import Anchor
from bbs.stores.contract import Store


async def load(
    store: Store, place_of: Callable[[Anchor], Place | None], index: Indexer, journal: Journal = silent
) -> Memory | None:
    """Memory at the anchor's sequence; None when there is no anchor or this binary can't read its layout.

    A record that does not decode is quarantined, and serving goes on. An intent that the anchor names is applied in
    memory only: its writes are the holder's affair. Raises StoreError.
    """
    async with store.snapshot() as snapshot:
        anchor = await snapshot.anchor()
        place = None if anchor is None else place_of(anchor)
        if anchor is None or place is None:
            return None
        memory = Memory(index)
        async for page in read_records(snapshot, place):
            for found in page:
                _take(memory, found, journal)
        if anchor.intent is not None:
            memory.apply(await named_changes(snapshot, anchor.intent))
        memory.fence = anchor.fence
        memory.digest = anchor.digest
        return memory


def _take(memory: Memory, found: Record | Unread, journal: Journal) -> None:
    if isinstance(found, Record):
        try:
            memory.place(found.kind, found.key, memory.indexed(found))
        except ValueError as error:
            memory.quarantine(found.kind, found.key, str(error))
            journal("quarantined", key=f"{found.kind.value}/{found.key}", reason=str(error))
        return
    # A row that belongs to no record has no kind to be asked by; it is named all the same.
    memory.quarantine(found.kind or Kind.DOMAINS, found.key, found.reason)
    journal("quarantined", key=found.name, reason=found.reason)
