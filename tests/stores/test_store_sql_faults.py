"""Faults between a store and its relational server: an unknown outcome is said, and a repetition finds the truth."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
import pytest_asyncio

from bbs.layouts.contract import Row
from bbs.stores.contract import Applied, Commit, PutRow, Renewed, Store, StoreError, StoreUnavailable
from bbs.stores.mysql import MySQL
from bbs.stores.opening import StoreConfig, open_store
from bbs.stores.postgresql import PostgreSQL
from bbs.stores.sql_hosts import Hosts
from bbs.stores.sql_session import Session, Statement
from tests.engines.own_server import USER
from tests.engines.postgresql import PostgreSQLServer
from tests.engines.proxy import Cut, Proxy
from tests.engines.relational import SERVERS, RelationalServer
from tests.processes.waiting import until
from tests.stores.conformance import LIVE, adopt, after, anchor_of, apply, liveness, stored, until_answered

TIMEOUT = 2.0
WRITE = PutRow(LIVE, Row("tasks/t", b"01"))


@pytest_asyncio.fixture
async def proxy(server: RelationalServer) -> AsyncIterator[Proxy]:
    async with Proxy(server.port) as proxy:
        yield proxy


def _opened(server: RelationalServer, *hosts: str) -> Store:
    return open_store(StoreConfig(server.engine, timeout=TIMEOUT, place=server.place(*hosts)))


@pytest_asyncio.fixture
async def store(server: RelationalServer, proxy: Proxy) -> AsyncIterator[Store]:
    """Meets its server through the proxy."""
    store = _opened(server, f"127.0.0.1:{proxy.port}")
    yield store
    await store.close()


@pytest_asyncio.fixture
async def beside(server: RelationalServer) -> AsyncIterator[Store]:
    """Meets the same server by itself."""
    store = _opened(server)
    yield store
    await store.close()


async def _repeated(store: Store, commit: object) -> object:
    """The first answer to a commit that is sent until there is one."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await store.commit(commit)  # type: ignore[arg-type]
            except StoreUnavailable:
                await asyncio.sleep(0.05)


async def test_a_commit_cut_before_it_left_is_unknown_and_its_repetition_applies_it(
    store: Store, beside: Store, proxy: Proxy
) -> None:
    anchor = await apply(store, await adopt(store))
    commit = after(anchor, WRITE)
    proxy.cut = Cut.REQUESTS
    with pytest.raises(StoreUnavailable):
        await store.commit(commit)
    assert await anchor_of(beside) == anchor
    proxy.cut = Cut.NOTHING
    assert await _repeated(store, commit) == Applied()
    assert await stored(beside) == [WRITE.row]


async def test_a_commit_whose_answers_are_lost_is_unknown_and_applied_exactly_once_when_repeated(
    store: Store, beside: Store, proxy: Proxy
) -> None:
    """On MySQL the first answer lost is that of a statement before COMMIT: nothing stays of that sending."""
    anchor = await apply(store, await adopt(store), WRITE)
    commit = after(anchor, PutRow(LIVE, Row("tasks/t", b"01new")))
    proxy.cut = Cut.ANSWERS
    with pytest.raises(StoreUnavailable):
        await store.commit(commit)
    proxy.cut = Cut.NOTHING
    assert await _repeated(store, commit) == Applied()
    assert await _repeated(store, commit) == Applied()
    assert await anchor_of(beside) == commit.anchor
    assert await stored(beside) == [Row("tasks/t", b"01new")]


@pytest.mark.parametrize("answers", range(8))
async def test_a_commit_cut_after_any_of_its_answers_is_applied_exactly_once_when_repeated(
    store: Store, beside: Store, proxy: Proxy, answers: int
) -> None:
    """The last of them is that of COMMIT itself."""
    anchor = await apply(store, await adopt(store), WRITE)
    commit = after(anchor, PutRow(LIVE, Row("tasks/t", b"01new")), PutRow(LIVE, Row("tasks/u", b"01")), touched=b"[]")
    proxy.cut_after(answers)
    outcome = await _repeated(store, commit)
    assert outcome == Applied()
    assert await anchor_of(beside) == commit.anchor
    assert await stored(beside) == [Row("tasks/t", b"01new"), Row("tasks/u", b"01")]


