"""Dropping roots: fenced slices, and never the live one or the one being staged."""

from __future__ import annotations

from bbs.master.committer import Committer, Draft
from bbs.stores.anchor import Anchor
from bbs.stores.contract import DeleteRange, DropRoot


class RootInUse(Exception):
    """The root is live or being staged."""


async def drop_root(committer: Committer, root: str) -> None:
    """Remove every row of a root, page by page. Raises RootInUse, EpochLost, StoreError. Safe to repeat."""
    async with committer.store.snapshot() as snapshot:
        ranges = [DeleteRange(root, page[0].key, page[-1].key) async for page in snapshot.scan(root)]
    for piece in ranges:
        await committer.commit(lambda anchor, piece=piece: _draft(anchor, root, piece))  # type: ignore[misc]
    await committer.commit(lambda anchor: _draft(anchor, root, DropRoot(root)))


def _draft(anchor: Anchor, root: str, write: DeleteRange | DropRoot) -> Draft:
    """Looked at in every slice: a root may have become the staged one of an attempt since the last."""
    if root == anchor.live.root or (anchor.migration is not None and root == anchor.migration.staged_root):
        raise RootInUse(root)
    return Draft(writes=(write,))
