"""What only the SQLite store promises: the holder's lock, its tables, and clear words about a wrong file."""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.sharedctypes
import multiprocessing.synchronize
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bbs.layouts.contract import Row
from bbs.stores.contract import (
    Claimed,
    DropRoot,
    NotClaimed,
    PutRow,
    StoreError,
    StoreFull,
    StoreMisconfigured,
    StoreRefused,
    StoreUnavailable,
)
from bbs.stores.sqlite import SQLiteStore
from bbs.stores.sqlite_thread import SQLiteThread, failure
from tests.stores.conformance import LIVE, STAGED, adopt, anchor_of, apply, first_anchor, liveness, next_claim, stored


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(tmp_path / "bbs.sqlite", timeout=2.0)
    yield store
    await store.close()


@pytest_asyncio.fixture
async def other(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(tmp_path / "bbs.sqlite", timeout=2.0)
    yield store
    await store.close()


async def test_a_living_holder_is_never_stolen_from(store: SQLiteStore, other: SQLiteStore) -> None:
    anchor = await adopt(store)
    assert await other.read_liveness() == liveness()
    assert await other.claim(next_claim(anchor, liveness())) == NotClaimed()


async def test_a_holder_that_ended_reads_as_released_and_is_succeeded(store: SQLiteStore, other: SQLiteStore) -> None:
    anchor = await adopt(store)
    await store.close()
    watched = await other.read_liveness()
    assert watched == replace(liveness(), released=True)
    assert await other.claim(next_claim(anchor, watched)) == Claimed()


async def test_a_refused_claim_gives_the_lock_back(store: SQLiteStore, other: SQLiteStore) -> None:
    anchor = await adopt(store)
    await store.close()
    assert await other.claim(next_claim(anchor, replace(liveness(), counter=9))) == NotClaimed()
    assert (await other.read_liveness()) == replace(liveness(), released=True)


async def test_a_release_gives_the_lock_back_at_once(store: SQLiteStore, other: SQLiteStore) -> None:
    anchor = await adopt(store)
    await store.release(1, liveness().holder)
    assert await other.claim(next_claim(anchor, replace(liveness(), released=True))) == Claimed()


def _hold(path: str, ready: multiprocessing.synchronize.Event) -> None:
    async def main() -> None:
        await adopt(SQLiteStore(Path(path)))
        ready.set()
        await asyncio.Event().wait()

    asyncio.run(main())


async def test_a_holder_killed_by_the_system_is_seen_at_once_and_a_paused_one_blocks(
    store: SQLiteStore, tmp_path: Path
) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=_hold, args=(str(tmp_path / "bbs.sqlite"), ready))
    holder.start()
    try:
        assert ready.wait(20)
        assert holder.pid is not None
        os.kill(holder.pid, signal.SIGSTOP)
        assert await store.read_liveness() == liveness()
        assert await store.claim(next_claim(first_anchor(), liveness())) == NotClaimed()
    finally:
        holder.kill()
        holder.join(10)
    watched = await store.read_liveness()
    assert watched == replace(liveness(), released=True)
    assert await store.claim(next_claim(first_anchor(), watched)) == Claimed()


def _write_for_ever(
    path: str, acknowledged: multiprocessing.sharedctypes.Synchronized[int], some: multiprocessing.synchronize.Event
) -> None:
    async def main() -> None:
        store = SQLiteStore(Path(path))
        anchor = await adopt(store)
        while True:
            row = Row(f"tasks/{anchor.seq + 1:08}", bytes(3000))
            anchor = await apply(store, anchor, PutRow(LIVE, row), touched=str(anchor.seq + 1).encode())
            acknowledged.value = anchor.seq
            if anchor.seq == 30:
                some.set()

    asyncio.run(main())


