"""Every data version of the relational era is read: what a column that it lacks would say is not in its records.

Recorded rows of 1772581987 are written back to what each older version would have held.
"""

from __future__ import annotations

from typing import Any

import pytest

from bbs.encryption.envelope import PROTOBUF_ENVELOPE
from bbs.interchange.digest import records_equal
from bbs.interchange.wire_fields import bytes_field, fields, last_number, number_field, text_at, without
from bbs.layouts.contract import Row, Undecodable
from bbs.layouts.registry import layouts
from bbs.layouts.upstream_tables import PRESENCE, ROUTES_SEALED, TAGS_APART, decode, tables
from bbs.models.records import Kind, Record
from tests.layouts.test_registry import RELATIONAL_ERA
from tests.layouts.upstream_databases import CIPHER, decoded, rows

NEWEST = 1772581987
FOUND = rows("mysql-1772581987-key1")
EACH = pytest.mark.parametrize("version", RELATIONAL_ERA)
FIELDS = {
    ("desired_lrps", "placement_tags"): 28,
    ("desired_lrps", "max_pids"): 29,
    ("desired_lrps", "update_strategy"): 39,
    ("actual_lrps", "internal_routes"): 11,
    ("actual_lrps", "metric_tags"): 12,
    ("actual_lrps", "availability_zone"): 14,
    ("tasks", "rejection_count"): 12,
    ("tasks", "rejection_reason"): 13,
}
"""Columns that came later, and the fields that only they hold."""


def as_then(version: int, row: Row, record: Record) -> Row | None:
    """The row as that version would have held it; None for what it had no place for."""
    columns: dict[str, Any] = dict(decode(row.value))
    if version < PRESENCE and "presence" in columns:
        if columns["presence"] > 1:
            return None
        columns["evacuating"] = columns["presence"] == 1
    if version < ROUTES_SEALED and "routes" in columns:
        columns["routes"] = CIPHER.open(columns["routes"].encode()).decode()
    if version < TAGS_APART and "run_info" in columns:
        tags = (value for number, _, value, _ in fields(record.data) if number == 35)
        run = CIPHER.open(columns["run_info"].encode())[len(PROTOBUF_ENVELOPE) :]
        run += b"".join(bytes_field(25, tag) for tag in tags if isinstance(tag, bytes))
        columns["run_info"] = CIPHER.seal(PROTOBUF_ENVELOPE + run).decode()
    return tables(version)[row.key.partition("/")[0]].row(columns)


def without_later(version: int, record: Record) -> Record:
    """The record less what that version had no column for."""
    data = record.data
    present = {column.name for column in tables(version)[record.kind.value].columns}
    for (table, column), number in FIELDS.items():
        if table == record.kind.value and column not in present:
            data = without(data, number)
    if record.kind is Kind.ACTUAL_LRPS and "routable" not in present:
        data = without(data, 13) + number_field(13, text_at(data, 6) == b"RUNNING")
    return Record(record.kind, record.key, data, record.deadline)


@EACH
def test_its_rows_are_records(version: int) -> None:
    read = 0
    for row in FOUND:
        record = decoded(NEWEST, row)
        then = as_then(version, row, record)
        if then is not None:
            assert records_equal(decoded(version, then), without_later(version, record)), row.key
            read += 1
    suspects = sum(row.key.startswith("actual_lrps/") and row.key.endswith("/2") for row in FOUND)
    assert read == len(FOUND) - (suspects if version < PRESENCE else 0)


@pytest.mark.parametrize("version", [version for version in RELATIONAL_ERA if version < PRESENCE])
def test_before_there_was_a_presence_evacuating_says_which_lrp_it_is_and_when_it_ends(version: int) -> None:
    row = next(row for row in FOUND if row.key.startswith("actual_lrps/") and row.key.endswith("/1"))
    columns = {**decode(row.value), "evacuating": True, "expire_time": 1_500_000_000_000_000_000}
    then = tables(version)["actual_lrps"].row(columns)
    record = decoded(version, then)
    assert (then.key, record.key.rpartition("/")[2]) == (row.key, "evacuating")
    assert (last_number(record.data, 10), record.deadline) == (1, 1_500_000_000_000_000_000)


def test_there_was_no_place_for_suspects_before_the_presence() -> None:
    assert layouts()[1528928964].locate("actual_lrps/pg-1/0/2") is None
    assert layouts()[1529530809].locate("actual_lrps/pg-1/0/2") == (Kind.ACTUAL_LRPS, "pg-1/0/suspect")


@pytest.mark.parametrize("column", ["run_info", "routes", "metric_tags"])
def test_a_sealed_column_that_can_not_be_opened_makes_the_record_unreadable_and_is_named(column: str) -> None:
    row = next(row for row in FOUND if row.key.startswith("desired_lrps/"))
    broken = tables(NEWEST)["desired_lrps"].row({**decode(row.value), column: "02AQ=="})
    with pytest.raises(Undecodable, match=f"column {column}"):
        decoded(NEWEST, broken)


@pytest.mark.parametrize("expire_time", [0, None])
def test_a_domain_whose_end_nobody_knows_is_stale_and_never_permanent(expire_time: int | None) -> None:
    row = tables(NEWEST)["domains"].row({"domain": "d", "expire_time": expire_time})
    assert decoded(NEWEST, row).deadline == 1
