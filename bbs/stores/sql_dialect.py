"""What differs between relational engines: a table of texts and types, and how one commit is made one unit.

Everything else of a relational store is written once, in `bbs.stores.sql*`. A dialect builds statements and never
decides anything. Source: docs/reference/store-sql.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from bbs.layouts.contract import Row
from bbs.layouts.upstream_tables import Table
from bbs.stores.sql_hosts import Access, Host
from bbs.stores.sql_names import ANCHOR, CONFIGURATIONS, INTENT, LIVENESS, LOCKS, TOUCHED
from bbs.stores.sql_session import Session, Statement

Columns = Mapping[str, bytes | int | str]
"""Names and values of a row."""


class Types(NamedTuple):
    """Names of column types. `key`: bytes, compared byte by byte, indexed. `name`: short bytes, likewise."""

    key: str
    name: str
    blob: str
    suffix: str = ""

    def own_tables(self) -> dict[str, str]:
        """The tables that every store of ours has. `configurations` has upstream's columns."""
        single = "id INT NOT NULL PRIMARY KEY"
        columns = {
            ANCHOR: f"{single}, epoch BIGINT NOT NULL, seq BIGINT NOT NULL, backend VARCHAR(255) NOT NULL,"
            f" value {self.blob} NOT NULL",
            LIVENESS: f"{single}, value {self.blob} NOT NULL",
            TOUCHED: f"{single}, value {self.blob} NOT NULL",
            INTENT: f"name {self.name} NOT NULL, n BIGINT NOT NULL, chunk {self.blob} NOT NULL, PRIMARY KEY (name, n)",
            CONFIGURATIONS: "id VARCHAR(255) NOT NULL PRIMARY KEY, value VARCHAR(255)",
        }
        return {name: f"CREATE TABLE IF NOT EXISTS {name} ({text}){self.suffix}" for name, text in columns.items()}

    def locks_table(self) -> str:
        """Locket's table, with upstream's column names; keys and owners are compared byte by byte."""
        return (
            f"CREATE TABLE IF NOT EXISTS {LOCKS} (path {self.name} NOT NULL PRIMARY KEY, owner {self.blob} NOT NULL,"
            f" value {self.blob} NOT NULL, type BIGINT NOT NULL, ttl BIGINT NOT NULL,"
            f" modified_id {self.name} NOT NULL, modified_index BIGINT NOT NULL){self.suffix}"
        )


class Dialect(Protocol):
    """One engine.

    `port`: its default one. `key`: the column `key` as it must be written. `whole`: `fenced` is one statement, so that
    no transaction stays open between two of them. `columns`: table and name of every column in the database.
    `health_check` makes upstream's table of that name if it isn't there. `rest`: see sql_session.Line. `lock_wait`,
    `rest` in seconds.
    """

    engine: str
    port: int
    key: str
    types: Types
    whole: bool
    rest: float | None
    begin: str
    snapshot: tuple[Statement, ...]
    tables: Statement
    columns: Statement
    health_check: Statement

    async def writer(self, host: Host, access: Access) -> Session:
        """A session for writes: its waits for locks and its pauses inside a transaction end below the ttl."""

    async def reader(self, host: Host, access: Access) -> Session:
        """A session for reads, which may rest inside a transaction."""

    def create_root(self, table: str, root: str) -> list[Statement]:
        """The table of a root, carrying the root's name."""

    def create_upstream(self, table: Table, name: str, root: str) -> list[Statement]:
        """One of upstream's tables at data version 1772581987; a copy of it carries the root's name."""

    def put_upstream(self, table: Table, name: str, rows: Sequence[Row]) -> list[Statement]:
        """Rows of one of upstream's tables, written over those with the same keys. Inside `fenced` only."""

    def rename_upstream(self, root: str, present: frozenset[str]) -> list[Statement]:
        """Those tables of a copy that are there, and their keys and indexes, under upstream's own names."""

    async def end_others(self, session: Session) -> None:
        """Ends every other session of this user in this database, so that none does late what it began before."""

    def upsert(self, table: str, identity: Columns, columns: Columns, *, free: bool = False) -> Statement:
        """One row, written over the one with the same identity. Inside `fenced` only, unless `free`."""

    def insert_new(self, table: str, identity: Columns, columns: Columns) -> Statement:
        """One row, unless there is one with the same identity."""

    def put_rows(self, table: str, rows: Sequence[Row]) -> list[Statement]:
        """Rows of a root, written over those with the same keys. Inside `fenced` only."""

    def delete_rows(self, table: str, keys: Sequence[bytes]) -> list[Statement]:
        """Rows of a root, removed. Inside `fenced` only."""

    def delete_where(self, table: str, condition: str, *values: bytes | int | str) -> Statement:
        """Rows that meet a condition, removed. Inside `fenced` only."""

    def rows_named(self, table: str, keys: Sequence[bytes]) -> Statement:
        """Key, value and deadline of those of the named rows that exist."""

    async def fenced(self, session: Session, fence: Statement, writes: Sequence[Statement]) -> bool:
        """Changes one row by `fence` and, only if it did, writes all the rest. Not `whole`: inside a transaction."""

    async def end_backend(self, session: Session, backend: str) -> None:
        """Ends an earlier holder's session that stands still inside a transaction; any other is left alone."""
