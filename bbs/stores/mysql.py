"""The dialect of MySQL and MariaDB: a commit is a transaction whose first statement is the anchor's change.

Bytes and texts are written into statements as hexadecimal literals: nothing to escape, and a quarter of the time that
the driver's escaping takes. Keys are VARBINARY, compared byte by byte. Source: docs/reference/store-mysql.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from bbs.layouts.contract import Row
from bbs.layouts.upstream_tables import Table
from bbs.stores import mysql_upstream
from bbs.stores.admission import key_bytes
from bbs.stores.contract import StoreUnavailable
from bbs.stores.mysql_session import connect, literal
from bbs.stores.sql_dialect import Columns, Types
from bbs.stores.sql_hosts import Access, Host
from bbs.stores.sql_session import Session, Statement

_STATEMENT_BYTES = 2_000_000
"""Values in one INSERT; twice that as text, well below the 16 MiB of max_allowed_packet that a session demands."""

_STATEMENT_ROWS = 1000


class MySQL:
    """See sql_dialect.Dialect. `timeout` in seconds is that of the store's calls."""

    engine = "mysql"
    port = 3306
    key = "`key`"
    types = Types(
        key="VARBINARY(1280)", name="VARBINARY(1280)", blob="LONGBLOB", suffix=" ENGINE=InnoDB CHARACTER SET utf8mb4"
    )
    whole = False
    begin = "START TRANSACTION"
    snapshot: tuple[Statement, ...] = (
        Statement("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"),
        Statement("START TRANSACTION WITH CONSISTENT SNAPSHOT"),
    )
    tables = Statement(
        "SELECT table_name, table_comment FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
    )

    columns = mysql_upstream.COLUMNS
    health_check = mysql_upstream.HEALTH_CHECK

    def __init__(self, timeout: float) -> None:
        self._limit = max(1, int(timeout * 0.8))
        self.rest: float | None = self._limit / 2

    async def writer(self, host: Host, access: Access) -> Session:
        """See Dialect. MySQL has no limit for rests inside a transaction alone, so it is that of any rest."""
        settings = {"wait_timeout": self._limit, "innodb_lock_wait_timeout": 1, "lock_wait_timeout": 1}
        return await connect(host, access, **settings)

    async def reader(self, host: Host, access: Access) -> Session:
        """See Dialect."""
        return await connect(host, access, lock_wait_timeout=1)

    def create_root(self, table: str, root: str) -> list[Statement]:
        """See Dialect."""
        columns = (
            "`key` VARBINARY(1280) NOT NULL PRIMARY KEY, value LONGBLOB NOT NULL, deadline BIGINT NOT NULL DEFAULT 0"
        )
        comment = f"ENGINE=InnoDB ROW_FORMAT=DYNAMIC COMMENT='root {root}'"
        return [Statement(f"CREATE TABLE IF NOT EXISTS {table} ({columns}) {comment}")]

    def create_upstream(self, table: Table, name: str, root: str) -> list[Statement]:
        """See Dialect."""
        return mysql_upstream.create(table, name, root)

    def put_upstream(self, table: Table, name: str, rows: Sequence[Row]) -> list[Statement]:
        """See Dialect."""
        return mysql_upstream.put(table, name, rows)

    def rename_upstream(self, root: str, present: frozenset[str]) -> list[Statement]:
        """See Dialect."""
        return mysql_upstream.rename(root, present)

    async def end_others(self, session: Session) -> None:
        """See Dialect."""
        for (number,) in await session.fetch(mysql_upstream.OTHERS):
            # One that has ended meanwhile is as good as ended: MySQL says so as an error.
            with suppress(StoreUnavailable):
                await session.execute(Statement(f"KILL CONNECTION {int(number)}"))

    def upsert(self, table: str, identity: Columns, columns: Columns, *, free: bool = False) -> Statement:
        """See Dialect: the transaction is what makes it depend on the fence."""
        return _insert(table, identity, columns, ", ".join(f"{name} = VALUES({name})" for name in columns))

    def insert_new(self, table: str, identity: Columns, columns: Columns) -> Statement:
        """See Dialect. Not INSERT IGNORE, which would cut off what does not fit."""
        name = next(iter(identity))
        return _insert(table, identity, columns, f"{name} = {table}.{name}")

    def put_rows(self, table: str, rows: Sequence[Row]) -> list[Statement]:
        """See Dialect."""
        head = f"INSERT INTO {table} (`key`, value, deadline) VALUES "
        tail = " ON DUPLICATE KEY UPDATE value = VALUES(value), deadline = VALUES(deadline)"
        return [
            Statement(head + ",".join(f"({literal(key)},{literal(value)},{time})" for key, value, time in piece) + tail)
            for piece in _pieces(rows)
        ]

    def delete_rows(self, table: str, keys: Sequence[bytes]) -> list[Statement]:
        """See Dialect."""
        return [Statement(f"DELETE FROM {table} WHERE `key` IN ({_listed(keys)})")]

    def delete_where(self, table: str, condition: str, *values: bytes | int | str) -> Statement:
        """See Dialect."""
        return Statement(f"DELETE FROM {table} WHERE {condition}", values)

    def rows_named(self, table: str, keys: Sequence[bytes]) -> Statement:
        """See Dialect."""
        return Statement(f"SELECT `key`, value, deadline FROM {table} WHERE `key` IN ({_listed(keys)})")

    async def fenced(self, session: Session, fence: Statement, writes: Sequence[Statement]) -> bool:
        """See Dialect."""
        if await session.execute(fence) != 1:
            return False
        for write in writes:
            await session.execute(write)
        return True

    async def end_backend(self, session: Session, backend: str) -> None:
        """See Dialect. Only on the server that it names, and only in our database while it stands still."""
        host, _, number = backend.rpartition("#")
        if host != session.host or not number.isdigit():
            return
        seen = await session.fetch(
            Statement(
                "SELECT id FROM information_schema.processlist"
                f" WHERE id = {number} AND db = DATABASE() AND command = 'Sleep' AND id <> CONNECTION_ID()"
            )
        )
        if seen:
            await session.execute(Statement(f"KILL CONNECTION {number}"))


def _insert(table: str, identity: Columns, columns: Columns, updates: str) -> Statement:
    names = {**identity, **columns}
    marks = ", ".join("?" for _ in names)
    text = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) ON DUPLICATE KEY UPDATE {updates}"
    return Statement(text, tuple(names.values()))


def _listed(keys: Sequence[bytes]) -> str:
    return ",".join(map(literal, keys))


def _pieces(rows: Sequence[Row]) -> Iterator[list[tuple[bytes, bytes, int]]]:
    """Rows of one INSERT each."""
    piece: list[tuple[bytes, bytes, int]] = []
    size = 0
    for row in rows:
        if piece and (size + len(row.value) > _STATEMENT_BYTES or len(piece) >= _STATEMENT_ROWS):
            yield piece
            piece, size = [], 0
        piece.append((key_bytes(row.key), row.value, row.deadline))
        size += len(row.value)
    if piece:
        yield piece
