"""What the processes of a crash run do, each from its start to its end: seed, work until they die, finish.

Commands hold the store by `bbs.master.holder`, as `bbs migrate run --config`, `bbs keys rotate --config` and
`bbs handback` do: a real claim, a renewal in its thread, the production code, clean-up, release.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

from bbs.configuration import BBSConfiguration
from bbs.interchange.generation import generate
from bbs.master import handback
from bbs.master.holder import hold
from bbs.master.wiring import store_config
from bbs.stores.contract import Limits, Liveness, Store, StoreUnavailable
from bbs.stores.opening import StoreConfig, open_store
from bbs.stores.sql import SQLStore
from tests.crash import member
from tests.crash.fatal_store import FatalRelationalStore, FatalStore, Fuse

T = TypeVar("T")
Life = Callable[[BBSConfiguration], Coroutine[Any, Any, None]]
"""What a process does with a configured store, from its start to its end."""
Seed = Callable[..., Coroutine[Any, Any, None]]
"""Fills an empty store: `(configuration, records=, number=)`."""

_ATTEMPTS = 5
_NARROW_OPERATIONS = 30
_NARROW_PAGE_ROWS = 40
"""Engines take thousands of rows a commit and a page; there are crash points only between several of them."""
_NARROW = {
    "bbs.stores.sqlite_snapshot.PAGE_ROWS": _NARROW_PAGE_ROWS,
    "bbs.stores.sql_snapshot.PAGE_ROWS": _NARROW_PAGE_ROWS,
    "bbs.stores.sql_upstream._PAGE_ROWS": _NARROW_PAGE_ROWS,
    "bbs.stores.etcd_stride.HIGHEST_LIMIT": _NARROW_PAGE_ROWS,
    "bbs.master.rotation._BATCH": _NARROW_PAGE_ROWS,
}


async def seed(configuration: BBSConfiguration, version: int, records: int, number: int) -> None:
    """Fill an empty store with realistic records of every kind."""
    async with hold(configuration, version) as holder:
        await holder.put(generate(records, number, inert=False))


async def seed_by_way_of(configuration: BBSConfiguration, versions: tuple[int, ...], records: int, number: int) -> None:
    """The same, migrated through several versions; what was left on the way is kept."""
    kept = configuration.migration.model_copy(update={"keep_old_roots": len(versions)})
    configuration = configuration.model_copy(update={"migration": kept})
    first, *others = versions
    await seed(configuration, first, records, number)
    for version in others:
        await migrate(configuration, version)


async def migrate(configuration: BBSConfiguration, to: int) -> None:
    """Hold the store and migrate it to the end."""
    async with hold(configuration) as holder:
        await holder.migrate(to, lambda done, total: None)


async def rotate(configuration: BBSConfiguration, to: str) -> None:
    """Hold the store and seal every record with that key."""
    async with hold(configuration) as holder:
        await holder.rotate(to, lambda done, total: None)


async def hand_back(configuration: BBSConfiguration) -> None:
    """Give the store back to a Go BBS."""
    await handback.hand_back(configuration)


async def hand_back_again(configuration: BBSConfiguration) -> None:
    """The same, unless nothing of ours is left: then it is a Go BBS's, and not to be touched without its lock."""
    if await _anchored(configuration):
        await hand_back(configuration)


async def hand_back_after_a_member(configuration: BBSConfiguration) -> None:
    """The same, once a member was started by mistake: it serves what nobody gave away yet, and nothing else."""
    if await _anchored(configuration):
        await member.serve_or_refuse(configuration, "HandedBack")
    await hand_back_again(configuration)


async def _anchored(configuration: BBSConfiguration) -> bool:
    store = open_store(store_config(configuration))
    try:
        async with store.snapshot() as snapshot:
            return await snapshot.anchor() is not None
    finally:
        await store.close()


async def fatally(work: Life, configuration: BBSConfiguration, fuse: Fuse) -> None:
    """Do it with a fuse between the process and its store."""
    with _fused(fuse):
        await work(configuration)


async def after_death(configuration: BBSConfiguration, victim: int, *, certificate: bool) -> str:
    """How the victim's death is learned of. With a certificate: as the supervisor writes it for a child it reaped."""
    store = open_store(store_config(configuration))
    try:
        seen = await store.read_liveness()
        if seen is None or seen.released:
            return "release" if seen is not None and _held_by(seen, victim) else "never held"
        if not certificate:
            return "ttl"
        assert _held_by(seen, victim), f"{seen.holder} holds the store; wanted process {victim}"
        await store.release(seen.epoch, seen.holder)
        return "certificate"
    finally:
        await store.close()


def _held_by(liveness: Liveness, pid: int) -> bool:
    return liveness.holder.split("/")[1].split(".")[0] == str(pid)


async def patiently(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Do it again while the store does not answer, as whoever gets exit code 4 would: on a busy machine calls time out.

    Nothing but the victim is bound to one attempt.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return await work()
        except StoreUnavailable as error:
            print(f"once more: {error}", file=sys.stderr)
    return await work()


@contextmanager
def _fused(fuse: Fuse) -> Iterator[None]:
    def opened(config: StoreConfig) -> Store:
        store = open_store(config)
        if threading.current_thread() is not threading.main_thread():
            return store  # the renewal's own client
        operations = min(store.limits.operations, _NARROW_OPERATIONS)
        limits = Limits(operations, *store.limits[1:])
        return (
            FatalRelationalStore(store, fuse, limits)
            if isinstance(store, SQLStore)
            else FatalStore(store, fuse, limits)
        )

    with ExitStack() as stack:
        for module in ("bbs.master.holder", "bbs.master.handback", "tests.crash.member"):
            stack.enter_context(patch(f"{module}.open_store", opened))
        for name, rows in _NARROW.items():
            stack.enter_context(patch(name, rows))
        yield
