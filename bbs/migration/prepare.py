"""The rehearsal: everything of a migration but the writing.

Scans, decodes, encodes and size-checks every record, read-only, and says what a migration would meet. Any member can
do it on its own, holder or not. Source of the rules: docs/reference/migration.md.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bbs.layouts.contract import Cipher, Layout, Undecodable, Unrepresentable
from bbs.master.clock import Clock
from bbs.migration.reading import Place, Unread, read_records
from bbs.migration.sizes import oversized
from bbs.models.records import Record
from bbs.stores.contract import Limits, SpaceLimited, Store

OVERHEAD = 2.0
"""What a stored byte costs at most with its revision and half-full pages (docs/reference/store-etcd.md)."""


@dataclass(frozen=True, slots=True)
class BadRecord:
    """The first record that would stop the migration."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rehearsal found at sequence `seq`. `losses`: what would be dropped, with counts."""

    version: int
    seq: int
    ok: bool
    count: int
    estimate_s: float
    losses: dict[str, int]
    first_bad: BadRecord | None


async def prepare(store: Store, clock: Clock, source: Place, target: Layout, cipher: Cipher) -> Verdict:
    """Rehearse. Raises StoreError when the store can't be read: that is no verdict."""
    started = clock.steady()
    losses: Counter[str] = Counter()
    count = size = 0
    first_bad: BadRecord | None = None
    async with store.snapshot() as snapshot:
        anchor = await snapshot.anchor()
        async for page in read_records(snapshot, source):
            for found in page:
                count += 1
                bad, written = _rehearsed(found, target, cipher, store.limits, losses)
                first_bad = first_bad or bad
                size += written
    first_bad = first_bad or await _no_room(store, size)
    # Reading back and writing cost about as much again as scanning and encoding did.
    estimate = 3 * (clock.steady() - started)
    return Verdict(
        target.version, anchor.seq if anchor else 0, first_bad is None, count, estimate, dict(losses), first_bad
    )


async def _no_room(store: Store, size: int) -> BadRecord | None:
    """Whether the copy would not fit beside what is there: better known before anybody waits for it."""
    space = await store.space() if isinstance(store, SpaceLimited) else None
    needed = round(size * OVERHEAD)
    if space is None or space.has_room_for(needed):
        return None
    seen = f"{space.used} bytes of {space.quota} are in use" + (
        " and its NOSPACE alarm is raised" if space.full else ""
    )
    return BadRecord("store", f"the copy needs up to {needed} bytes, and {seen}; defragment it, or raise its quota")


def _rehearsed(
    found: Record | Unread, target: Layout, cipher: Cipher, limits: Limits, losses: Counter[str]
) -> tuple[BadRecord | None, int]:
    """What stands in the way, and how many bytes the record will occupy."""
    if isinstance(found, Unread):
        return BadRecord(found.name, found.reason), 0
    name = f"{found.kind.value}/{found.key}"
    loss = target.loses(found)
    if loss is not None:
        if loss.refused:
            return BadRecord(name, f"data version {target.version} can't hold {loss.what}"), 0
        losses[loss.what] += 1
    try:
        rows = target.encode(found, cipher)
        if rows:
            target.decode(found.kind, found.key, rows, cipher)
    except (Unrepresentable, Undecodable) as error:
        return BadRecord(name, str(error)), 0
    excess = oversized(rows, limits)
    size = sum(len(row.key) + len(row.value) for row in rows)
    return (None if excess is None else BadRecord(name, excess)), size
