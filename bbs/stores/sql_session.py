"""A session with a relational server, and the line that keeps one open.

A session is never trusted after a failure: whatever was raised inside it, it is aborted, and the server rolls back what
it had begun. So no call ever meets a transaction that an earlier one left open. Source: docs/reference/store-sql.md.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple, Protocol, TypeVar

from bbs.stores.contract import StoreError, StoreFull, StoreUnavailable

T = TypeVar("T")


class TableMissing(StoreUnavailable):
    """A statement named a table that is not there (any more). Nothing was written."""


class LockWaited(StoreUnavailable):
    """Another session kept a row or a table locked for longer than the session's limit. Nothing was written."""


class ReadOnly(StoreFull):
    """The server takes no writes now: it refused this one before it did anything."""


class Statement(NamedTuple):
    """SQL with `?` for each value; a driver's own form of it is the session's matter."""

    text: str
    values: tuple[Any, ...] = ()


class Session(Protocol):
    """One connection. Every method raises StoreError kinds only; a failed session is aborted, never used again."""

    host: str
    backend: str

    async def fetch(self, statement: Statement) -> list[tuple[Any, ...]]:
        """All rows of a query."""

    async def execute(self, statement: Statement) -> int:
        """How many rows were changed."""

    def abort(self) -> None:
        """Closes the connection at once, whatever it does."""

    async def close(self) -> None:
        """Takes leave of the server in order."""


class Line:
    """One session, opened by the first call and again after a failure; calls queue. `timeout` in seconds bounds each.

    `rest`: a session that was idle for longer (seconds) is replaced before it is used, since the server may have ended
    it meanwhile, and a write on a dead connection would have an unknown outcome without need.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Session]],
        timeout: float,
        rest: float | None = None,
        *,
        reconnects: bool = True,
    ) -> None:
        self._connect = connect
        self._timeout = timeout
        self._rest = rest
        self._reconnects = reconnects
        self._session: Session | None = None
        self._used = 0.0
        self._turn = asyncio.Lock()
        self._closed = False

    async def run(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """The result of `work` on the session. Raises what the work raises, StoreUnavailable beyond the time limit."""
        try:
            async with asyncio.timeout(self._timeout), self._turn:
                return await self._call(work)
        except TimeoutError as error:
            message = f"the database did not answer within {self._timeout} s; the outcome is unknown: repeat the call"
            raise StoreUnavailable(message) from error

    async def close(self) -> None:
        """Ends the session; a call under way ends as unavailable."""
        self._closed = True
        session, self._session = self._session, None
        if session is None:
            return
        if self._turn.locked():
            session.abort()
            return
        try:
            with suppress(StoreError):
                async with asyncio.timeout(self._timeout):
                    await session.close()
        except TimeoutError:
            session.abort()

    async def _call(self, work: Callable[[Session], Awaitable[T]]) -> T:
        session = await self._ready()
        try:
            result = await work(session)
        except BaseException:
            self._session = None
            session.abort()
            raise
        self._used = time.monotonic()
        return result

    async def _ready(self) -> Session:
        if self._closed:
            message = "this store was closed"
            raise StoreUnavailable(message)
        session = self._session
        if session is not None and self._rest is not None and time.monotonic() - self._used > self._rest:
            self._session = None
            session.abort()
            session = None
        if session is None:
            session = await self._open()
            self._session = session
        return session

    async def _open(self) -> Session:
        if not self._reconnects and self._used:
            message = "the connection of this snapshot was lost: take a new one"
            raise StoreUnavailable(message)
        session = await self._connect()
        self._used = time.monotonic()
        if self._closed:
            session.abort()
            message = "this store was closed"
            raise StoreUnavailable(message)
        return session
