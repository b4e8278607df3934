"""Handing a store back to a Go BBS: upstream's names, upstream's version number, and none of our tables.

Roll-forward in steps, each of which may be repeated: from the first commit on nobody of ours serves the store, and
whoever runs the command again goes on where it stopped. The version number that a Go BBS takes is the last fenced act.
Source: docs/reference/upstream-sql.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bbs.configuration import BBSConfiguration
from bbs.layouts.upstream_tables import NEWEST
from bbs.master.committer import Committer, Draft
from bbs.master.holder import HolderRefused, StoreHolder, claim_for
from bbs.master.parts import Parts
from bbs.master.wiring import store_config
from bbs.migration.cleanup import drop_root, unused
from bbs.stores.anchor import HANDED_BACK, Anchor, Live
from bbs.stores.contract import Returnable
from bbs.stores.opening import open_store
from bbs.stores.roots import TABLES

Step = Callable[[Anchor], Draft]


async def hand_back(configuration: BBSConfiguration) -> int:
    """Hand the configured store back; its data version. Raises HolderRefused."""
    async with claim_for(configuration, hands_back=True) as (parts, committer):
        await give_back(parts, committer)
    await _forgotten(configuration)
    return NEWEST


async def give_back(parts: Parts, committer: Committer) -> None:
    """All that is done while the store is held. Raises HolderRefused."""
    store = parts.store
    if not isinstance(store, Returnable):
        message = f"a Go BBS does not keep its records in {store.engine}; move to mysql or postgresql first"
        raise HolderRefused(message)
    if committer.anchor.moved_to is None:
        await StoreHolder(parts, committer).begin()
        _require_servable(committer.anchor)
        await clear_names(committer)
        await committer.commit(lambda _: Draft(members={"moved_to": HANDED_BACK}, reload=True))
    await roll_forward(committer, store.give_upstream_names)


def _require_servable(anchor: Anchor) -> None:
    if anchor.live.layout != NEWEST:
        message = f"the store is at data version {anchor.live.layout}; run `bbs migrate run --to {NEWEST}` first"
        raise HolderRefused(message)
    if anchor.key_label is None:
        message = "the records are not known to be sealed with one key, and a Go BBS reads sealed ones only"
        raise HolderRefused(f"{message}; run `bbs keys rotate --to <key>` first")


async def clear_names(committer: Committer) -> None:
    """Nothing but the live root stays: upstream's names must be free before anything is marked, since afterwards what
    lies there may be the records themselves. Raises HolderRefused."""
    for root in sorted(await _others(committer)):
        await drop_root(committer, root)
    left = await _others(committer)
    if left:
        message = f"tables of {', '.join(sorted(left))} are in use by another session; end it and run this again"
        raise HolderRefused(message)


async def _others(committer: Committer) -> frozenset[str]:
    async with committer.store.snapshot() as snapshot:
        return unused((await snapshot.survey()).roots, committer.anchor)


async def roll_forward(committer: Committer, give_names: Callable[[str], Awaitable[None]]) -> None:
    """From a store that nobody serves any more to one that a Go BBS takes."""
    root = committer.anchor.live.root
    if root != TABLES:
        await give_names(root)
    await committer.commit(lambda anchor: Draft(members={"live": Live(anchor.live.layout, TABLES), "superseded": ()}))


async def _forgotten(configuration: BBSConfiguration) -> None:
    # Only now: the lock was released, and the anchor tells everybody that there is nothing to hold any more.
    store = open_store(store_config(configuration))
    try:
        assert isinstance(store, Returnable)
        await store.forget()
    finally:
        await store.close()
