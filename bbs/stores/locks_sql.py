"""Locket's locks in a relational database: the table `locks`, by upstream's column names."""

from __future__ import annotations

import builtins
from typing import Any

from bbs.stores.locks import LockRecord, Modification
from bbs.stores.sql_dialect import Columns, Dialect
from bbs.stores.sql_hosts import Hosts, SQLPlace
from bbs.stores.sql_names import LOCKS
from bbs.stores.sql_session import Line, Session, Statement, TableMissing

_SELECT = f"SELECT path, owner, value, type, ttl, modified_id, modified_index FROM {LOCKS}"
_UPDATE = (
    f"UPDATE {LOCKS} SET owner = ?, value = ?, type = ?, ttl = ?, modified_id = ?, modified_index = ?"
    " WHERE path = ? AND modified_id = ? AND modified_index = ?"
)
_DELETE = f"DELETE FROM {LOCKS} WHERE path = ? AND modified_id = ? AND modified_index = ?"


class SQLLocks:
    """See locks.LockTable. Each call is one statement. `timeout` in seconds bounds each call."""

    def __init__(self, dialect: Dialect, place: SQLPlace, timeout: float = 5.0) -> None:
        hosts = Hosts(dialect.engine, place, dialect.port, timeout)
        self._dialect = dialect
        self._line = Line(lambda: hosts.connect(dialect.writer), timeout, dialect.rest)

    async def get(self, key: str) -> LockRecord | None:
        """See locks.LockTable."""
        found = await self._select(Statement(f"{_SELECT} WHERE path = ?", (key.encode(),)))
        return found[0] if found else None

    async def list(self) -> builtins.list[LockRecord]:
        """See locks.LockTable."""
        return await self._select(Statement(f"{_SELECT} ORDER BY path"))

    async def put_if(self, record: LockRecord, expected: Modification | None) -> bool:
        """See locks.LockTable."""
        content: Columns = {
            "owner": record.owner.encode(),
            "value": record.value.encode(),
            "type": record.type,
            "ttl": record.ttl,
            "modified_id": record.modified_id.encode(),
            "modified_index": record.modified_index,
        }
        path = record.key.encode()
        if expected is None:
            return await self._change(self._dialect.insert_new(LOCKS, {"path": path}, content))
        return await self._change(Statement(_UPDATE, (*content.values(), path, *_encoded(expected))))

    async def delete_if(self, key: str, expected: Modification) -> bool:
        """See locks.LockTable."""
        return await self._change(Statement(_DELETE, (key.encode(), *_encoded(expected))))

    async def close(self) -> None:
        """See locks.LockTable."""
        await self._line.close()

    async def _select(self, statement: Statement) -> builtins.list[LockRecord]:
        try:
            return [_record(row) for row in await self._line.run(lambda session: session.fetch(statement))]
        except TableMissing:
            return []

    async def _change(self, statement: Statement) -> bool:
        try:
            return bool(await self._line.run(lambda session: session.execute(statement)))
        except TableMissing:
            await self._line.run(self._create)
            return bool(await self._line.run(lambda session: session.execute(statement)))

    async def _create(self, session: Session) -> int:
        return await session.execute(Statement(self._dialect.types.locks_table()))


def _encoded(expected: Modification) -> tuple[bytes, int]:
    return expected.modified_id.encode(), expected.modified_index


def _record(row: tuple[Any, ...]) -> LockRecord:
    path, owner, value, type_, ttl, modified_id, index = row
    texts = (bytes(path).decode(), bytes(owner).decode(), bytes(value).decode())
    return LockRecord(*texts, type_, ttl, bytes(modified_id).decode(), index)
