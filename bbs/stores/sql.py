"""The relational store: what PostgreSQL and MySQL have in common, which is all but their dialects.

The fence is an UPDATE of the anchor's one row that names the expected (epoch, seq): the first thing that a commit does,
and everything else hangs on it. Tables are made and dropped outside of it, since MySQL can't take either back: a table
is made for a root whose name an attempt of this holder uses once, and dropped only after the anchor has announced it,
so that one that comes late finds nothing in use. Source: docs/reference/store-sql.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from bbs.stores import sql_upstream
from bbs.stores.admission import admit, admit_chunk, key_bytes
from bbs.stores.anchor import Anchor, Epoch, handed_back
from bbs.stores.contract import (
    Applied,
    Claim,
    Claimed,
    Commit,
    CommitOutcome,
    Conflict,
    Deposed,
    Limits,
    Liveness,
    NotClaimed,
    Renewed,
    StoreFull,
    StoreRefused,
    StoreUnavailable,
)
from bbs.stores.fence import decode_liveness, encode_liveness, judge_commit, readable, releasing, renewal
from bbs.stores.roots import TABLES
from bbs.stores.sql_dialect import Dialect
from bbs.stores.sql_hosts import Hosts, SQLPlace
from bbs.stores.sql_names import ANCHOR, INTENT, LIMITS, LIVENESS, TOUCHED, in_tables, table_of, tables_of
from bbs.stores.sql_session import Line, LockWaited, ReadOnly, Session, Statement, TableMissing
from bbs.stores.sql_snapshot import SQLSnapshot, read_single, tables
from bbs.stores.sql_writes import dependent, dropped_tables, insert_anchor, new_roots, replace_anchor, sides

STANDING = 4
"""Connections that one program keeps: a writer and a reader, and as many for renewals in a thread of their own."""

_TRIES = 4
"""How often a renewal is decided anew because the value moved between reading and writing it."""


class SQLStore:
    """See contract.Store. `timeout` in seconds bounds every call; one object per thread and event loop."""

    limits: Limits = LIMITS
    holds_by_lock: bool = False

    def __init__(self, dialect: Dialect, place: SQLPlace, timeout: float = 5.0) -> None:
        self.engine: str = dialect.engine
        self._dialect = dialect
        self._timeout = timeout
        self._hosts = Hosts(dialect.engine, place, dialect.port, timeout)
        self._writer = Line(lambda: self._hosts.connect(dialect.writer), timeout, dialect.rest)
        self._reader = Line(lambda: self._hosts.connect(dialect.reader), timeout, dialect.rest)
        self._snapshots = asyncio.Semaphore(max(1, place.pool_size - STANDING))
        self._present: frozenset[str] = frozenset()
        self._closed = False
        self._announced: tuple[Session, Epoch] | None = None

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[SQLSnapshot]:
        """See contract.Store."""
        if self._closed:
            message = "this store was closed"
            raise StoreUnavailable(message)
        async with self._turn():
            line = Line(lambda: self._hosts.connect(self._dialect.reader), self._timeout, reconnects=False)
            try:
                yield await SQLSnapshot.begin(self._dialect, line)
            finally:
                await line.close()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """A snapshot has a connection of its own; beyond the pool's size it waits for another to end."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._snapshots.acquire()
        except TimeoutError as late:
            message = f"all connections of pool_size are in use for {self._timeout:g} s; raise it, or wait"
            raise StoreUnavailable(message) from late
        try:
            yield
        finally:
            self._snapshots.release()

    async def read_liveness(self) -> Liveness | None:
        """See contract.Store."""
        return await self._reader.run(_read_liveness)

    async def claim(self, claim: Claim) -> Claimed | NotClaimed:
        """See contract.Store. A predecessor that stands still inside a transaction is ended by its server."""
        try:
            return await self._writer.run(lambda session: self._claim(session, claim))
        except LockWaited:
            await self._writer.run(self._end_backend)
            return await self._writer.run(lambda session: self._claim(session, claim))

    async def renew(self, epoch: Epoch, holder: str, counter: int) -> Renewed | Deposed:
        """See contract.Store."""
        return await self._writer.run(
            lambda session: _replace_liveness(session, lambda seen: renewal(seen, epoch, holder, counter))
        )

    async def release(self, epoch: Epoch, holder: str) -> Renewed | Deposed:
        """See contract.Store."""
        return await self._writer.run(
            lambda session: _replace_liveness(session, lambda seen: releasing(seen, epoch, holder))
        )

    async def commit(self, commit: Commit) -> CommitOutcome:
        """See contract.Store."""
        admit(commit, self.limits)
        try:
            return await self._writer.run(lambda session: self._commit(session, commit))
        except TableMissing:
            self._present = frozenset()
            return await self._writer.run(lambda session: self._commit(session, commit))
        except ReadOnly:
            raise
        except StoreFull as full:
            return await self._after_full(commit, full)

    async def put_chunk(self, intent: str, index: int, chunk: bytes) -> None:
        """See contract.Store."""
        admit_chunk(intent, index, chunk, self.limits)
        await self._writer.run(lambda session: self._put_chunk(session, key_bytes(intent), index, chunk))

    # --- back to upstream ---------------------------------------------------------------------------------------------

    async def give_upstream_names(self, root: str) -> None:
        """The tables of a copy get upstream's own names, which are free. The caller holds the store and has forbidden
        any other holder to serve it; sessions of earlier ones are ended first, so that no late DROP meets the names.

        Safe to repeat: the names of the copy are used once, so what isn't there any more was renamed.
        """
        await self._writer.run(self._dialect.end_others)
        await self._writer.run(lambda session: self._rename(session, root))

    async def _rename(self, session: Session, root: str) -> None:
        present = frozenset(await tables(session, self._dialect))
        for statement in self._dialect.rename_upstream(root, present & {*tables_of(root)}):
            await session.execute(statement)
        for statement in (*sql_upstream.create(self._dialect, TABLES), self._dialect.health_check):
            await session.execute(statement)
        self._present = frozenset()

    async def forget(self) -> None:
        """Takes away every table of ours. Raises StoreRefused unless the store was handed back."""
        await self._writer.run(self._forget)

    async def _forget(self, session: Session) -> None:
        present = frozenset(await tables(session, self._dialect))
        anchor = readable(await read_single(session, ANCHOR)) if ANCHOR in present else None
        if ANCHOR in present and (anchor is None or not handed_back(anchor)):
            message = "the store was not handed back: its tables stay"
            raise StoreRefused(message)
        # The anchor goes last: as long as it is there, this is known to be unfinished.
        for name in (LIVENESS, TOUCHED, INTENT, ANCHOR):
            await session.execute(Statement(f"DROP TABLE IF EXISTS {name}"))
        self._present = frozenset()

    async def close(self) -> None:
        """See contract.Store."""
        self._closed = True
        await self._reader.close()
        await self._writer.close()

    # --- one commit ---------------------------------------------------------------------------------------------------

    async def _commit(self, session: Session, commit: Commit) -> CommitOutcome:
        if ANCHOR not in await self._tables(session):
            return judge_commit(None, commit)
        made, gone = new_roots(commit.writes, self._present), dropped_tables(commit.writes, self._present)
        if made or gone:
            seen = readable(await read_single(session, ANCHOR))
            if seen is None or seen.fence != commit.expected.fence:
                return judge_commit(seen, commit)
            await self._make(session, made)
            await self._drop(session, gone)
        writes = dependent(self._dialect, commit, self._present)
        if await self._fenced(session, replace_anchor(commit.expected, commit.anchor), writes, commit.expected.epoch):
            return Applied()
        return judge_commit(readable(await read_single(session, ANCHOR)), commit)

    async def _fenced(self, session: Session, fence: Statement, writes: list[Statement], epoch: Epoch) -> bool:
        if self._dialect.whole:
            return await self._dialect.fenced(session, fence, writes)
        await self._announce(session, epoch)
        await session.execute(Statement(self._dialect.begin))
        matched = await self._dialect.fenced(session, fence, writes)
        await session.execute(Statement("COMMIT" if matched else "ROLLBACK"))
        return matched

    async def _announce(self, session: Session, epoch: Epoch) -> None:
        """Says which session will write in this epoch, so that a successor can end it if it is paused half way."""
        if self._announced != (session, epoch):
            update = f"UPDATE {ANCHOR} SET backend = ? WHERE id = 1 AND epoch = ?"
            await session.execute(Statement(update, (session.backend, epoch)))
            self._announced = (session, epoch)

    async def _after_full(self, commit: Commit, full: StoreFull) -> CommitOutcome:
        """A server that runs out of space may say so of a write that it keeps: the anchor tells what became of it."""
        seen = readable(await self._writer.run(lambda session: read_single(session, ANCHOR)))
        verdict = judge_commit(seen, commit)
        if isinstance(verdict, Conflict) and seen is not None and seen.fence == commit.expected.fence:
            raise full
        return verdict

    # --- tables -------------------------------------------------------------------------------------------------------

    async def _tables(self, session: Session) -> frozenset[str]:
        """The tables that are there; kept while this holder alone makes and drops them."""
        if ANCHOR not in self._present:
            self._present = frozenset(await tables(session, self._dialect))
        return self._present

    async def _make(self, session: Session, roots: list[str]) -> None:
        for root in roots:
            if in_tables(root):
                await self._create(session, sql_upstream.create(self._dialect, root))
            else:
                await self._create(session, self._dialect.create_root(table_of(root), root))
            self._present |= {*tables_of(root)}

    async def _drop(self, session: Session, names: list[str]) -> None:
        """A table that somebody still reads is left for the next clean-up; its rows are deleted already."""
        if not names:
            return
        # One statement, so that the tables of one root are waited for once and not one after the other.
        with suppress(LockWaited):
            await session.execute(Statement(f"DROP TABLE IF EXISTS {', '.join(names)}"))
            self._present -= {*names}

    async def _create(self, session: Session, statements: list[Statement]) -> None:
        try:
            for statement in statements:
                await session.execute(statement)
        except StoreRefused as error:
            # Two sessions that make one table at once: PostgreSQL refuses one of them by a unique index of its catalog.
            message = f"{error}; another session made the same table: repeat the call"
            raise StoreUnavailable(message) from error

    async def _ensure_own(self, session: Session) -> None:
        wanted = self._dialect.types.own_tables()
        if not wanted.keys() <= await self._tables(session):
            await self._create(session, [Statement(text) for text in wanted.values()])
            self._present |= wanted.keys()

    async def _put_chunk(self, session: Session, intent: bytes, index: int, chunk: bytes) -> None:
        await self._ensure_own(session)
        identity: dict[str, bytes | int | str] = {"name": intent, "n": index}
        await session.execute(self._dialect.upsert(INTENT, identity, {"chunk": chunk}, free=True))

    # --- the claim ----------------------------------------------------------------------------------------------------

    async def _claim(self, session: Session, claim: Claim) -> Claimed | NotClaimed:
        await self._ensure_own(session)
        await session.execute(Statement(self._dialect.begin))
        # The anchor's row is locked first, as by every commit: claims and commits never wait for one another in a ring.
        await session.fetch(Statement(f"SELECT epoch FROM {ANCHOR} WHERE id = 1 FOR UPDATE"))
        found = await session.fetch(Statement(f"SELECT value FROM {LIVENESS} WHERE id = 1 FOR UPDATE"))
        seen = decode_liveness(bytes(found[0][0])) if found else None
        matched = seen == claim.expected_liveness and await self._dialect.fenced(
            session, self._claiming(claim.expected_anchor, claim.anchor), self._claimed(claim)
        )
        await session.execute(Statement("COMMIT" if matched else "ROLLBACK"))
        return Claimed() if matched else NotClaimed()

    def _claiming(self, expected: Anchor | None, anchor: Anchor) -> Statement:
        return insert_anchor(self._dialect, anchor) if expected is None else replace_anchor(expected, anchor)

    def _claimed(self, claim: Claim) -> list[Statement]:
        liveness = self._dialect.upsert(LIVENESS, {"id": 1}, {"value": encode_liveness(claim.liveness)})
        return [liveness, *sides(self._dialect, claim.expected_anchor, claim.anchor)]

    async def _end_backend(self, session: Session) -> None:
        found = await session.fetch(Statement(f"SELECT backend FROM {ANCHOR} WHERE id = 1"))
        if found and found[0][0]:
            await self._dialect.end_backend(session, str(found[0][0]))


async def _read_liveness(session: Session) -> Liveness | None:
    try:
        raw = await read_single(session, LIVENESS)
    except TableMissing:
        return None
    return decode_liveness(raw) if raw is not None else None


async def _replace_liveness(
    session: Session, decide: Callable[[Liveness | None], Liveness | Renewed | Deposed]
) -> Renewed | Deposed:
    """Decides on the value read and lets the comparison confirm it: one statement, on no other value."""
    for _ in range(_TRIES):
        try:
            raw = await read_single(session, LIVENESS)
        except TableMissing:
            raw = None
        verdict = decide(decode_liveness(raw) if raw is not None else None)
        if not isinstance(verdict, Liveness):
            return verdict
        update = f"UPDATE {LIVENESS} SET value = ? WHERE id = 1 AND value = ?"
        if await session.execute(Statement(update, (encode_liveness(verdict), raw))):
            return Renewed()
    message = "the liveness record changed at each attempt to renew it; is another program writing it?"
    raise StoreUnavailable(message)
