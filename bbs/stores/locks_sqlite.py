"""Locket's locks in a SQLite file of their own: the table `locks`, with upstream's columns."""

from __future__ import annotations

import builtins
import sqlite3
from pathlib import Path

from bbs.stores.locks import LockRecord, Modification
from bbs.stores.sqlite_thread import SQLiteThread

_CREATE = (
    "CREATE TABLE IF NOT EXISTS locks (path TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, value TEXT NOT NULL,"
    " type INTEGER NOT NULL, ttl INTEGER NOT NULL, modified_id TEXT NOT NULL, modified_index INTEGER NOT NULL)"
)
_SELECT = "SELECT path, owner, value, type, ttl, modified_id, modified_index FROM locks"
_INSERT = "INSERT INTO locks VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO NOTHING"
_UPDATE = (
    "UPDATE locks SET owner = ?, value = ?, type = ?, ttl = ?, modified_id = ?, modified_index = ?"
    " WHERE path = ? AND modified_id = ? AND modified_index = ?"
)
_DELETE = "DELETE FROM locks WHERE path = ? AND modified_id = ? AND modified_index = ?"


class SQLiteLocks:
    """See locks.LockTable. `timeout` in seconds bounds each call."""

    def __init__(self, path: Path, timeout: float = 5.0) -> None:
        self._thread = SQLiteThread(path, timeout, role="locks")

    async def get(self, key: str) -> LockRecord | None:
        """See locks.LockTable."""
        found = await self._thread.run(lambda connection: _select(connection, f"{_SELECT} WHERE path = ?", key))
        return found[0] if found else None

    async def list(self) -> list[LockRecord]:
        """See locks.LockTable."""
        return await self._thread.run(lambda connection: _select(connection, f"{_SELECT} ORDER BY path"))

    async def put_if(self, record: LockRecord, expected: Modification | None) -> bool:
        """See locks.LockTable."""
        content = (record.owner, record.value, record.type, record.ttl, *record.modification)
        if expected is None:
            return await self._thread.run(lambda connection: _change(connection, _INSERT, record.key, *content))
        return await self._thread.run(lambda connection: _change(connection, _UPDATE, *content, record.key, *expected))

    async def delete_if(self, key: str, expected: Modification) -> bool:
        """See locks.LockTable."""
        return await self._thread.run(lambda connection: _change(connection, _DELETE, key, *expected))

    async def close(self) -> None:
        """See locks.LockTable."""
        await self._thread.close()


def _select(connection: sqlite3.Connection, statement: str, *values: str) -> builtins.list[LockRecord]:
    connection.execute(_CREATE)
    return [LockRecord(*row) for row in connection.execute(statement, values).fetchall()]


def _change(connection: sqlite3.Connection, statement: str, *values: str | int) -> bool:
    connection.execute(_CREATE)
    return connection.execute(statement, values).rowcount == 1
