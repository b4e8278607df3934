"""Upstream's tables in PostgreSQL: their definitions, and rows handed over as JSON, which is what they are already."""

from __future__ import annotations

from collections.abc import Sequence

from bbs.layouts.contract import Row
from bbs.layouts.upstream_tables import Table
from bbs.stores.contract import StoreRefused
from bbs.stores.sql_session import Statement

COLUMNS = Statement(
    "SELECT table_name::text, column_name::text FROM information_schema.columns"
    " WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"
)


def create(table: Table, name: str, root: str) -> list[Statement]:
    """The table with its key and indexes, named as upstream names them, behind the table's own name."""
    columns = [f"{column.name} {column.postgresql}" for column in table.columns]
    columns.append(f"CONSTRAINT {name}_pkey PRIMARY KEY ({', '.join(table.key)})")
    return [
        Statement(f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(columns)})"),
        *(Statement(f"CREATE INDEX IF NOT EXISTS {name}_{one}_idx ON {name} ({one})") for one in table.indexes),
        *([Statement(f"COMMENT ON TABLE {name} IS 'root {root}'")] if name != table.name else []),
    ]


def put(table: Table, name: str, rows: Sequence[Row], guard: str) -> list[Statement]:
    """Rows written over those with the same primary keys."""
    names = [column.name for column in table.columns]
    updates = ", ".join(f"{column} = excluded.{column}" for column in names if column not in table.key)
    text = (
        f"INSERT INTO {name} ({', '.join(names)}) SELECT {', '.join(names)}"
        f" FROM json_populate_recordset(NULL::{name}, ?::json) WHERE {guard}"
        f" ON CONFLICT ({', '.join(table.key)}) DO UPDATE SET {updates}"
    )
    try:
        return [Statement(text, (f"[{','.join(row.value.decode() for row in rows)}]",))]
    except UnicodeDecodeError as error:
        message = f"a row of {name} is not UTF-8, which no column can hold"
        raise StoreRefused(message) from error
