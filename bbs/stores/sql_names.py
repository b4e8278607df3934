"""Names in a relational store: tables, rows of `configurations`, and how much one commit may carry.

The same on SQLite, PostgreSQL and MySQL. A root's rows are one table: `diego_kv` (natural root), `diego_kv__<attempt>`
(etcd-era layouts), `diego_records__<attempt>` (ours). A table's name lacks the version, so the table carries the root's
whole name as a comment, each engine in its own way. Source: docs/reference/store-sqlite.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from bbs.stores.contract import Limits
from bbs.stores.fence import SideRecord
from bbs.stores.roots import NATURAL, parse_root

LIMITS = Limits(operations=2000, payload_bytes=4_000_000, key_bytes=1024)

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


def roots_and_foreign(present: Mapping[str, str | None]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The roots that have a table, and the tables that are nobody's of ours. `present`: table to the root it names."""
    roots, foreign = set(), []
    for name, root in present.items():
        if root is not None and parse_root(root) and table_of(root) == name:
            roots.add(root)
        elif name not in OWN:
            foreign.append(name)
    return frozenset(roots), tuple(sorted(foreign))
