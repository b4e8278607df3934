"""The simulated store: the contract of every store, over tables that all nodes share, through a faulty line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from bbs.layouts.contract import Row
from bbs.stores.admission import admit_chunk
from bbs.stores.anchor import Anchor
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
    StoreUnavailable,
    Survey,
)
from tests.simulation.tables import Tables

_T = TypeVar("_T")
PAGE = 7


class Line(Protocol):
    """How a call travels to the store and its answer back."""

    async def call(self, name: str, operation: Callable[[], _T]) -> _T:
        """Run `operation` at the store, once, twice, late or never; raises StoreUnavailable when no answer comes."""


class DirectLine:
    """No delay and no fault."""

    async def call(self, name: str, operation: Callable[[], _T]) -> _T:
        return operation()


class ClosedLine:
    """Whoever closed a store gets no answer from it."""

    async def call(self, name: str, operation: Callable[[], _T]) -> _T:
        msg = f"the store is closed; {name} was not sent"
        raise StoreUnavailable(msg)


class SimulatedSnapshot:
    """A copy of the tables, read page by page."""

    revision: int | None = None

    def __init__(self, line: Line, tables: Tables) -> None:
        self._line = line
        self._tables = tables

    async def anchor(self) -> Anchor | None:
        return self._tables.anchor

    async def liveness(self) -> Liveness | None:
        return self._tables.liveness

    async def survey(self) -> Survey:
        return self._tables.survey()

    async def scan(self, root: str) -> AsyncIterator[list[Row]]:
        rows = self._tables.rows.get(root, {})
        keys = sorted(rows)
        for start in range(0, len(keys), PAGE):
            page = [rows[key] for key in keys[start : start + PAGE]]
            yield await self._line.call("scan", lambda page=page: page)  # type: ignore[misc]

    async def rows(self, root: str, keys: Sequence[str]) -> list[Row]:
        rows = self._tables.rows.get(root, {})
        return [rows[key] for key in keys if key in rows]

    async def chunks(self, intent: str) -> list[bytes]:
        chunks = self._tables.chunks.get(intent, {})
        return [chunks[number] for number in sorted(chunks)]

    async def intents(self) -> frozenset[str]:
        return frozenset(self._tables.chunks)

    async def touched(self) -> bytes | None:
        return self._tables.touched


class SimulatedStore:
    """One client of the shared tables."""

    engine = "simulated"
    holds_by_lock = False

    def __init__(self, tables: Tables, line: Line | None = None) -> None:
        self.limits: Limits = tables.limits
        self.tables = tables
        self._line: Line = line or DirectLine()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[SimulatedSnapshot]:
        yield SimulatedSnapshot(self._line, await self._line.call("snapshot", self.tables.copy))

    async def read_liveness(self) -> Liveness | None:
        return await self._line.call("read-liveness", lambda: self.tables.liveness)

    async def claim(self, claim: Claim) -> Claimed | NotClaimed:
        return await self._line.call("claim", lambda: self.tables.claim(claim))

    async def renew(self, epoch: int, holder: str, counter: int) -> Renewed | Deposed:
        return await self._line.call("renew", lambda: self.tables.renew(epoch, holder, counter))

    async def release(self, epoch: int, holder: str) -> Renewed | Deposed:
        return await self._line.call("release", lambda: self.tables.release(epoch, holder))

    async def commit(self, commit: Commit) -> CommitOutcome:
        return await self._line.call("commit", lambda: self.tables.commit(commit))

    async def put_chunk(self, intent: str, index: int, chunk: bytes) -> None:
        admit_chunk(intent, index, chunk, self.limits)

        def write() -> None:
            self.tables.chunks.setdefault(intent, {})[index] = chunk

        await self._line.call("put-chunk", write)

    async def give_upstream_names(self, root: str) -> None:
        await self._line.call("give-names", lambda: self.tables.give_upstream_names(root))

    async def forget(self) -> None:
        await self._line.call("forget", self.tables.forget)

    async def close(self) -> None:
        """Later calls find no store."""
        self._line = ClosedLine()
