"""What the processes of a crash run do, each from its start to its end: seed, rehearse, die, finish.

All but the seeding migrate by `bbs.master.holder.hold`, as `bbs migrate run --config` does: a real claim, a renewal in
its thread, the production runner, clean-up, release.
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
from bbs.master.holder import hold
from bbs.master.wiring import store_config
from bbs.stores.contract import Limits, Liveness, Store, StoreUnavailable
from bbs.stores.opening import StoreConfig, open_store
from tests.crash.fatal_store import FatalStore, Fuse

T = TypeVar("T")
Heir = Callable[[BBSConfiguration, int], Coroutine[Any, Any, None]]
"""What finishes a dead process's migration to that version."""

_ATTEMPTS = 5
_NARROW_OPERATIONS = 60
_NARROW_PAGE_ROWS = 100
"""Relational engines take 2,000 rows a commit and a page; there are crash points only between several of them."""


async def seed(configuration: BBSConfiguration, version: int, records: int, number: int) -> None:
    """Fill an empty store with realistic records of every kind."""
    async with hold(configuration, version) as holder:
        await holder.put(generate(records, number, inert=False))


async def migrate(configuration: BBSConfiguration, to: int) -> None:
    """Hold the store and migrate it to the end."""
    async with hold(configuration) as holder:
        await holder.migrate(to, lambda done, total: None)


async def migrate_fatally(configuration: BBSConfiguration, to: int, fuse: Fuse) -> None:
    """The same with a fuse between the holder and its store."""
    with _fused(fuse):
        await migrate(configuration, to)


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
        return FatalStore(store, fuse, Limits(operations, *store.limits[1:]))

    with ExitStack() as stack:
        stack.enter_context(patch("bbs.master.holder.open_store", opened))
        for module in ("sqlite_snapshot", "sql_snapshot"):
            stack.enter_context(patch(f"bbs.stores.{module}.PAGE_ROWS", _NARROW_PAGE_ROWS))
        yield