@pytest.mark.parametrize("sent", [1, 60, 200, 500, 900, 1400, 2000, 2800])
async def test_a_commit_cut_within_any_of_its_bytes_is_applied_exactly_once_when_repeated(
    store: Store, beside: Store, proxy: Proxy, sent: int
) -> None:
    anchor = await apply(store, await adopt(store), WRITE)
    commit = after(anchor, PutRow(LIVE, Row("tasks/t", b"01new")), PutRow(LIVE, Row("tasks/u", b"01")), touched=b"[]")
    proxy.cut_within(sent)
    assert await _repeated(store, commit) == Applied()
    assert await anchor_of(beside) == commit.anchor
    assert await stored(beside) == [Row("tasks/t", b"01new"), Row("tasks/u", b"01")]


async def test_a_commit_that_meets_another_session_in_a_deadlock_is_applied_exactly_once_when_repeated(
    store: Store, server: RelationalServer
) -> None:
    """The other one holds what the commit writes last, and then wants the anchor, which the commit wrote first."""
    anchor = await apply(store, await adopt(store), WRITE, touched=b"[]")
    commit = after(anchor, PutRow(LIVE, Row("tasks/t", b"01new")), touched=b"[1]")
    async with _other_session(server) as other:
        await other.execute(Statement("BEGIN"))
        for number in range(20):  # so much that the server rather gives up the commit than this
            await other.execute(
                Statement("INSERT INTO diego_intent (name, n, chunk) VALUES (?, ?, ?)", (b"x", number, b""))
            )
        await other.fetch(Statement("SELECT value FROM diego_touched WHERE id = 1 FOR UPDATE"))
        sending = asyncio.create_task(_failures(store, commit))
        await _until_one_waits(server)
        with suppress(StoreError):  # one of the two is the victim; the server chooses
            await other.fetch(Statement("SELECT epoch FROM diego_anchor WHERE id = 1 FOR UPDATE"))
        other.abort()
        codes = ("(1213)",) if server.engine == "mysql" else ("(40P01)", "(55P03)")
        said = await sending
        assert any(code in each for each in said for code in codes), said
    assert await stored(store) == [Row("tasks/t", b"01new")]
    assert await anchor_of(store) == commit.anchor


async def test_a_serialization_failure_is_repeated_and_the_commit_applied_once(
    postgresql_server: PostgreSQLServer,
) -> None:
    """Where the server's default isolation is a stricter one than the store asks for."""
    postgresql_server.empty()
    postgresql_server.sql(f"ALTER ROLE {USER} SET default_transaction_isolation = 'serializable'")
    store = _opened(postgresql_server)
    try:
        anchor = await apply(store, await adopt(store), WRITE, touched=b"[]")
        commit = after(anchor, PutRow(LIVE, Row("tasks/t", b"01new")), touched=b"[1]")
        async with _other_session(postgresql_server) as other:
            await other.execute(Statement("BEGIN"))
            await other.execute(Statement("UPDATE diego_touched SET value = value WHERE id = 1"))
            sending = asyncio.create_task(_failures(store, commit))
            await _until_one_waits(postgresql_server)
            await other.execute(Statement("COMMIT"))
            assert any("(40001)" in said for said in await sending)
        assert await stored(store) == [Row("tasks/t", b"01new")]
    finally:
        postgresql_server.sql(f"ALTER ROLE {USER} RESET default_transaction_isolation")
        await store.close()


@asynccontextmanager
async def _other_session(server: RelationalServer) -> AsyncIterator[Session]:
    dialect = MySQL(TIMEOUT) if server.engine == "mysql" else PostgreSQL(TIMEOUT)
    session = await Hosts(server.engine, server.place(), dialect.port, 10.0).connect(dialect.reader)
    try:
        yield session
    finally:
        session.abort()


