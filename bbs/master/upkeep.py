"""Upkeep: what a master does for a store that keeps its history and has a quota (etcd).

While it serves, it compacts that history on a schedule, and says in good time that the store is filling up: at its
quota it refuses renewals too, and nobody can be master. Source: docs/reference/store-etcd.md.
"""

from __future__ import annotations

from collections.abc import Callable

from bbs.master.clock import Clock
from bbs.master.journal import Journal
from bbs.stores.contract import Space, SpaceLimited, Store, StoreError

EVERY_S = 300.0
"""Between two compactions; a snapshot stays readable for as long."""
LOOK_EVERY_S = 30.0
FILLING = 0.6
"""Of the quota; from there on it is said at each look."""


async def keep_up(store: Store, clock: Clock, journal: Journal, seen: Callable[[Space], None]) -> None:
    """For ever, or not at all for a store that needs no upkeep. A store that is away is asked again."""
    if not isinstance(store, SpaceLimited):
        return
    compacted = clock.steady() - EVERY_S
    while True:
        try:
            if clock.steady() - compacted >= EVERY_S:
                await store.forget_history()
                compacted = clock.steady()
            space = await store.space()
        except StoreError as error:
            journal("upkeep-failed", message=str(error))
        else:
            seen(space)
            if space.full or (space.quota and space.used >= FILLING * space.quota):
                journal("store-filling", used=space.used, quota=space.quota, full=space.full)
        await clock.sleep(LOOK_EVERY_S)
