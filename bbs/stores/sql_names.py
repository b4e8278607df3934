"""Names in a relational store: tables, rows of `configurations`, and how much one commit may carry.

The same on SQLite, PostgreSQL and MySQL. A root's rows are one table: `diego_kv` (natural root), `diego_kv__<attempt>`
(etcd-era layouts), `diego_records__<attempt>` (ours); those of upstream's relational layouts are four where upstream
had them, `desired_lrps` and so on (root `tables`) or `desired_lrps__<attempt>`. A table's name lacks the version, so
the table carries the root's whole name as a comment, each engine in its own way. Source: docs/reference/store-sql.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from bbs.layouts.upstream_tables import OTHERS
from bbs.layouts.upstream_tables import TABLES as UPSTREAM
from bbs.stores.contract import Limits
from bbs.stores.fence import SideRecord
from bbs.stores.roots import NATURAL, TABLES, Shape, parse_root

LIMITS = Limits(operations=2000, payload_bytes=4_000_000, key_bytes=1280, row_bytes=4_000_000)

ANCHOR = "diego_anchor"
LIVENESS = "diego_liveness"
TOUCHED = "diego_touched"
INTENT = "diego_intent"
CONFIGURATIONS = "configurations"
LOCKS = "locks"
OWN = frozenset({ANCHOR, LIVENESS, TOUCHED, INTENT, CONFIGURATIONS, LOCKS})

CONFIGURATION: dict[SideRecord, str] = {"version": "version", "key_label": "encryption_key_label"}
"""The rows of `configurations`, by upstream's names."""

PAGE_ROWS = 2000
PAGE_BYTES = 4_000_000
"""A page of a scan ends with the row that passes either bound."""


def table_of(root: str) -> str:
    """The table of a root that was admitted."""
    if root == NATURAL:
        return "diego_kv"
    parsed = parse_root(root)
    if parsed is None or parsed.attempt is None:
        message = f"{root!a} is no name of a root"
        raise ValueError(message)
    return f"{'diego_records' if parsed.ours else 'diego_kv'}__{parsed.attempt.replace('-', '_')}"


def upstream_name(root: str, table: str) -> str:
    """The name of one of upstream's tables below a root of their shape."""
    parsed = parse_root(root)
    suffix = "" if parsed is None or parsed.attempt is None else f"__{parsed.attempt.replace('-', '_')}"
    return table + suffix


def in_tables(root: str) -> bool:
    """Whether a root's rows are rows of upstream's tables."""
    parsed = parse_root(root)
    return parsed is not None and parsed.shape is Shape.TABLES


def tables_of(root: str) -> tuple[str, ...]:
    """All tables of a root that was admitted."""
    return tuple(upstream_name(root, table) for table in UPSTREAM) if in_tables(root) else (table_of(root),)


def roots_and_foreign(
    present: Mapping[str, str | None], *, upstream: bool = True
) -> tuple[frozenset[str], tuple[str, ...]]:
    """The roots that have a table, and the tables that are nobody's of ours. `present`: table to the root it names.
    `upstream`: whether upstream ever kept records in this engine.
    """
    roots, foreign = set(), []
    for name, root in present.items():
        if root is not None and parse_root(root) and name in (tables_of(root) if upstream else (table_of(root),)):
            roots.add(root)
        elif upstream and name in UPSTREAM:
            roots.add(TABLES)
        elif name not in OWN and not (upstream and name in OTHERS):
            foreign.append(name)
    return frozenset(roots), tuple(sorted(foreign))
