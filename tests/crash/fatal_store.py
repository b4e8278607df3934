"""A store that kills its own process at one chosen operation: the injector of the crash run.

An operation is what the BBS asks of a store: a look, a snapshot, a page, a claim, a commit, a release. It is counted
whether it reads or writes, so that no order between them is left out; where a relational store gives its tables away,
each statement is one, since no commit holds those together. Renewals run beside them in a thread of their own
at times of their own; they go to the store itself, uncounted, and so a point is the same operation in each run.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any, Literal, NamedTuple, Self, TypeVar, cast, get_args

from bbs.layouts.contract import Row
from bbs.stores.anchor import Anchor, Epoch
from bbs.stores.contract import (
    Claim,
    Claimed,
    Commit,
    CommitOutcome,
    Deposed,
    Limits,
    Liveness,
    NotClaimed,
    Renewed,
    Snapshot,
    Store,
    StoreError,
    Survey,
)
from bbs.stores.sql import SQLStore
from bbs.stores.sql_session import Line, Session, Statement

T = TypeVar("T")
Moment = Literal["before", "applied", "after"]
MOMENTS: tuple[Moment, ...] = get_args(Moment)
"""Nothing was sent; the store has done it but nobody was told; the caller has its answer and does nothing more."""
_READS = {"look", "snapshot", "anchor", "liveness", "survey", "page", "rows", "chunks", "intents", "touched"}
_STATEMENT = "sql: "


def moments_of(name: str) -> tuple[Moment, ...]:
    """The moments at which a death differs: a read leaves the store as it was, so only what its caller still does with
    the answer counts; a statement has no answer that anything hangs on."""
    if name in _READS:
        return ("after",)
    return ("applied",) if name.startswith(_STATEMENT) else MOMENTS


class Point(NamedTuple):
    """Where a process dies: at which operation, counted from 1, and when."""

    operation: int
    moment: Moment

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of `17:applied`. Raises ValueError."""
        number, _, moment = text.partition(":")
        if not number.isdigit() or moment not in MOMENTS:
            message = f"{text!r} is no crash point; wanted <operation>:{'|'.join(MOMENTS)}"
            raise ValueError(message)
        return cls(int(number), moment)

    def __str__(self) -> str:
        return f"{self.operation}:{self.moment}"


