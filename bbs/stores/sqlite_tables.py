"""Tables of a SQLite store: their statements and the writes of one commit.

Names are those of `bbs.stores.sql_names`; the CREATE statement of a root's table carries the root's name as a comment,
which SQLite keeps verbatim. Runs in the store's threads, inside a transaction of the caller.
Source: docs/reference/store-sqlite.md.
"""

from __future__ import annotations

import re
import sqlite3

from bbs.stores.admission import key_bytes
from bbs.stores.anchor import Anchor, encode_anchor
from bbs.stores.contract import DeleteIntent, DeleteRange, DeleteRow, DropRoot, PutRow, Write
from bbs.stores.fence import side_records
from bbs.stores.sql_names import CONFIGURATION, table_of

_SINGLE = "id INTEGER PRIMARY KEY CHECK (id = 1)"
_OWN = {
    "diego_anchor": f"{_SINGLE}, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, value BLOB NOT NULL",
    "diego_liveness": f"{_SINGLE}, value BLOB NOT NULL",
    "diego_touched": f"{_SINGLE}, value BLOB NOT NULL",
    "diego_intent": "name TEXT NOT NULL, n INTEGER NOT NULL, chunk BLOB NOT NULL, PRIMARY KEY (name, n)",
    "configurations": "id TEXT NOT NULL PRIMARY KEY, value TEXT",
}
_ROOT_COMMENT = re.compile(r"/\* root (\S+) \*/")


def create_own(connection: sqlite3.Connection) -> None:
    """Creates the tables that every store of ours has."""
    for name, columns in _OWN.items():
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")


def tables(connection: sqlite3.Connection) -> dict[str, str | None]:
    """All tables, name to the root that it says it holds, SQLite's own left out."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    comments = {name: _ROOT_COMMENT.search(sql) for name, sql in rows if not name.startswith("sqlite_")}
    return {name: comment and comment[1] for name, comment in comments.items()}


def write_all(connection: sqlite3.Connection, writes: tuple[Write, ...]) -> None:
    """Applies admitted writes. A root's table is made by the first row written to it."""
    present = set(tables(connection))
    for write in writes:
        _write(connection, write, present)


def _write(connection: sqlite3.Connection, write: Write, present: set[str]) -> None:
    match write:
        case PutRow(root, row):
            _ensure(connection, root, present)
            connection.execute(
                f"INSERT INTO {table_of(root)} (key, value, deadline) VALUES (?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value, deadline = excluded.deadline",
                (key_bytes(row.key), row.value, row.deadline),
            )
        case DeleteIntent(name):
            connection.execute("DELETE FROM diego_intent WHERE name = ?", (name,))
        case _ if table_of(write.root) not in present:
            pass
        case DeleteRow(root, key):
            connection.execute(f"DELETE FROM {table_of(root)} WHERE key = ?", (key_bytes(key),))
        case DeleteRange(root, first, last):
            connection.execute(
                f"DELETE FROM {table_of(root)} WHERE key >= ? AND key <= ?", (key_bytes(first), key_bytes(last))
            )
        case DropRoot(root):
            connection.execute(f"DROP TABLE {table_of(root)}")
            present.discard(table_of(root))


def _ensure(connection: sqlite3.Connection, root: str, present: set[str]) -> None:
    table = table_of(root)
    if table in present:
        return
    connection.execute(
        f"CREATE TABLE {table} (/* root {root} */"
        " key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL, deadline INTEGER NOT NULL DEFAULT 0)"
    )
    present.add(table)


def replace_anchor(connection: sqlite3.Connection, expected: Anchor, anchor: Anchor) -> bool:
    """Writes the anchor and its side records if the stored fence is that of `expected`."""
    changed = connection.execute(
        "UPDATE diego_anchor SET epoch = ?, seq = ?, value = ? WHERE id = 1 AND epoch = ? AND seq = ?",
        (*anchor.fence, encode_anchor(anchor), *expected.fence),
    )
    if changed.rowcount != 1:
        return False
    _write_sides(connection, expected, anchor)
    return True


def insert_anchor(connection: sqlite3.Connection, anchor: Anchor) -> bool:
    """Writes the first anchor and its side records if there is none."""
    changed = connection.execute(
        "INSERT INTO diego_anchor (id, epoch, seq, value) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING",
        (*anchor.fence, encode_anchor(anchor)),
    )
    if changed.rowcount != 1:
        return False
    _write_sides(connection, None, anchor)
    return True


def _write_sides(connection: sqlite3.Connection, before: Anchor | None, after: Anchor) -> None:
    for name, value in side_records(before, after):
        row = CONFIGURATION[name]
        if value is None:
            connection.execute("DELETE FROM configurations WHERE id = ?", (row,))
        else:
            connection.execute(
                "INSERT INTO configurations (id, value) VALUES (?, ?)"
                " ON CONFLICT (id) DO UPDATE SET value = excluded.value",
                (row, value.decode()),
            )


def write_single(connection: sqlite3.Connection, table: str, value: bytes) -> None:
    """Writes the one row of `diego_liveness` or `diego_touched`."""
    connection.execute(
        f"INSERT INTO {table} (id, value) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value", (value,)
    )


def read_single(connection: sqlite3.Connection, table: str) -> bytes | None:
    """The one row of `diego_anchor`, `diego_liveness` or `diego_touched`; the table must exist."""
    row = connection.execute(f"SELECT value FROM {table} WHERE id = 1").fetchone()
    return None if row is None else bytes(row[0])
