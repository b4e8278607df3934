"""Words of the conformance suite: the anchors, commits and claims that its tests speak in.

The suite itself is `tests/stores/test_conformance_*.py`; it runs over every engine of `tests.stores.engines.ENGINES`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bbs.layouts.contract import Row
from bbs.stores.anchor import Anchor, Live, Version
from bbs.stores.contract import (
    Applied,
    Claim,
    Claimed,
    Commit,
    DropRoot,
    Liveness,
    PutRow,
    Store,
    StoreUnavailable,
    Write,
)

LIVE = "v4000000001@1-1"
STAGED = "v1451635200@1-2"


def first_anchor(current: int = 4_000_000_001) -> Anchor:
    """The anchor of a store that was just adopted."""
    return Anchor(
        store_id="store-1",
        owner="ns/diego",
        epoch=1,
        seq=0,
        batch_id="genesis",
        live=Live(current, LIVE),
        version=Version(current),
        digest="",
    )


def liveness(epoch: int = 1, holder: str = "bbs-0/1/1") -> Liveness:
    """A liveness value as a claim writes it."""
    return Liveness(epoch, holder, "https://bbs-0:8889", 0, 5.0)


async def adopt(store: Store, anchor: Anchor | None = None) -> Anchor:
    """Claims an empty store; gives the anchor."""
    anchor = anchor or first_anchor()
    assert await store.claim(Claim(None, None, anchor, liveness(anchor.epoch))) == Claimed()
    return anchor


def next_claim(anchor: Anchor, watched: Liveness | None, holder: str = "bbs-1/1/1") -> Claim:
    """The claim of a standby that watched `watched` beside `anchor`."""
    epoch = anchor.epoch + 1
    return Claim(anchor, watched, anchor.change(epoch=epoch), liveness(epoch, holder))


def after(anchor: Anchor, *writes: Write, touched: bytes | None = None, batch_id: str = "") -> Commit:
    """The next commit on top of `anchor`."""
    seq = anchor.seq + 1
    return Commit(anchor, anchor.change(seq=seq, batch_id=batch_id or f"{anchor.epoch}-{seq}"), writes, touched)


async def apply(store: Store, anchor: Anchor, *writes: Write, touched: bytes | None = None) -> Anchor:
    """Commits; gives the new anchor. Roots that are dropped are announced first, as they must be."""
    gone = {write.root for write in writes if isinstance(write, DropRoot)} - {*anchor.dropping}
    if gone:
        announcing = after(anchor)
        announcing = replace(announcing, anchor=announcing.anchor.change(dropping=(*anchor.dropping, *sorted(gone))))
        assert await store.commit(announcing) == Applied()
        anchor = announcing.anchor
    commit = after(anchor, *writes, touched=touched)
    assert await store.commit(commit) == Applied()
    return commit.anchor


async def apply_all(store: Store, anchor: Anchor, root: str, rows: Sequence[Row]) -> Anchor:
    """Commits any number of rows in as many commits as the store's limits ask for."""
    size = store.limits.operations
    for start in range(0, len(rows), size):
        anchor = await apply(store, anchor, *(PutRow(root, row) for row in rows[start : start + size]))
    return anchor


async def stored(store: Store, root: str = LIVE) -> list[Row]:
    """All rows of a root."""
    async with store.snapshot() as snapshot:
        return [row async for page in snapshot.scan(root) for row in page]


async def anchor_of(store: Store) -> Anchor | None:
    """The stored anchor."""
    async with store.snapshot() as snapshot:
        return await snapshot.anchor()


async def until_answered(store: Store, limit: float) -> None:
    """Until the store answers again; seconds."""
    async with asyncio.timeout(limit):
        while True:
            try:
                await store.read_liveness()
            except StoreUnavailable:
                await asyncio.sleep(0.05)
            else:
                return
