"""The SQLite store: one file, one holder, no server. What `bbs serve` uses on a machine without etcd.

One writer thread (`BEGIN IMMEDIATE`, synchronous FULL, WAL), each snapshot with a read connection of its own, and the
holder's flock beside the file. Source: docs/reference/store-sqlite.md.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bbs.stores.admission import admit, admit_chunk
from bbs.stores.anchor import Epoch
from bbs.stores.contract import (
    Applied,
    Claim,
    Claimed,
    Commit,
    CommitOutcome,
    Deposed,
    Limits,
    Liveness,
    NotClaimed,
    Renewed,
)
from bbs.stores.fence import decode_liveness, encode_liveness, judge_commit, readable, releasing, renewal
from bbs.stores.sql_names import LIMITS
from bbs.stores.sqlite_lock import HolderLock
from bbs.stores.sqlite_snapshot import SQLiteSnapshot
from bbs.stores.sqlite_tables import (
    create_own,
    insert_anchor,
    read_single,
    replace_anchor,
    tables,
    write_all,
    write_single,
)
from bbs.stores.sqlite_thread import SQLiteThread


class SQLiteStore:
    """See contract.Store. `timeout` in seconds bounds every call; usable from any event loop, one object per thread."""

    engine: str = "sqlite"
    limits: Limits = LIMITS
    holds_by_lock: bool = True

    def __init__(self, path: Path, timeout: float = 5.0) -> None:
        self._path = path
        self._timeout = timeout
        self._writer = SQLiteThread(path, timeout, role="writer")
        self._reader = SQLiteThread(path, timeout, role="reader")
        self._lock = HolderLock(path)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[SQLiteSnapshot]:
        """See contract.Store."""
        thread = SQLiteThread(self._path, self._timeout, role="snapshot")
        try:
            liveness = await self.read_liveness()
            yield await SQLiteSnapshot.begin(thread, liveness)
        finally:
            await thread.close()

    async def read_liveness(self) -> Liveness | None:
        """See contract.Store: a value whose holder no longer keeps the lock reads as released."""
        return await self._reader.run(self._read_liveness)

    async def claim(self, claim: Claim) -> Claimed | NotClaimed:
        """See contract.Store. NotClaimed too while another holder lives, paused or not."""
        return await self._writer.run(lambda connection: self._claim(connection, claim))

    async def renew(self, epoch: Epoch, holder: str, counter: int) -> Renewed | Deposed:
        """See contract.Store."""
        return await self._writer.run(
            lambda connection: _replace_liveness(connection, lambda seen: renewal(seen, epoch, holder, counter))
        )

    async def release(self, epoch: Epoch, holder: str) -> Renewed | Deposed:
        """See contract.Store. Gives the holder's lock back, so that a successor may claim at once."""
        return await self._writer.run(lambda connection: self._release(connection, epoch, holder))

    async def commit(self, commit: Commit) -> CommitOutcome:
        """See contract.Store."""
        admit(commit, self.limits)
        return await self._writer.run(lambda connection: _commit(connection, commit))

    async def put_chunk(self, intent: str, index: int, chunk: bytes) -> None:
        """See contract.Store."""
        admit_chunk(intent, index, chunk, self.limits)
        await self._writer.run(lambda connection: _put_chunk(connection, intent, index, chunk))

    async def close(self) -> None:
        """See contract.Store. The lock goes last: a write under way must not outlive it."""
        await self._reader.close()
        await self._writer.close()
        self._lock.give_back()

    def _read_liveness(self, connection: sqlite3.Connection) -> Liveness | None:
        # The lock is looked at first: a holder that claims between the two looks is then seen by its value, not as
        # released by a lock that was free before it came.
        free = self._lock.free()
        seen = _seen_liveness(connection)
        return replace(seen, released=True) if seen is not None and free else seen

    def _claim(self, connection: sqlite3.Connection, claim: Claim) -> Claimed | NotClaimed:
        held_before = self._lock.held
        if not self._lock.take():
            return NotClaimed()
        try:
            claimed = _claim(connection, claim)
        except BaseException:
            if not held_before:
                self._lock.give_back()
            raise
        if not claimed and not held_before:
            self._lock.give_back()
        return Claimed() if claimed else NotClaimed()

    def _release(self, connection: sqlite3.Connection, epoch: Epoch, holder: str) -> Renewed | Deposed:
        answer = _replace_liveness(connection, lambda seen: releasing(seen, epoch, holder))
        if isinstance(answer, Renewed):
            self._lock.give_back()
        return answer


def _seen_liveness(connection: sqlite3.Connection) -> Liveness | None:
    if "diego_liveness" not in tables(connection):
        return None
    data = read_single(connection, "diego_liveness")
    return decode_liveness(data) if data is not None else None


def _claim(connection: sqlite3.Connection, claim: Claim) -> bool:
    connection.execute("BEGIN IMMEDIATE")
    create_own(connection)
    if not _same_holder(_seen_liveness(connection), claim.expected_liveness):
        connection.execute("ROLLBACK")
        return False
    if claim.expected_anchor is None:
        matched = insert_anchor(connection, claim.anchor)
    else:
        matched = replace_anchor(connection, claim.expected_anchor, claim.anchor)
    if matched:
        write_single(connection, "diego_liveness", encode_liveness(claim.liveness))
    connection.execute("COMMIT" if matched else "ROLLBACK")
    return matched


def _same_holder(seen: Liveness | None, expected: Liveness | None) -> bool:
    """Equal but for `released`, which a watcher reads from the lock: whoever claims holds that lock now."""
    if seen is None or expected is None:
        return seen is expected
    return replace(seen, released=True) == replace(expected, released=True)


def _replace_liveness(
    connection: sqlite3.Connection, decide: Callable[[Liveness | None], Liveness | Renewed | Deposed]
) -> Renewed | Deposed:
    connection.execute("BEGIN IMMEDIATE")
    verdict = decide(_seen_liveness(connection))
    if not isinstance(verdict, Liveness):
        connection.execute("ROLLBACK")
        return verdict
    write_single(connection, "diego_liveness", encode_liveness(verdict))
    connection.execute("COMMIT")
    return Renewed()


def _commit(connection: sqlite3.Connection, commit: Commit) -> CommitOutcome:
    connection.execute("BEGIN IMMEDIATE")
    if "diego_anchor" not in tables(connection):
        connection.execute("ROLLBACK")
        return judge_commit(None, commit)
    if not replace_anchor(connection, commit.expected, commit.anchor):
        seen = readable(read_single(connection, "diego_anchor"))
        connection.execute("ROLLBACK")
        return judge_commit(seen, commit)
    write_all(connection, commit.writes)
    if commit.touched is not None:
        write_single(connection, "diego_touched", commit.touched)
    connection.execute("COMMIT")
    return Applied()


def _put_chunk(connection: sqlite3.Connection, intent: str, index: int, chunk: bytes) -> None:
    connection.execute("BEGIN IMMEDIATE")
    create_own(connection)
    connection.execute(
        "INSERT INTO diego_intent (name, n, chunk) VALUES (?, ?, ?)"
        " ON CONFLICT (name, n) DO UPDATE SET chunk = excluded.chunk",
        (intent, index, chunk),
    )
    connection.execute("COMMIT")
