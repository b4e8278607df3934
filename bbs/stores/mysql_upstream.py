"""Upstream's tables in MySQL and MariaDB: their definitions and the statements that write rows.

Upstream's columns compare guids without case. A row whose guid differs from that of the row in its place in nothing but
case or trailing blanks is refused instead of written over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bbs.layouts.contract import Row
from bbs.layouts.upstream_tables import TABLES, Table, Value, decode
from bbs.stores.mysql_session import literal
from bbs.stores.sql_names import upstream_name
from bbs.stores.sql_session import Statement

_STATEMENT_BYTES = 2_000_000
_STATEMENT_ROWS = 500

COLUMNS = Statement(
    "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"
)

HEALTH_CHECK = Statement(
    "CREATE TABLE IF NOT EXISTS bbs_health_check"
    " (`id` int(11) NOT NULL AUTO_INCREMENT, `time` bigint(20) NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB"
)
OTHERS = Statement(
    "SELECT id FROM information_schema.processlist WHERE db = DATABASE()"
    " AND user = SUBSTRING_INDEX(CURRENT_USER(), '@', 1) AND id <> CONNECTION_ID()"
)


def rename(root: str, present: frozenset[str]) -> list[Statement]:
    """One RENAME of all tables of a copy: whole or not at all. Their comments, which name the root, went before."""
    pairs = [(upstream_name(root, table), table) for table in TABLES]
    pairs = [(before, after) for before, after in pairs if before in present and before != after]
    if not pairs:
        return []
    renamed = ", ".join(f"{before} TO {after}" for before, after in pairs)
    return [
        *(Statement(f"ALTER TABLE {before} COMMENT = ''") for before, _ in pairs),
        Statement(f"RENAME TABLE {renamed}"),
    ]


def create(table: Table, name: str, root: str) -> list[Statement]:
    """The table with its key and indexes, named as upstream names them; the database's own character set."""
    parts = [f"`{column.name}` {column.mysql}" for column in table.columns]
    parts.append(f"PRIMARY KEY ({', '.join(f'`{one}`' for one in table.key)})")
    parts += [f"KEY `{table.name}_{one}_idx` (`{one}`)" for one in table.indexes]
    comment = f" COMMENT='root {root}'" if name != table.name else ""
    return [Statement(f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(parts)}) ENGINE=InnoDB{comment}")]


def put(table: Table, name: str, rows: Sequence[Row]) -> list[Statement]:
    """Rows written over those with the same primary keys."""
    names = [column.name for column in table.columns]
    guid = table.key[0]
    same = f"{guid} = IF(BINARY {guid} = BINARY VALUES({guid}), {guid}, NULL)"
    updates = [same, *(f"{column} = VALUES({column})" for column in names if column not in table.key)]
    head = f"INSERT INTO {name} ({', '.join(names)}) VALUES "
    tail = f" ON DUPLICATE KEY UPDATE {', '.join(updates)}"
    return [Statement(head + ",".join(piece) + tail) for piece in _pieces(names, rows)]


def _pieces(names: Sequence[str], rows: Sequence[Row]) -> Iterator[list[str]]:
    piece: list[str] = []
    size = 0
    for row in rows:
        if piece and (size + len(row.value) > _STATEMENT_BYTES or len(piece) >= _STATEMENT_ROWS):
            yield piece
            piece, size = [], 0
        columns = decode(row.value)
        piece.append(f"({','.join(_literal(columns.get(name)) for name in names)})")
        size += len(row.value)
    if piece:
        yield piece


def _literal(value: Value) -> str:
    return "NULL" if value is None else literal(value)
