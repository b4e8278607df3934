"""A holder that is stopped inside a transaction (SIGSTOP): a successor takes over within its time, on every server.

A real process, stopped by itself right after a statement of its own: the row of the anchor stays locked behind it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.synchronize
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bbs.layouts.contract import Row
from bbs.stores.contract import Claimed, PutRow, Store, StoreError
from bbs.stores.mysql_session import MySQLSession
from bbs.stores.opening import StoreConfig, open_store
from bbs.stores.postgresql_session import PostgreSQLSession
from bbs.stores.sql_session import Statement
from tests.engines.relational import RelationalServer
from tests.stores.conformance import LIVE, adopt, after, anchor_of, apply, liveness, next_claim, stored

TTL = 5.0
CONFIG_TIMEOUT = TTL / 2
"""As bbs.master.wiring gives it."""

_CONTEXT = multiprocessing.get_context("spawn")


def _stop_after(fragment: str) -> None:
    """From now on this process stops itself right after the server has carried out such a statement."""
    for kind in (MySQLSession, PostgreSQLSession):
        for name in ("execute", "fetch"):
            _wrap(kind, name, fragment)


def _wrap(kind: type, name: str, fragment: str) -> None:
    whole = getattr(kind, name)

    async def stopping(self: object, statement: Statement) -> object:
        answer = await whole(self, statement)
        if fragment in statement.text:
            os.kill(os.getpid(), signal.SIGSTOP)
        return answer

    setattr(kind, name, stopping)


def _hold(config: StoreConfig, ready: multiprocessing.synchronize.Event, fragment: str) -> None:
    async def main() -> None:
        store = open_store(config)
        anchor = await apply(store, await adopt(store), PutRow(LIVE, Row("tasks/a", b"01")))
        ready.set()
        _stop_after(fragment)
        await store.commit(after(anchor, PutRow(LIVE, Row("tasks/lost", b"01"))))

    asyncio.run(main())


def _claim_half(config: StoreConfig, ready: multiprocessing.synchronize.Event, fragment: str) -> None:
    async def main() -> None:
        store = open_store(config)
        anchor = await anchor_of(store)
        assert anchor is not None
        ready.set()
        _stop_after(fragment)
        await store.claim(next_claim(anchor, liveness(), holder="half/1/1"))

    asyncio.run(main())


@contextmanager
def _stopped(target: object, config: StoreConfig, fragment: str) -> Iterator[None]:
    ready = _CONTEXT.Event()
    process = _CONTEXT.Process(target=target, args=(config, ready, fragment))  # type: ignore[arg-type]
    process.start()
    try:
        assert ready.wait(60)
        assert process.pid is not None
        _await_stop(process.pid)
        yield
    finally:
        process.kill()
        process.join(10)


def _await_stop(pid: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - no file of ours
            if file.read().rpartition(")")[2].split()[0] == "T":
                return
        time.sleep(0.01)
    message = "the process did not stop itself"
    raise AssertionError(message)


async def _take_over(store: Store) -> float:
    """Claims as a standby does, again and again; how many seconds it took."""
    started = time.monotonic()
    anchor = await anchor_of(store)
    assert anchor is not None
    async with asyncio.timeout(60):
        while True:
            try:
                if await store.claim(next_claim(anchor, await store.read_liveness())) == Claimed():
                    return time.monotonic() - started
            except StoreError:
                continue


def _config(server: RelationalServer) -> StoreConfig:
    return StoreConfig(server.engine, timeout=CONFIG_TIMEOUT, place=server.place())


async def test_a_holder_stopped_between_a_statement_and_its_commit_is_succeeded_in_time(
    server: RelationalServer,
) -> None:
    """PostgreSQL: the one statement of a commit was carried out, so it stands. MySQL: the server would end the holder's
    session far too late, so it is the successor who has it ended, by the name in `backend`."""
    patient = replace(_config(server), timeout=40 * TTL)
    statement = "UPDATE diego_anchor SET epoch" if server.engine == "mysql" else "WITH fence"
    with _stopped(_hold, patient, statement):
        store = open_store(_config(server))
        seconds = await _take_over(store)
        keys = {row.key for row in await stored(store)}
        assert keys == ({"tasks/a"} if server.engine == "mysql" else {"tasks/a", "tasks/lost"})
        anchor = await anchor_of(store)
        assert anchor is not None
        await apply(store, anchor, PutRow(LIVE, Row("tasks/b", b"01")))
        await store.close()
    print(f"{server.engine}: taken over after {seconds:.2f} s")


async def test_a_claimer_stopped_in_the_middle_of_its_claim_is_succeeded_in_time(server: RelationalServer) -> None:
    """Nothing says which session it is: the server's own limit ends it."""
    store = open_store(_config(server))
    await adopt(store)
    with _stopped(_claim_half, _config(server), "FOR UPDATE"):
        seconds = await _take_over(store)
    print(f"{server.engine}: taken over after {seconds:.2f} s")
    await store.close()


@pytest.mark.parametrize("backend", ["", "elsewhere:3306#1", "nonsense"])
async def test_a_backend_that_is_not_to_be_found_is_left_alone(server: RelationalServer, backend: str) -> None:
    store = open_store(_config(server))
    anchor = await adopt(store)
    server.own_sql(f"UPDATE diego_anchor SET backend = '{backend}'")
    assert await store.claim(next_claim(anchor, liveness())) == Claimed()
    await store.close()
