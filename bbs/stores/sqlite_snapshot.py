"""One moment of a SQLite store: a read transaction on a connection of its own, held open until the snapshot ends."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial

from bbs.layouts.contract import Row
from bbs.stores.admission import key_bytes, key_text
from bbs.stores.anchor import Anchor, decode_anchor
from bbs.stores.contract import Liveness, Survey
from bbs.stores.sql_names import PAGE_BYTES, PAGE_ROWS, roots_and_foreign, table_of
from bbs.stores.sqlite_tables import read_single, tables
from bbs.stores.sqlite_thread import SQLiteThread


@dataclass(frozen=True, slots=True)
class _Moment:
    present: dict[str, str | None]
    anchor: bytes | None
    touched: bytes | None
    configurations: dict[str, str]


def _begin(connection: sqlite3.Connection) -> _Moment:
    connection.execute("BEGIN")
    present = tables(connection)
    configurations = {}
    if "configurations" in present:
        configurations = dict(connection.execute("SELECT id, value FROM configurations").fetchall())
    return _Moment(
        present,
        read_single(connection, "diego_anchor") if "diego_anchor" in present else None,
        read_single(connection, "diego_touched") if "diego_touched" in present else None,
        configurations,
    )


class SQLiteSnapshot:
    """See contract.Snapshot. `liveness` is read by the store, which knows whether the holder's lock is free."""

    revision: int | None = None

    def __init__(self, thread: SQLiteThread, moment: _Moment, liveness: Liveness | None) -> None:
        self._thread = thread
        self._moment = moment
        self._liveness = liveness

    @classmethod
    async def begin(cls, thread: SQLiteThread, liveness: Liveness | None) -> SQLiteSnapshot:
        """Opens the read transaction: from here on later commits are unseen."""
        return cls(thread, await thread.run(_begin), liveness)

    async def anchor(self) -> Anchor | None:
        """See contract.Snapshot."""
        return decode_anchor(self._moment.anchor) if self._moment.anchor is not None else None

    async def liveness(self) -> Liveness | None:
        """See contract.Snapshot."""
        return self._liveness

    async def survey(self) -> Survey:
        """See contract.Snapshot."""
        roots, foreign = roots_and_foreign(self._moment.present, upstream=False)
        version = self._moment.configurations.get("version")
        label = self._moment.configurations.get("encryption_key_label")
        return Survey(
            roots, version.encode() if version is not None else None, label.encode() if label else None, foreign
        )

    async def scan(self, root: str) -> AsyncIterator[list[Row]]:
        """See contract.Snapshot."""
        after = b""
        while self._has(root):
            page = await self._thread.run(partial(_page, table=table_of(root), after=after))
            if not page:
                return
            yield page
            after = key_bytes(page[-1].key)

    async def rows(self, root: str, keys: Sequence[str]) -> list[Row]:
        """See contract.Snapshot."""
        if not self._has(root):
            return []
        return await self._thread.run(lambda connection: _rows(connection, table_of(root), keys))

    async def chunks(self, intent: str) -> list[bytes]:
        """See contract.Snapshot."""
        if "diego_intent" not in self._moment.present:
            return []
        statement = "SELECT chunk FROM diego_intent WHERE name = ? ORDER BY n"
        found = await self._thread.run(lambda connection: connection.execute(statement, (intent,)).fetchall())
        return [bytes(chunk) for (chunk,) in found]

    async def intents(self) -> frozenset[str]:
        """See contract.Snapshot."""
        if "diego_intent" not in self._moment.present:
            return frozenset()
        statement = "SELECT DISTINCT name FROM diego_intent"
        found = await self._thread.run(lambda connection: connection.execute(statement).fetchall())
        return frozenset(name for (name,) in found)

    async def touched(self) -> bytes | None:
        """See contract.Snapshot."""
        return self._moment.touched

    def _has(self, root: str) -> bool:
        return table_of(root) in self._moment.present


def _page(connection: sqlite3.Connection, table: str, after: bytes) -> list[Row]:
    cursor = connection.execute(
        f"SELECT key, value, deadline FROM {table} WHERE key > ? ORDER BY key LIMIT ?", (after, PAGE_ROWS)
    )
    page: list[Row] = []
    size = 0
    for key, value, deadline in cursor:
        page.append(Row(key_text(key), value, deadline))
        size += len(value)
        if size >= PAGE_BYTES:
            break
    cursor.close()
    return page


def _rows(connection: sqlite3.Connection, table: str, keys: Sequence[str]) -> list[Row]:
    statement = f"SELECT key, value, deadline FROM {table} WHERE key = ?"
    found = (connection.execute(statement, (key_bytes(key),)).fetchone() for key in keys)
    return [Row(key_text(row[0]), row[1], row[2]) for row in found if row is not None]
