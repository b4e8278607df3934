"""Tables of a SQLite store: their names, their statements and the writes of one commit.

A root's rows are one table: `diego_kv` (natural root), `diego_kv__<attempt>` (etcd-era layouts), `diego_records__
<attempt>` (ours). A table's name lacks the version, so its CREATE statement carries the root's name as a comment, which
SQLite keeps verbatim. Runs in the store's threads, inside a transaction of the caller.
Source: docs/reference/store-sqlite.md.
"""

from __future__ import annotations

import re
import sqlite3

from bbs.stores.admission import key_bytes
from bbs.stores.anchor import Anchor, encode_anchor
from bbs.stores.contract import DeleteIntent, DeleteRange, DeleteRow, DropRoot, Limits, PutRow, Write
from bbs.stores.fence import SideRecord, side_records
from bbs.stores.roots import NATURAL, parse_root

LIMITS = Limits(operations=2000, payload_bytes=4_000_000, key_bytes=1024)

_SINGLE = "id INTEGER PRIMARY KEY CHECK (id = 1)"
_OWN = {
    "diego_anchor": f"{_SINGLE}, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, value BLOB NOT NULL",
    "diego_liveness": f"{_SINGLE}, value BLOB NOT NULL",
    "diego_touched": f"{_SINGLE}, value BLOB NOT NULL",
    "diego_intent": "name TEXT NOT NULL, n INTEGER NOT NULL, chunk BLOB NOT NULL, PRIMARY KEY (name, n)",
    "configurations": "id TEXT NOT NULL PRIMARY KEY, value TEXT",
}
_OWN_NAMES = frozenset({*_OWN, "locks"})
_ROOT_COMMENT = re.compile(r"/\* root (\S+) \*/")
_CONFIGURATION: dict[SideRecord, str] = {"version": "version", "key_label": "encryption_key_label"}


def create_own(connection: sqlite3.Connection) -> None:
    """Creates the tables that every store of ours has."""
    for name, columns in _OWN.items():
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")


def table_of(root: str) -> str:
    """The table of a root that was admitted."""
    if root == NATURAL:
        return "diego_kv"
    parsed = parse_root(root)
    if parsed is None or parsed.attempt is None:
        message = f"{root!a} is no name of a root"
        raise ValueError(message)
    return f"{'diego_records' if parsed.ours else 'diego_kv'}__{parsed.attempt.replace('-', '_')}"


def tables(connection: sqlite3.Connection) -> dict[str, str]:
    """All tables, name to CREATE statement, SQLite's own left out."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    return {name: sql for name, sql in rows if not name.startswith("sqlite_")}


def roots_and_foreign(present: dict[str, str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The roots that have a table, and the tables that are nobody's of ours."""
    roots, foreign = set(), []
    for name, sql in present.items():
        named = _ROOT_COMMENT.search(sql)
        if named and parse_root(named[1]) and table_of(named[1]) == name:
            roots.add(named[1])
        elif name not in _OWN_NAMES:
            foreign.append(name)
    return frozenset(roots), tuple(sorted(foreign))


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
        row = _CONFIGURATION[name]
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