async def test_a_writer_killed_at_any_moment_leaves_whole_commits_and_every_acknowledged_one(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    for turn in range(3):
        path = tmp_path / f"{turn}.sqlite"
        acknowledged, some = context.Value("q", 0), context.Event()
        writer = context.Process(target=_write_for_ever, args=(str(path), acknowledged, some))
        writer.start()
        assert await asyncio.to_thread(some.wait, 20)
        writer.kill()
        await asyncio.to_thread(writer.join, 10)
        store = SQLiteStore(path)
        async with store.snapshot() as snapshot:
            anchor = await snapshot.anchor()
            assert anchor is not None
            assert anchor.seq >= acknowledged.value
            assert await snapshot.touched() == str(anchor.seq).encode()
        assert [row.key for row in await stored(store)] == [f"tasks/{seq:08}" for seq in range(1, anchor.seq + 1)]
        await store.close()


@pytest.mark.skipif(sys.platform != "linux", reason="fork")
async def test_a_forked_child_does_not_keep_the_lock(store: SQLiteStore, other: SQLiteStore) -> None:
    await adopt(store)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    try:
        await store.close()
        assert await other.read_liveness() == replace(liveness(), released=True)
    finally:
        os.close(writing)
        await asyncio.to_thread(os.waitpid, child, 0)
        os.close(reading)


async def test_tables_have_their_names_and_go_with_their_root(store: SQLiteStore, tmp_path: Path) -> None:
    anchor = await adopt(store)
    for root in ("v1", LIVE, STAGED):
        anchor = await apply(store, anchor, PutRow(root, Row("a", b"01", 5)))
    names = {"configurations", "diego_anchor", "diego_intent", "diego_liveness", "diego_touched", "diego_kv"}
    assert _tables(tmp_path) == names | {"diego_records__1_1", "diego_kv__1_2"}
    await apply(store, anchor, DropRoot(STAGED))
    assert _tables(tmp_path) == names | {"diego_records__1_1"}


async def test_tables_of_others_are_surveyed_as_foreign(store: SQLiteStore, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "bbs.sqlite") as connection:
        connection.execute("CREATE TABLE desired_lrps (process_guid TEXT)")
        connection.execute("CREATE TABLE diego_kv__9_9 (process_guid TEXT)")
    connection.close()
    async with store.snapshot() as snapshot:
        assert (await snapshot.survey()).foreign == ("desired_lrps", "diego_kv__9_9")


async def test_a_survey_creates_no_table(store: SQLiteStore, tmp_path: Path) -> None:
    async with store.snapshot() as snapshot:
        await snapshot.survey()
    assert await store.read_liveness() is None
    assert _tables(tmp_path) == set()


async def test_a_missing_directory_is_said_at_once(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "absent" / "bbs.sqlite")
    with pytest.raises(StoreMisconfigured, match="absent"):
        await store.read_liveness()
    with pytest.raises(StoreMisconfigured, match="absent"):
        await adopt(store)
    await store.close()


async def test_a_file_that_is_no_database_is_said_at_once_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but somebody's notes " * 50)
    store = SQLiteStore(path)
    with pytest.raises(StoreMisconfigured, match="no SQLite database"):
        await anchor_of(store)
    with pytest.raises(StoreMisconfigured):
        await adopt(store)
    await store.close()
    assert path.read_text().startswith("not a database")


async def test_another_programs_write_lock_makes_the_outcome_unknown(store: SQLiteStore, tmp_path: Path) -> None:
    anchor = await adopt(store)
    connection = sqlite3.connect(tmp_path / "bbs.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        await apply(store, anchor)
    connection.execute("ROLLBACK")
    connection.close()
    assert await anchor_of(store) == anchor
    await apply(store, anchor)


async def test_a_full_file_is_named_and_nothing_is_written(store: SQLiteStore) -> None:
    anchor = await adopt(store)
    await store._writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 40").fetchone())
    with pytest.raises(StoreFull):
        await apply(store, anchor, PutRow(LIVE, Row("tasks/t", bytes(500_000))))
    assert await anchor_of(store) == anchor
    assert await stored(store) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, StoreFull),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreFull),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, StoreMisconfigured),
        (sqlite3.SQLITE_NOTADB, StoreMisconfigured),
        (sqlite3.SQLITE_TOOBIG, StoreRefused),
        (sqlite3.SQLITE_BUSY, StoreUnavailable),
        (sqlite3.SQLITE_IOERR_FSYNC, StoreUnavailable),
    ],
)
def test_each_code_has_its_kind(code: int, kind: type[StoreError], tmp_path: Path) -> None:
    error = sqlite3.OperationalError("seen")
    error.sqlite_errorcode = code
    assert type(failure(error, tmp_path)) is kind


async def test_commits_survive_a_reopened_file(store: SQLiteStore, other: SQLiteStore) -> None:
    anchor = await apply(store, await adopt(store), PutRow(LIVE, Row("a", b"01")))
    await store.close()
    assert await anchor_of(other) == anchor
    assert await stored(other) == [Row("a", b"01")]


async def test_the_file_is_synchronized_at_each_commit(tmp_path: Path) -> None:
    thread = SQLiteThread(tmp_path / "bbs.sqlite", 2.0, role="test")
    assert await thread.run(lambda connection: connection.execute("PRAGMA synchronous").fetchone()) == (2,)
    assert await thread.run(lambda connection: connection.execute("PRAGMA journal_mode").fetchone()) == ("wal",)
    await thread.close()


def _tables(folder: Path) -> set[str]:
    connection = sqlite3.connect(folder / "bbs.sqlite")
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    return names
