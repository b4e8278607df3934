"""A move without a running BBS: a command holds etcd, moves what lies there, and claims the database once.

Every step may be repeated: whoever runs the command again goes on where it stopped. Source: docs/reference/move.md.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

from bbs.configuration import BBSConfiguration
from bbs.master.committer import Committer, Draft
from bbs.master.destination import examine
from bbs.master.encoder import Encoder
from bbs.master.holder import HolderRefused, claim_for, show
from bbs.master.intent import replay
from bbs.master.moving import DestinationLost, Failed, Mover, Order
from bbs.master.parts import Destination, Parts
from bbs.master.wiring import FileKeys, abilities, source_config, store_config
from bbs.migration.decide import Serve, decide_held
from bbs.migration.move import Landing, Terms, asked, landed
from bbs.migration.progress import Progress
from bbs.migration.reading import Place
from bbs.migration.throttle import Throttle
from bbs.stores.anchor import Anchor
from bbs.stores.contract import Store
from bbs.stores.opening import open_store


async def move_offline(configuration: BBSConfiguration, shown: Callable[[int, int | None], None]) -> str:
    """Move to the end; the engine that the records are live in then. Raises HolderRefused, StoreError."""
    source, there = source_config(configuration), store_config(configuration)
    if source is None:
        message = "the configuration names one store only; name the one that the records lie in as store.migrate_from"
        raise HolderRefused(message)
    store = open_store(there)
    try:
        if landed(await examine(store), None):
            return there.type
        moved = await _moved_from(open_store(source), there.type)
        if moved is None:
            async with claim_for(configuration) as (parts, committer):
                can = abilities(configuration, FileKeys(configuration.keyring_dir, None), there.type)
                destination = Destination(store, parts.renewals, there.type, lambda: can)
                moved = await _move(parts, committer, destination, shown)
    finally:
        await store.close()
    async with claim_for(configuration, landing=Landing(moved.store_id, moved)):
        return there.type


async def _moved_from(source: Store, engine: str) -> Anchor | None:
    """etcd's anchor, if its records were moved by an earlier run already."""
    try:
        async with source.snapshot() as snapshot:
            anchor = await snapshot.anchor()
    finally:
        await source.close()
    return anchor if anchor is not None and anchor.moved_to == engine else None


async def _move(
    parts: Parts, committer: Committer, destination: Destination, shown: Callable[[int, int | None], None]
) -> Anchor:
    layout = parts.layouts[committer.anchor.live.layout]
    place = Place(layout, committer.anchor.live.root, parts.keys.cipher(layout))
    await replay(committer, Encoder(place.layout, place.root, place.cipher, parts.store.limits))
    decision = decide_held(committer.anchor, parts.abilities())
    if not isinstance(decision, Serve):
        message = "a migration to another data version is under way or wanted; end it by `bbs migrate run` first"
        raise HolderRefused(message)
    await committer.commit(lambda anchor: Draft(members=asked(anchor, f"cli-{uuid.uuid4()}", wanted=True)))
    seen: list[Progress] = []
    throttle = Throttle(parts.clock, parts.settings.max_records_per_second)
    order = Order(committer, place, Terms.of(committer.anchor), throttle, None, seen.append)
    showing = asyncio.ensure_future(show(seen, shown))
    try:
        outcome = await Mover(parts, destination).run(order)
    except DestinationLost as lost:
        message = f"{lost}; nothing has changed: see the database, and run it again"
        raise HolderRefused(message) from lost
    finally:
        showing.cancel()
    if isinstance(outcome, Failed):
        failure = outcome.failure
        message = f"{failure.key or failure.reason}: {failure.message}; nothing has changed: mend it and run it again"
        raise HolderRefused(message)
    shown(outcome.records, outcome.records)
    return outcome.anchor
