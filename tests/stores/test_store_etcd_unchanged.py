"""A commit on condition that a root is what it was when it was read: strangers, who know no fence, are seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from bbs.layouts.contract import Row
from bbs.stores.anchor import Anchor
from bbs.stores.contract import Applied, Commit, Conflict, PutRow, RootChanged, Unchanged
from bbs.stores.etcd import EtcdStore
from tests.engines.etcd import EtcdServer
from tests.stores.conformance import STAGED, adopt, after, apply


@pytest.fixture
def server(etcd_server: EtcdServer) -> EtcdServer:
    etcd_server.empty()
    return etcd_server


@pytest_asyncio.fixture
async def store(server: EtcdServer) -> AsyncIterator[EtcdStore]:
    store = EtcdStore([server.endpoint], server.secrets, timeout=3.0)
    yield store
    await store.close()


async def read_with_a_row(store: EtcdStore) -> tuple[Anchor, Unchanged]:
    """An anchor, a row, and the moment at which both were read."""
    anchor = await apply(store, await adopt(store), PutRow("v1", Row("task/t", b"01")))
    async with store.snapshot() as snapshot:
        assert snapshot.revision is not None
        return anchor, Unchanged("v1", snapshot.revision)


def on_condition(anchor: Anchor, unchanged: Unchanged) -> Commit:
    return replace(after(anchor), unchanged=unchanged)


async def test_a_root_that_nobody_wrote_lets_the_commit_through(store: EtcdStore) -> None:
    anchor, unchanged = await read_with_a_row(store)
    anchor = await apply(store, anchor, PutRow(STAGED, Row("task/t", b"01")))
    assert await store.commit(on_condition(anchor, unchanged)) == Applied()


async def test_an_empty_root_lets_the_commit_through(store: EtcdStore) -> None:
    assert await store.commit(on_condition(await adopt(store), Unchanged("v1", 1))) == Applied()


@pytest.mark.parametrize("key", [b"/v1/task/t", b"/v1/task/another", b"/diego/deadline@v1/task/t"])
async def test_a_key_that_a_stranger_wrote_since_stops_the_commit(
    store: EtcdStore, server: EtcdServer, key: bytes
) -> None:
    anchor, unchanged = await read_with_a_row(store)
    server.put(key, b"1")
    with pytest.raises(RootChanged):
        await store.commit(on_condition(anchor, unchanged))
    async with store.snapshot() as snapshot:
        assert await snapshot.anchor() == anchor


async def test_a_repetition_of_a_commit_that_was_applied_is_not_taken_for_refused(
    store: EtcdStore, server: EtcdServer
) -> None:
    anchor, unchanged = await read_with_a_row(store)
    commit = on_condition(anchor, unchanged)
    assert await store.commit(commit) == Applied()
    server.put(b"/v1/task/t", b"1")
    assert await store.commit(commit) == Applied()


async def test_a_lost_fence_is_a_conflict_whatever_was_written(store: EtcdStore, server: EtcdServer) -> None:
    anchor, unchanged = await read_with_a_row(store)
    later = await apply(store, anchor)
    server.put(b"/v1/task/t", b"1")
    lost = replace(after(anchor, batch_id="another"), unchanged=unchanged)
    assert await store.commit(lost) == Conflict(later)
