"""Upstream's tables in PostgreSQL: their definitions, and rows handed over as JSON, which is what they are already."""

from __future__ import annotations

from collections.abc import Sequence

from bbs.layouts.contract import Row
from bbs.layouts.upstream_tables import TABLES, Table
from bbs.stores.contract import StoreRefused
from bbs.stores.sql_names import upstream_name
from bbs.stores.sql_session import Statement

COLUMNS = Statement(
    "SELECT table_name::text, column_name::text FROM information_schema.columns"
    " WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"
)

HEALTH_CHECK = Statement(
    "CREATE TABLE IF NOT EXISTS bbs_health_check"
    " (id SERIAL CONSTRAINT bbs_health_check_pkey PRIMARY KEY, time BIGINT NOT NULL)"
)
END_OTHERS = Statement(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
)


def rename(root: str, present: frozenset[str]) -> list[Statement]:
    """The tables of a copy that are there, their keys and indexes, in one transaction."""
    statements = [Statement("BEGIN")]
    for table in TABLES.values():
        name = upstream_name(root, table.name)
        if name in present and name != table.name:
            statements.append(Statement(f"ALTER TABLE {name} RENAME TO {table.name}"))
            statements.append(Statement(f"ALTER TABLE {table.name} RENAME CONSTRAINT {name}_pkey TO {table.name}_pkey"))
            indexes = ((f"{name}_{one}_idx", f"{table.name}_{one}_idx") for one in table.indexes)
            statements += [Statement(f"ALTER INDEX {before} RENAME TO {after}") for before, after in indexes]
            statements.append(Statement(f"COMMENT ON TABLE {table.name} IS NULL"))
    return [*statements, Statement("COMMIT")]


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
