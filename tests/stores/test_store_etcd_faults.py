"""Faults between a store and its etcd: an unknown outcome is said to be unknown, and a repetition finds the truth."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio

from bbs.layouts.contract import Row
from bbs.stores.anchor import decode_anchor
from bbs.stores.contract import Applied, PutRow, Renewed, StoreFull, StoreUnavailable
from bbs.stores.etcd import EtcdStore
from tests.engines.etcd import EtcdServer
from tests.engines.proxy import Cut, Proxy
from tests.stores.conformance import LIVE, adopt, after, anchor_of, apply, liveness, stored, until_answered

TIMEOUT = 1.0
WRITE = PutRow(LIVE, Row("tasks/t", b"01"))


@pytest.fixture
def server(etcd_server: EtcdServer) -> EtcdServer:
    etcd_server.empty()
    return etcd_server


@pytest_asyncio.fixture
async def proxy(server: EtcdServer) -> AsyncIterator[Proxy]:
    async with Proxy(server.port) as proxy:
        yield proxy


@pytest_asyncio.fixture
async def store(server: EtcdServer, proxy: Proxy) -> AsyncIterator[EtcdStore]:
    store = EtcdStore([f"https://127.0.0.1:{proxy.port}"], server.secrets, timeout=TIMEOUT)
    yield store
    await store.close()


async def test_a_commit_cut_before_it_left_is_unknown_and_its_repetition_applies_it(
    store: EtcdStore, proxy: Proxy, server: EtcdServer
) -> None:
    commit = after(await adopt(store), WRITE)
    proxy.cut = Cut.REQUESTS
    with pytest.raises(StoreUnavailable, match="outcome is unknown"):
        await store.commit(commit)
    assert decode_anchor(server.get(b"/diego/anchor") or b"") == commit.expected
    proxy.cut = Cut.NOTHING
    await until_answered(store, 10)
    assert await store.commit(commit) == Applied()
    assert await stored(store) == [WRITE.row]


async def test_a_commit_whose_answer_was_lost_is_unknown_and_its_repetition_finds_it_applied(
    store: EtcdStore, proxy: Proxy, server: EtcdServer
) -> None:
    commit = after(await adopt(store), WRITE)
    proxy.cut = Cut.ANSWERS
    with pytest.raises(StoreUnavailable, match="outcome is unknown"):
        await store.commit(commit)
    assert decode_anchor(server.get(b"/diego/anchor") or b"") == commit.anchor
    proxy.cut = Cut.NOTHING
    await until_answered(store, 10)
    assert await store.commit(commit) == Applied()
    assert await anchor_of(store) == commit.anchor


async def test_a_renewal_whose_answer_was_lost_is_found_repeated(store: EtcdStore, proxy: Proxy) -> None:
    await adopt(store)
    proxy.cut = Cut.ANSWERS
    with pytest.raises(StoreUnavailable):
        await store.renew(1, liveness().holder, 0)
    proxy.cut = Cut.NOTHING
    await until_answered(store, 10)
    assert await store.renew(1, liveness().holder, 0) == Renewed(repeated=True)


async def test_a_silent_cut_ends_at_the_time_limit_and_the_next_call_dials_anew(
    store: EtcdStore, proxy: Proxy, server: EtcdServer
) -> None:
    commit = after(await adopt(store), WRITE)
    proxy.silent = True
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await store.commit(commit)
    assert time.monotonic() - started < 3 * TIMEOUT
    proxy.silent = False
    await until_answered(store, 10)
    assert await store.commit(commit) == Applied()


@pytest.fixture
def paused(server: EtcdServer) -> Iterator[EtcdServer]:
    """The server; whatever a test does, it runs again afterwards."""
    yield server
    server.signal(signal.SIGCONT)


async def test_a_paused_server_makes_the_outcome_unknown_though_the_commit_is_applied_later(
    paused: EtcdServer,
) -> None:
    store = EtcdStore([paused.endpoint], paused.secrets, timeout=TIMEOUT)
    commit = after(await adopt(store), WRITE)
    paused.signal(signal.SIGSTOP)
    with pytest.raises(StoreUnavailable):
        await store.commit(commit)
    paused.signal(signal.SIGCONT)
    await until_answered(store, 10)
    assert await store.commit(commit) == Applied()
    assert await stored(store) == [WRITE.row]
    await store.close()


async def test_a_call_to_a_paused_server_at_start_ends_at_the_time_limit(paused: EtcdServer) -> None:
    paused.signal(signal.SIGSTOP)
    store = EtcdStore([paused.endpoint], paused.secrets, timeout=TIMEOUT)
    async with asyncio.timeout(4 * TIMEOUT):
        with pytest.raises(StoreUnavailable):
            await store.read_liveness()
    await store.close()


async def test_a_cancelled_caller_is_cancelled_and_the_store_goes_on(store: EtcdStore, proxy: Proxy) -> None:
    anchor = await adopt(store)
    proxy.silent = True
    task = asyncio.create_task(store.commit(after(anchor)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    proxy.silent = False
    await until_answered(store, 10)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[EtcdServer]:
    """A small server that a test may kill or fill."""
    server = EtcdServer(tmp_path, "--quota-backend-bytes=2000000")
    try:
        server.start()
        yield server
    finally:
        server.kill()


async def test_a_killed_server_comes_back_with_every_acknowledged_commit(own_server: EtcdServer) -> None:
    store = EtcdStore([own_server.endpoint], own_server.secrets, timeout=TIMEOUT)
    anchor = await apply(store, await adopt(store), WRITE)
    await asyncio.to_thread(own_server.kill)
    with pytest.raises(StoreUnavailable):
        await store.commit(after(anchor))
    await asyncio.to_thread(own_server.start)
    await until_answered(store, 10)
    assert await anchor_of(store) == anchor
    assert await stored(store) == [WRITE.row]
    await store.close()


async def test_a_full_server_is_named_as_full_and_nothing_is_written(own_server: EtcdServer) -> None:
    store = EtcdStore([own_server.endpoint], own_server.secrets, timeout=5.0)
    anchor = await adopt(store)
    filling = PutRow(LIVE, Row("tasks/t", bytes(900_000)))
    with suppress(StoreFull):
        while True:
            anchor = await apply(store, anchor, filling)
    with pytest.raises(StoreFull, match="space exceeded"):
        await store.commit(after(anchor, filling))
    assert await anchor_of(store) == anchor
    assert (await store.space()).full
    await store.close()