async def _until_one_waits(server: RelationalServer) -> None:
    waiting = {
        "mysql": "SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
        "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    }

    async def look() -> bool:
        return await asyncio.to_thread(server.sql, waiting[server.engine]) != ["0"]

    await until("a session waits for a lock", look)


async def _failures(store: Store, commit: Commit) -> list[str]:
    """What was said until the commit was applied."""
    said: list[str] = []
    async with asyncio.timeout(30):
        while True:
            try:
                assert await store.commit(commit) == Applied()
            except StoreUnavailable as error:
                said.append(str(error))
            else:
                return said


async def test_a_renewal_whose_answer_was_lost_is_found_repeated(store: Store, proxy: Proxy) -> None:
    await adopt(store)
    assert await store.renew(1, liveness().holder, 0) == Renewed()
    proxy.cut_after(1)  # the value is read, then written
    with pytest.raises(StoreUnavailable):
        await store.renew(1, liveness().holder, 1)
    assert await store.renew(1, liveness().holder, 1) == Renewed(repeated=True)


async def test_a_silent_cut_ends_at_the_time_limit_and_the_next_call_dials_anew(store: Store, proxy: Proxy) -> None:
    commit = after(await adopt(store), WRITE)
    proxy.silent = True
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await store.commit(commit)
    assert time.monotonic() - started < 3 * TIMEOUT
    proxy.silent = False
    assert await _repeated(store, commit) == Applied()


async def test_a_cancelled_caller_is_cancelled_and_the_store_goes_on(store: Store, proxy: Proxy) -> None:
    anchor = await adopt(store)
    proxy.silent = True
    task = asyncio.create_task(store.commit(after(anchor)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    proxy.silent = False
    await until_answered(store, 30)


async def test_a_snapshot_that_was_cut_does_not_go_on_at_another_moment(store: Store, proxy: Proxy) -> None:
    await apply(store, await adopt(store), WRITE)
    async with store.snapshot() as snapshot:
        proxy.cut = Cut.ANSWERS
        with pytest.raises(StoreUnavailable):
            await snapshot.rows(LIVE, ["tasks/t"])
        proxy.cut = Cut.NOTHING
        with pytest.raises(StoreUnavailable, match="take a new one"):
            await snapshot.rows(LIVE, ["tasks/t"])


@pytest.fixture(params=sorted(SERVERS))
def own_server(request: pytest.FixtureRequest) -> Iterator[RelationalServer]:
    """A server that a test may kill or pause."""
    server = SERVERS[request.param]()
    try:
        server.start()
        yield server
    finally:
        server.remove()


async def test_a_server_killed_among_commits_comes_back_with_each_of_them_exactly_once(
    own_server: RelationalServer,
) -> None:
    """Killed while commits follow one another as fast as they can, so that it dies inside of one."""
    store = _opened(own_server)
    anchor = await adopt(store)
    for _ in range(2):
        killing = asyncio.create_task(asyncio.to_thread(own_server.kill))
        while not killing.done():
            commit = after(anchor, PutRow(LIVE, Row(f"tasks/{anchor.seq + 1:08}", bytes(2000))))
            try:
                assert await store.commit(commit) == Applied()
            except StoreUnavailable:
                break
            anchor = commit.anchor
        await killing
        await asyncio.to_thread(own_server.start)
        assert await _repeated(store, commit) == Applied()
        anchor = commit.anchor
    assert await anchor_of(store) == anchor
    assert [row.key for row in await stored(store)] == [f"tasks/{seq:08}" for seq in range(1, anchor.seq + 1)]
    await store.close()


async def test_a_paused_server_makes_the_outcome_unknown_and_the_repetition_finds_the_truth(
    own_server: RelationalServer,
) -> None:
    store = _opened(own_server)
    commit = after(await apply(store, await adopt(store)), WRITE)
    own_server.signal(signal.SIGSTOP)
    if own_server.engine == "mysql":  # PostgreSQL's first process is paused, and its sessions work on
        with pytest.raises(StoreUnavailable):
            await store.commit(commit)
    own_server.signal(signal.SIGCONT)
    assert await _repeated(store, commit) == Applied()
    assert await stored(store) == [WRITE.row]
    await store.close()
