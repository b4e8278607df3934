"""One SQLite connection in one thread: the only way any SQLite call is made, so that the event loop never blocks.

Owns the connection's settings, the time limit of each call and the table of error codes. Knows no table of ours.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from bbs.stores.contract import StoreError, StoreFull, StoreMisconfigured, StoreRefused, StoreUnavailable

T = TypeVar("T")

_KINDS: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_FULL: (StoreFull, "free space on its volume"),
    sqlite3.SQLITE_READONLY: (StoreFull, "make the file and its directory writable for this user"),
    sqlite3.SQLITE_CANTOPEN: (StoreMisconfigured, "create its directory, or correct store.sqlite.path"),
    sqlite3.SQLITE_PERM: (StoreMisconfigured, "let this user read and write it"),
    sqlite3.SQLITE_AUTH: (StoreMisconfigured, "let this user read and write it"),
    sqlite3.SQLITE_NOTADB: (StoreMisconfigured, "correct store.sqlite.path: this file is no SQLite database"),
    sqlite3.SQLITE_CORRUPT: (StoreMisconfigured, "restore it from a backup"),
    sqlite3.SQLITE_TOOBIG: (StoreRefused, "store smaller records"),
    sqlite3.SQLITE_CONSTRAINT: (StoreRefused, "report this: the content breaks a constraint of the table"),
    sqlite3.SQLITE_MISMATCH: (StoreRefused, "report this: the content has the wrong type"),
}
"""What is definite, by primary result code. Every other code (busy, I/O error...) leaves the outcome unknown."""


def failure(error: sqlite3.Error, path: Path) -> StoreError:
    """The kind of failure that this error is, with the file's name and what to do."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    kind, remedy = _KINDS.get(code, (StoreUnavailable, "the outcome is unknown: repeat the call"))
    return kind(f"SQLite store {path}: {error}; {remedy}")


class SQLiteThread:
    """A connection in a thread of its own, opened by the first call. `timeout` in seconds bounds each call."""

    def __init__(self, path: Path, timeout: float, *, role: str) -> None:
        self._path = path
        self._timeout = timeout
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"sqlite-{role}")
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The result of `work` on the connection. A call that outlasts its limit goes on: its outcome is unknown."""
        if self._closed:
            message = f"SQLite store {self._path} was closed"
            raise StoreUnavailable(message)
        try:
            async with asyncio.timeout(self._timeout):
                return await asyncio.get_running_loop().run_in_executor(self._executor, self._call, work)
        except TimeoutError as error:
            message = f"SQLite store {self._path} did not answer within {self._timeout} s; the outcome is unknown"
            raise StoreUnavailable(message) from error

    async def close(self) -> None:
        """Ends what runs (bounded by the time limit), closes the connection, ends the thread."""
        if self._closed:
            return
        self._closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timeout):
                await asyncio.get_running_loop().run_in_executor(self._executor, self._disconnect)
        self._executor.shutdown(wait=False)

    def _call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = self._connect()
            return work(self._connection)
        except sqlite3.Error as error:
            self._roll_back()
            raise failure(error, self._path) from error
        except BaseException:
            self._roll_back()
            raise

    def _connect(self) -> sqlite3.Connection:
        busy = max(0.05, self._timeout / 2)
        connection = sqlite3.connect(self._path, timeout=busy, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _roll_back(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
