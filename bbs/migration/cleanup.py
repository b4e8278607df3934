"""Dropping roots: fenced slices, and never the live one or the one being staged."""

from __future__ import annotations

from collections.abc import Callable

from bbs.master.committer import Committer, Draft
from bbs.stores.anchor import Anchor
from bbs.stores.contract import DeleteRange, DropRoot


class RootInUse(Exception):
    """The root is live or being staged."""


async def drop_root(committer: Committer, root: str, look: Callable[[Anchor], None] = lambda _: None) -> None:
    """Remove every row of a root, page by page. Raises RootInUse, EpochLost, StoreError. Safe to repeat.

    `look` is shown the anchor before each slice, and may raise to end the work between two of them.
    """
    async with committer.store.snapshot() as snapshot:
        ranges = [DeleteRange(root, page[0].key, page[-1].key) async for page in snapshot.scan(root)]

    def draw(*writes: DeleteRange | DropRoot) -> Callable[[Anchor], Draft]:
        def drawn(anchor: Anchor) -> Draft:
            look(anchor)
            return _draft(anchor, root, writes)

        return drawn

    for piece in ranges:
        await committer.commit(draw(piece))
    if root not in committer.anchor.dropping:
        await committer.commit(draw())
    await committer.commit(draw(DropRoot(root)))


async def tidy(committer: Committer, keep_superseded: bool) -> None:
    """Drop what attempts that came to nothing left behind; superseded roots too, unless they are to be kept.

    Upstream's own places carry no attempt in their name and are dropped as superseded ones only. Raises as drop_root.
    """
    async with committer.store.snapshot() as snapshot:
        roots = (await snapshot.survey()).roots
    for root in sorted(unused(roots, committer.anchor)):
        was_live = root in committer.anchor.superseded
        if not (keep_superseded and was_live) and (was_live or "@" in root):
            await drop_root(committer, root)


def unused(roots: frozenset[str], anchor: Anchor) -> frozenset[str]:
    """Roots that are neither live nor staged."""
    staged = anchor.migration.staged_root if anchor.migration is not None else None
    return roots - {anchor.live.root, staged}


def _draft(anchor: Anchor, root: str, writes: tuple[DeleteRange | DropRoot, ...]) -> Draft:
    """Looked at in every slice: a root may have become the staged one of an attempt since the last.

    The first slice announces the root in `dropping`, the last one, which drops it, takes it out again.
    """
    if root == anchor.live.root or (anchor.migration is not None and root == anchor.migration.staged_root):
        raise RootInUse(root)
    others = tuple(each for each in anchor.dropping if each != root)
    if any(isinstance(write, DropRoot) for write in writes):
        superseded = tuple(each for each in anchor.superseded if each != root)
        still = root in anchor.dropping  # else somebody else has dropped it meanwhile
        return Draft(writes=writes if still else (), members={"superseded": superseded, "dropping": others})
    return Draft(writes=writes, members={"dropping": (*others, root)})
