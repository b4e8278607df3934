"""One commit as statements: the fence, which is the anchor's own change, and everything that depends on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bbs.layouts.contract import Row
from bbs.stores import sql_upstream
from bbs.stores.admission import key_bytes
from bbs.stores.anchor import Anchor, encode_anchor
from bbs.stores.contract import Commit, DeleteIntent, DeleteRange, DeleteRow, DropRoot, PutRow, Write
from bbs.stores.fence import side_records
from bbs.stores.sql_dialect import Dialect
from bbs.stores.sql_names import ANCHOR, CONFIGURATION, CONFIGURATIONS, INTENT, TOUCHED, in_tables, table_of, tables_of
from bbs.stores.sql_session import Statement


@dataclass(slots=True)
class _Changes:
    puts: list[Row] = field(default_factory=list)
    deletes: list[str] = field(default_factory=list)
    ranges: list[tuple[str, str]] = field(default_factory=list)


def replace_anchor(expected: Anchor, anchor: Anchor) -> Statement:
    """Changes one row if the stored fence is that of `expected`, none otherwise."""
    return Statement(
        f"UPDATE {ANCHOR} SET epoch = ?, seq = ?, value = ? WHERE id = 1 AND epoch = ? AND seq = ?",
        (*anchor.fence, encode_anchor(anchor), *expected.fence),
    )


def insert_anchor(dialect: Dialect, anchor: Anchor) -> Statement:
    """Adds one row if there is no anchor, none otherwise."""
    epoch, seq = anchor.fence
    return dialect.insert_new(
        ANCHOR, {"id": 1}, {"epoch": epoch, "seq": seq, "backend": "", "value": encode_anchor(anchor)}
    )


def sides(dialect: Dialect, before: Anchor | None, after: Anchor) -> Iterator[Statement]:
    """The user-readable records that change with the anchor."""
    for name, value in side_records(before, after):
        row = CONFIGURATION[name]
        if value is None:
            yield dialect.delete_where(CONFIGURATIONS, "id = ?", row)
        else:
            yield dialect.upsert(CONFIGURATIONS, {"id": row}, {"value": value.decode()})


def new_roots(writes: Iterable[Write], present: frozenset[str]) -> list[str]:
    """Roots that get their first row here."""
    return sorted({w.root for w in writes if isinstance(w, PutRow) and not present.issuperset(tables_of(w.root))})


def dropped_tables(writes: Iterable[Write], present: frozenset[str]) -> list[str]:
    """Tables that go with their roots."""
    return sorted({table for w in writes if isinstance(w, DropRoot) for table in tables_of(w.root)} & present)


def dependent(dialect: Dialect, commit: Commit, present: frozenset[str]) -> list[Statement]:
    """Everything that the commit writes besides the anchor. `present`: the tables that are there."""
    found = list(sides(dialect, commit.expected, commit.anchor))
    if commit.touched is not None:
        found.append(dialect.upsert(TOUCHED, {"id": 1}, {"value": commit.touched}))
    changes: dict[str, _Changes] = defaultdict(_Changes)
    for write in commit.writes:
        match write:
            case PutRow(root, row):
                changes[root].puts.append(row)
            case DeleteRow(root, key):
                changes[root].deletes.append(key)
            case DeleteRange(root, first, last):
                changes[root].ranges.append((first, last))
            case DeleteIntent(name):
                found.append(dialect.delete_where(INTENT, "name = ?", key_bytes(name)))
            case DropRoot():
                pass  # its table goes before: no engine but PostgreSQL could take that back
    for root, changed in changes.items():
        if present.issuperset(tables_of(root)):
            found += (_of_upstream if in_tables(root) else _of_table)(dialect, root, changed)
    return found


def _of_upstream(dialect: Dialect, root: str, changes: _Changes) -> Iterator[Statement]:
    for first, last in changes.ranges:
        yield from sql_upstream.delete_range(dialect, root, first, last)
    yield from sql_upstream.delete(dialect, root, changes.deletes)
    yield from sql_upstream.put(dialect, root, changes.puts)


def _of_table(dialect: Dialect, root: str, changes: _Changes) -> Iterator[Statement]:
    table = table_of(root)
    for first, last in changes.ranges:
        bounds = key_bytes(first), key_bytes(last)
        yield dialect.delete_where(table, f"{dialect.key} >= ? AND {dialect.key} <= ?", *bounds)
    if changes.deletes:
        yield from dialect.delete_rows(table, [key_bytes(key) for key in changes.deletes])
    if changes.puts:
        yield from dialect.put_rows(table, changes.puts)
