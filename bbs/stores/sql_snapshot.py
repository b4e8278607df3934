"""One moment of a relational store: a repeatable-read transaction on a session of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from bbs.layouts.contract import Row
from bbs.layouts.upstream_tables import TABLES as UPSTREAM
from bbs.layouts.upstream_tables import Table, as_found
from bbs.stores import sql_upstream
from bbs.stores.admission import key_bytes, key_text
from bbs.stores.anchor import Anchor, decode_anchor
from bbs.stores.contract import Liveness, Survey
from bbs.stores.fence import decode_liveness
from bbs.stores.sql_dialect import Dialect
from bbs.stores.sql_names import (
    ANCHOR,
    CONFIGURATIONS,
    INTENT,
    LIVENESS,
    PAGE_BYTES,
    PAGE_ROWS,
    TOUCHED,
    in_tables,
    roots_and_foreign,
    table_of,
    upstream_name,
)
from bbs.stores.sql_session import Line, Session, Statement

_KEYS_A_READ = 500


@dataclass(frozen=True, slots=True)
class _Moment:
    present: dict[str, str | None]
    singles: dict[str, bytes | None]
    configurations: dict[str, str]


async def tables(session: Session, dialect: Dialect) -> dict[str, str | None]:
    """All tables of the database, name to the root that its comment names."""
    found = await session.fetch(dialect.tables)
    comments = {str(name): str(comment or "").partition("root ") for name, comment in found}
    return {name: root if not before and mark else None for name, (before, mark, root) in comments.items()}


async def read_single(session: Session, table: str) -> bytes | None:
    """The one row of `diego_anchor`, `diego_liveness` or `diego_touched`; the table must exist."""
    found = await session.fetch(Statement(f"SELECT value FROM {table} WHERE id = 1"))
    return bytes(found[0][0]) if found else None


async def _begin(session: Session, dialect: Dialect) -> _Moment:
    for statement in dialect.snapshot:
        await session.execute(statement)
    present = await tables(session, dialect)
    configurations: dict[str, str] = {}
    if CONFIGURATIONS in present:
        configurations = dict(await session.fetch(Statement(f"SELECT id, value FROM {CONFIGURATIONS}")))
    singles = {
        name: await read_single(session, name) if name in present else None for name in (ANCHOR, LIVENESS, TOUCHED)
    }
    return _Moment(present, singles, configurations)


class SQLSnapshot:
    """See contract.Snapshot. Raises StoreUnavailable too when a table was made or dropped meanwhile: take a new one."""

    revision: int | None = None

    def __init__(self, dialect: Dialect, line: Line, moment: _Moment) -> None:
        self._dialect = dialect
        self._line = line
        self._moment = moment

    @classmethod
    async def begin(cls, dialect: Dialect, line: Line) -> SQLSnapshot:
        """Opens the transaction: from here on later commits are unseen."""
        return cls(dialect, line, await line.run(lambda session: _begin(session, dialect)))

    async def anchor(self) -> Anchor | None:
        """See contract.Snapshot."""
        raw = self._moment.singles[ANCHOR]
        return decode_anchor(raw) if raw is not None else None

    async def liveness(self) -> Liveness | None:
        """See contract.Snapshot."""
        raw = self._moment.singles[LIVENESS]
        return decode_liveness(raw) if raw is not None else None

    async def touched(self) -> bytes | None:
        """See contract.Snapshot."""
        return self._moment.singles[TOUCHED]

    async def survey(self) -> Survey:
        """See contract.Snapshot."""
        roots, foreign = roots_and_foreign(self._moment.present)
        version = self._moment.configurations.get("version")
        label = self._moment.configurations.get("encryption_key_label")
        return Survey(
            roots, version.encode() if version is not None else None, label.encode() if label else None, foreign
        )

    async def scan(self, root: str) -> AsyncIterator[list[Row]]:
        """See contract.Snapshot. Sizes are read before values, so that a page of big rows is cut in time."""
        if in_tables(root):
            async for rows in self._scan_upstream(root):
                yield rows
            return
        table, key = table_of(root), self._dialect.key
        after = b""
        while table in self._moment.present:
            sizes = await self._fetch(
                Statement(
                    f"SELECT {key}, LENGTH(value) FROM {table} WHERE {key} > ? ORDER BY {key} LIMIT ?",
                    (after, PAGE_ROWS),
                )
            )
            if not sizes:
                return
            last = _page_end(sizes)
            page = await self._fetch(
                Statement(
                    f"SELECT {key}, value, deadline FROM {table} WHERE {key} > ? AND {key} <= ? ORDER BY {key}",
                    (after, last),
                )
            )
            yield [_row(found) for found in page]
            after = last

    async def rows(self, root: str, keys: Sequence[str]) -> list[Row]:
        """See contract.Snapshot."""
        if in_tables(root):
            return await self._upstream_rows(root, keys)
        table = table_of(root)
        if table not in self._moment.present:
            return []
        named: dict[str, Row] = {}
        for at in range(0, len(keys), _KEYS_A_READ):
            piece = [key_bytes(key) for key in keys[at : at + _KEYS_A_READ]]
            named.update((row.key, row) for row in map(_row, await self._fetch(self._dialect.rows_named(table, piece))))
        return [named[key] for key in keys if key in named]

    async def _scan_upstream(self, root: str) -> AsyncIterator[list[Row]]:
        for name, table in (await self._upstream(root)).items():
            after: list[Any] | None = None
            while page := await self._fetch(sql_upstream.select(table, name, after)):
                yield [sql_upstream.row(table, columns) for columns in page]
                after = sql_upstream.key_of(table, page[-1])

    async def _upstream_rows(self, root: str, keys: Sequence[str]) -> list[Row]:
        present = await self._upstream(root)
        named: dict[str, Row] = {}
        for table_name, values in sql_upstream.grouped(root, keys).items():
            name = upstream_name(root, table_name)
            for statement in sql_upstream.select_named(present[name], name, values) if name in present else ():
                rows = (sql_upstream.row(present[name], found) for found in await self._fetch(statement))
                named.update((row.key, row) for row in rows)
        return [named[key] for key in keys if key in named]

    async def _upstream(self, root: str) -> dict[str, Table]:
        """Upstream's tables of a root by the names they have there, each with the columns it has."""
        present = [(upstream_name(root, table.name), table) for table in UPSTREAM.values()]
        columns: dict[str, list[str]] = defaultdict(list)
        for table, column in await self._fetch(self._dialect.columns):
            columns[str(table)].append(str(column))
        return {name: as_found(table, columns[name]) for name, table in present if name in self._moment.present}

    async def chunks(self, intent: str) -> list[bytes]:
        """See contract.Snapshot. One read a chunk, since a chunk may be as big as a commit."""
        if INTENT not in self._moment.present:
            return []
        name = key_bytes(intent)
        numbers = await self._fetch(Statement(f"SELECT n FROM {INTENT} WHERE name = ? ORDER BY n", (name,)))
        read = f"SELECT chunk FROM {INTENT} WHERE name = ? AND n = ?"
        return [bytes((await self._fetch(Statement(read, (name, number))))[0][0]) for (number,) in numbers]

    async def intents(self) -> frozenset[str]:
        """See contract.Snapshot."""
        if INTENT not in self._moment.present:
            return frozenset()
        found = await self._fetch(Statement(f"SELECT DISTINCT name FROM {INTENT}"))
        return frozenset(key_text(bytes(name)) for (name,) in found)

    async def _fetch(self, statement: Statement) -> list[tuple[Any, ...]]:
        return await self._line.run(lambda session: session.fetch(statement))


def _page_end(sizes: Sequence[tuple[Any, ...]]) -> bytes:
    """The key of the row with which a page passes its bound of bytes, or the last one."""
    size = 0
    for key, length in sizes:
        size += int(length)
        if size >= PAGE_BYTES:
            return bytes(key)
    return bytes(sizes[-1][0])


def _row(found: tuple[Any, ...]) -> Row:
    key, value, deadline = found
    return Row(key_text(bytes(key)), bytes(value), int(deadline))
