"""Upstream's tables in a relational store: how a row of a layout becomes columns, and columns a row.

The root `tables` is upstream's own tables; a copy lies in tables of the same names with the attempt behind. Rows are in
the order of their primary key, table by table. Decides nothing about columns: `bbs.layouts.upstream_tables` does.
Source: docs/reference/upstream-sql.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bbs.layouts.contract import Row, Undecodable
from bbs.layouts.upstream_tables import TABLES, Table, Value
from bbs.stores.contract import StoreRefused
from bbs.stores.sql_dialect import Dialect
from bbs.stores.sql_names import upstream_name
from bbs.stores.sql_session import Statement

_PAGE_ROWS = 500
_KEYS_A_STATEMENT = 500


def grouped(root: str, keys: Sequence[str]) -> dict[str, list[tuple[Value, ...]]]:
    """Values of primary keys by table. Raises StoreRefused for the key of no row."""
    found: dict[str, list[tuple[Value, ...]]] = {}
    for key in keys:
        table = _table(root, key)
        try:
            found.setdefault(table.name, []).append(table.key_values(key))
        except (Undecodable, ValueError) as error:
            message = f"{key!a} is no row of {root}: {error}"
            raise StoreRefused(message) from error
    return found


def _table(root: str, key: str) -> Table:
    table = TABLES.get(key.partition("/")[0])
    if table is None:
        message = f"{key!a} is no row of {root}, which has the tables {', '.join(TABLES)}"
        raise StoreRefused(message)
    return table


# --- writing ----------------------------------------------------------------------------------------------------------


def create(dialect: Dialect, root: str) -> list[Statement]:
    """The tables of a root at data version 1772581987, the only one that is written."""
    statements: list[Statement] = []
    for table in TABLES.values():
        statements += dialect.create_upstream(table, upstream_name(root, table.name), root)
    return statements


def put(dialect: Dialect, root: str, rows: Sequence[Row]) -> Iterator[Statement]:
    """Rows written over those with the same primary keys."""
    by_table: dict[str, list[Row]] = {}
    for row in rows:
        by_table.setdefault(_table(root, row.key).name, []).append(row)
    for name, found in by_table.items():
        yield from dialect.put_upstream(TABLES[name], upstream_name(root, name), found)


def delete(dialect: Dialect, root: str, keys: Sequence[str]) -> Iterator[Statement]:
    """Rows removed by their primary keys."""
    for name, values in grouped(root, keys).items():
        for condition, flat in _named(TABLES[name], values):
            yield dialect.delete_where(upstream_name(root, name), condition, *flat)


def delete_range(dialect: Dialect, root: str, first: str, last: str) -> Iterator[Statement]:
    """Rows of a page that a scan gave, removed. Only the first column of the primary key is looked at, since the others
    are not the same at each data version: of the last guid more may go, and whoever clears a page clears the next."""
    name = first.partition("/")[0]
    low, high = (str(values[0]) for values in grouped(root, [first, last])[name])
    column = TABLES[name].key[0]
    yield dialect.delete_where(upstream_name(root, name), f"{column} >= ? AND {column} <= ?", low, high)


def _named(table: Table, keys: Sequence[tuple[Value, ...]]) -> Iterator[tuple[str, list[Any]]]:
    one = f"({', '.join('?' for _ in table.key)})"
    for at in range(0, len(keys), _KEYS_A_STATEMENT):
        piece = keys[at : at + _KEYS_A_STATEMENT]
        condition = f"({', '.join(table.key)}) IN ({', '.join(one for _ in piece)})"
        yield condition, [value for key in piece for value in key]


# --- reading ----------------------------------------------------------------------------------------------------------


def select(table: Table, name: str, after: Sequence[Any] | None) -> Statement:
    """A page of a table, behind the row with that primary key."""
    where, values = _behind(table.key, after) if after is not None else ("", [])
    order = ", ".join(table.key)
    return Statement(f"SELECT {_columns(table)} FROM {name}{where} ORDER BY {order} LIMIT {_PAGE_ROWS}", tuple(values))


def select_named(table: Table, name: str, keys: Sequence[tuple[Value, ...]]) -> Iterator[Statement]:
    """The named rows of a table, as far as they exist."""
    for condition, values in _named(table, keys):
        yield Statement(f"SELECT {_columns(table)} FROM {name} WHERE {condition}", tuple(values))


def row(table: Table, found: Sequence[Any]) -> Row:
    """A row of the columns that `select` asked for."""
    return table.row(dict(zip((column.name for column in table.columns), found, strict=True)))


def key_of(table: Table, found: Sequence[Any]) -> list[Any]:
    """The values of its primary key, as the driver gave them."""
    names = [column.name for column in table.columns]
    return [found[names.index(name)] for name in table.key]


def _columns(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)


def _behind(key: Sequence[str], after: Sequence[Any]) -> tuple[str, list[Any]]:
    """Rows whose key is greater, in words that an index serves: a > x OR (a = x AND b > y)..."""
    clauses, values = [], []
    for at, name in enumerate(key):
        equal = "".join(f"{before} = ? AND " for before in key[:at])
        clauses.append(f"({equal}{name} > ?)")
        values += [*after[: at + 1]]
    return f" WHERE {' OR '.join(clauses)}", values
