"""The dialect of PostgreSQL: a commit is one statement, so that no session is ever paused in the middle of one.

A common table expression changes the anchor, and every other part of the statement writes only where it did. Source:
docs/reference/store-postgresql.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from bbs.layouts.contract import Row
from bbs.layouts.upstream_tables import Table
from bbs.stores import postgresql_upstream
from bbs.stores.admission import key_bytes
from bbs.stores.postgresql_session import connect
from bbs.stores.sql_dialect import Columns, Types
from bbs.stores.sql_hosts import Access, Host
from bbs.stores.sql_session import Session, Statement

_GUARD = "EXISTS (SELECT 1 FROM fence)"
_CASTS = {bytes: "bytea", int: "bigint", str: "varchar"}


class PostgreSQL:
    """See sql_dialect.Dialect. `timeout` in seconds is that of the store's calls."""

    engine = "postgresql"
    port = 5432
    key = "key"
    types = Types(key="BYTEA", name="BYTEA", blob="BYTEA")
    whole = True
    rest: float | None = None
    begin = "BEGIN"
    snapshot: tuple[Statement, ...] = (Statement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),)
    tables = Statement(
        "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class"
        " WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
    )

    columns = postgresql_upstream.COLUMNS
    health_check = postgresql_upstream.HEALTH_CHECK

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout

    async def writer(self, host: Host, access: Access) -> Session:
        """See Dialect. The limits leave a call time to say what it met."""
        limit = str(max(1, round(self._timeout * 400)))
        return await connect(host, access, lock_timeout=limit, idle_in_transaction_session_timeout=limit)

    async def reader(self, host: Host, access: Access) -> Session:
        """See Dialect."""
        return await connect(host, access)

    def create_root(self, table: str, root: str) -> list[Statement]:
        """See Dialect. Values are sealed and don't compress: kept out of line as they are."""
        return [
            Statement(
                f"CREATE TABLE IF NOT EXISTS {table} (key BYTEA NOT NULL PRIMARY KEY, value BYTEA NOT NULL,"
                " deadline BIGINT NOT NULL DEFAULT 0)"
            ),
            Statement(f"ALTER TABLE {table} ALTER COLUMN value SET STORAGE EXTERNAL"),
            Statement(f"COMMENT ON TABLE {table} IS 'root {root}'"),
        ]

    def create_upstream(self, table: Table, name: str, root: str) -> list[Statement]:
        """See Dialect."""
        return postgresql_upstream.create(table, name, root)

    def put_upstream(self, table: Table, name: str, rows: Sequence[Row]) -> list[Statement]:
        """See Dialect."""
        return postgresql_upstream.put(table, name, rows, _GUARD)

    def rename_upstream(self, root: str, present: frozenset[str]) -> list[Statement]:
        """See Dialect."""
        return postgresql_upstream.rename(root, present)

    async def end_others(self, session: Session) -> None:
        """See Dialect."""
        await session.fetch(postgresql_upstream.END_OTHERS)

    def upsert(self, table: str, identity: Columns, columns: Columns, *, free: bool = False) -> Statement:
        """See Dialect."""
        updates = ", ".join(f"{name} = excluded.{name}" for name in columns)
        condition = "" if free else f" WHERE {_GUARD}"
        return _insert(
            table, identity, columns, f"{condition} ON CONFLICT ({', '.join(identity)}) DO UPDATE SET {updates}"
        )

    def insert_new(self, table: str, identity: Columns, columns: Columns) -> Statement:
        """See Dialect."""
        return _insert(table, identity, columns, f" ON CONFLICT ({', '.join(identity)}) DO NOTHING")

    def put_rows(self, table: str, rows: Sequence[Row]) -> list[Statement]:
        """See Dialect."""
        text = (
            f"INSERT INTO {table} (key, value, deadline) SELECT * FROM unnest(?::bytea[], ?::bytea[], ?::bigint[])"
            f" WHERE {_GUARD} ON CONFLICT (key) DO UPDATE SET value = excluded.value, deadline = excluded.deadline"
        )
        keys = [key_bytes(row.key) for row in rows]
        return [Statement(text, (keys, [row.value for row in rows], [row.deadline for row in rows]))]

    def delete_rows(self, table: str, keys: Sequence[bytes]) -> list[Statement]:
        """See Dialect."""
        return [self.delete_where(table, "key = ANY(?::bytea[])", list(keys))]

    def delete_where(self, table: str, condition: str, *values: object) -> Statement:
        """See Dialect."""
        return Statement(f"DELETE FROM {table} WHERE {condition} AND {_GUARD}", values)

    def rows_named(self, table: str, keys: Sequence[bytes]) -> Statement:
        """See Dialect."""
        return Statement(f"SELECT key, value, deadline FROM {table} WHERE key = ANY(?::bytea[])", (list(keys),))

    async def fenced(self, session: Session, fence: Statement, writes: Sequence[Statement]) -> bool:
        """See Dialect. Parts of one statement all run, in no order, on rows that admission keeps apart."""
        parts = [f"fence AS ({fence.text} RETURNING 1)"]
        parts += [f"part{number} AS ({write.text})" for number, write in enumerate(writes)]
        values = [value for statement in (fence, *writes) for value in statement.values]
        whole = Statement(f"WITH {', '.join(parts)} SELECT count(*) FROM fence", tuple(values))
        return bool((await session.fetch(whole))[0][0])

    async def end_backend(self, session: Session, backend: str) -> None:
        """See Dialect. Nothing to end: a session that stands still in a claim is ended by the server's own limit."""


def _insert(table: str, identity: Columns, columns: Columns, rest: str) -> Statement:
    names = {**identity, **columns}
    casts = ", ".join(f"?::{_CASTS[type(value)]}" for value in names.values())
    return Statement(f"INSERT INTO {table} ({', '.join(names)}) SELECT {casts}{rest}", tuple(names.values()))