class Fuse:
    """Counts operations and kills at the point. Without a point it only counts: the rehearsal."""

    def __init__(self, point: Point | None, last_words: Callable[[str], None]) -> None:
        """`last_words` is told `<operation>:<moment> <name>` right before the kill."""
        self.names: list[str] = []
        self.failed = 0
        self._point = point
        self._last_words = last_words
        self._answered = False

    async def passes(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do one operation, unless this process ends at it."""
        if self._answered:
            self._strike()
        self.names.append(name)
        self._at("before")
        try:
            result = await work()
        except StoreError:
            self.failed += 1
            raise
        self._at("applied")
        if self._point == (len(self.names), "after"):
            # The caller runs on with its answer up to its next wait or its next operation, whichever comes first.
            self._answered = True
            asyncio.get_running_loop().call_soon(self._strike)
        return result

    def _at(self, moment: Moment) -> None:
        if self._point == (len(self.names), moment):
            self._strike()

    def _strike(self) -> None:
        if not self.failed:
            self._last_words(f"{self._point} {self.names[-1]}")
        os.kill(os.getpid(), signal.SIGKILL)


class FatalStore:
    """See contract.Store: `store` behind a fuse. `limits` may be narrower than the engine's, for more commits."""

    def __init__(self, store: Store, fuse: Fuse, limits: Limits) -> None:
        self.engine: str = store.engine
        self.limits: Limits = limits
        self.holds_by_lock: bool = store.holds_by_lock
        self._store = store
        self._fuse = fuse

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """See contract.Store."""
        snapshot = self._store.snapshot()
        try:
            yield FatalSnapshot(await self._fuse.passes("snapshot", snapshot.__aenter__), self._fuse)
        finally:
            await snapshot.__aexit__(None, None, None)

    async def read_liveness(self) -> Liveness | None:
        """See contract.Store."""
        return await self._fuse.passes("look", self._store.read_liveness)

    async def claim(self, claim: Claim) -> Claimed | NotClaimed:
        """See contract.Store."""
        return await self._fuse.passes("claim", lambda: self._store.claim(claim))

    async def renew(self, epoch: Epoch, holder: str, counter: int) -> Renewed | Deposed:
        """See contract.Store; uncounted, see the module."""
        return await self._store.renew(epoch, holder, counter)

    async def release(self, epoch: Epoch, holder: str) -> Renewed | Deposed:
        """See contract.Store."""
        return await self._fuse.passes("release", lambda: self._store.release(epoch, holder))

    async def commit(self, commit: Commit) -> CommitOutcome:
        """See contract.Store."""
        return await self._fuse.passes(commit_name(commit), lambda: self._store.commit(commit))

    async def put_chunk(self, intent: str, index: int, chunk: bytes) -> None:
        """See contract.Store."""
        await self._fuse.passes("chunk", lambda: self._store.put_chunk(intent, index, chunk))

    async def close(self) -> None:
        """See contract.Store; uncounted: nothing is asked of the engine."""
        await self._store.close()


class FatalSnapshot:
    """See contract.Snapshot: reads behind the same fuse."""

    def __init__(self, snapshot: Snapshot, fuse: Fuse) -> None:
        self._snapshot = snapshot
        self._fuse = fuse
        self.revision: int | None = snapshot.revision

    async def anchor(self) -> Anchor | None:
        """See contract.Snapshot."""
        return await self._fuse.passes("anchor", self._snapshot.anchor)

    async def liveness(self) -> Liveness | None:
        """See contract.Snapshot."""
        return await self._fuse.passes("liveness", self._snapshot.liveness)

    async def survey(self) -> Survey:
        """See contract.Snapshot."""
        return await self._fuse.passes("survey", self._snapshot.survey)

    async def scan(self, root: str) -> AsyncIterator[list[Row]]:
        """See contract.Snapshot. The look behind the last page is an operation too."""
        async with aclosing(cast(Any, self._snapshot.scan(root))) as pages:
            while (page := await self._fuse.passes("page", _next(pages))) is not None:
                yield page

    async def rows(self, root: str, keys: Sequence[str]) -> list[Row]:
        """See contract.Snapshot."""
        return await self._fuse.passes("rows", lambda: self._snapshot.rows(root, keys))

    async def chunks(self, intent: str) -> list[bytes]:
        """See contract.Snapshot."""
        return await self._fuse.passes("chunks", lambda: self._snapshot.chunks(intent))

    async def intents(self) -> frozenset[str]:
        """See contract.Snapshot."""
        return await self._fuse.passes("intents", self._snapshot.intents)

    async def touched(self) -> bytes | None:
        """See contract.Snapshot."""
        return await self._fuse.passes("touched", self._snapshot.touched)


class FatalRelationalStore(FatalStore):
    """A store that can be given back too (contract.Returnable)."""

    def __init__(self, store: SQLStore, fuse: Fuse, limits: Limits) -> None:
        super().__init__(store, fuse, limits)
        self._sql = store

    async def give_upstream_names(self, root: str) -> None:
        """See contract.Returnable."""
        with self._each_statement():
            await self._sql.give_upstream_names(root)

    async def forget(self) -> None:
        """See contract.Returnable."""
        with self._each_statement():
            await self._sql.forget()

    @contextmanager
    def _each_statement(self) -> Iterator[None]:
        whole = self._sql._writer
        self._sql._writer = cast(Any, FatalLine(whole, self._fuse))
        try:
            yield
        finally:
            self._sql._writer = whole


class FatalLine:
    """A line whose sessions count what they execute."""

    def __init__(self, line: Line, fuse: Fuse) -> None:
        self._line = line
        self._fuse = fuse

    async def run(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """See sql_session.Line."""
        return await self._line.run(lambda session: work(FatalSession(session, self._fuse)))


class FatalSession:
    """What hand-back asks of a session. Reads are not counted."""

    def __init__(self, session: Session, fuse: Fuse) -> None:
        self._session = session
        self._fuse = fuse

    async def fetch(self, statement: Statement) -> list[tuple[Any, ...]]:
        """See sql_session.Session."""
        return await self._session.fetch(statement)

    async def execute(self, statement: Statement) -> int:
        """See sql_session.Session."""
        name = _STATEMENT + " ".join(statement.text.split()[:4])
        if statement.text.startswith("KILL"):
            return await self._session.execute(statement)  # how many sessions there are is not the same in each run
        return await self._fuse.passes(name, lambda: self._session.execute(statement))


def _next(pages: AsyncIterator[list[Row]]) -> Callable[[], Coroutine[Any, Any, list[Row] | None]]:
    async def page() -> list[Row] | None:
        return await anext(pages, None)

    return page


FLIP = "flip"


def commit_name(commit: Commit) -> str:
    """What a commit does: `flip`, `60 PutRow`, or the anchor members that it changes."""
    before, after = commit.expected, commit.anchor
    if before.live.layout != after.live.layout:
        return FLIP
    if commit.writes:
        return f"{len(commit.writes)} {type(commit.writes[0]).__name__}"
    names = ("wanted", "version", "migration", "intent", "dropping", "active_key", "key_label", "moved_to")
    return "anchor: " + (", ".join(name for name in names if getattr(before, name) != getattr(after, name)) or "seq")
