"""Databases that real Go BBSes wrote are read, answered and written as they were."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from google.protobuf.message import Message

from bbs.interchange.lines import export_digest
from bbs.interchange.wire_fields import fields, without
from bbs.layouts.contract import Row
from bbs.layouts.registry import layouts
from bbs.layouts.upstream_tables import TABLES, decode, tables
from bbs.models.index import indexed
from bbs.models.records import Kind, Record
from bbs.wire import actual_lrp_pb2, core_pb2, desired_lrp_pb2, task_pb2
from tests.layouts.upstream_databases import (
    ANSWERED,
    CIPHER,
    DATABASES,
    Answer,
    answers,
    database,
    decoded,
    records,
    rows,
)
from tests.models.board import BY_PATH, Board

NEWEST = layouts()[1772581987]
OURS = layouts()[4000000001]
EACH = pytest.mark.parametrize("name", DATABASES)
MESSAGES = ("run_info", "volume_placement", "net_info", "task_definition")
DOCUMENTS = ("routes", "metric_tags", "internal_routes")
RESPONSES: dict[str, type[Message]] = {
    "/v1/domains/list": core_pb2.DomainsResponse,
    "/v1/desired_lrps/": desired_lrp_pb2.DesiredLRPsResponse,
    "/v1/desired_lrp_scheduling_infos/": desired_lrp_pb2.DesiredLRPSchedulingInfosResponse,
    "/v1/desired_lrp_routing_infos/": desired_lrp_pb2.DesiredLRPsResponse,
    "/v1/actual_lrps/": actual_lrp_pb2.ActualLRPsResponse,
    "/v1/actual_lrp_groups/": actual_lrp_pb2.ActualLRPGroupsResponse,
    "/v1/tasks/": task_pb2.TasksResponse,
}


@EACH
def test_every_row_is_a_record(name: str) -> None:
    counted = Counter(table for table, _ in database(name) if table in TABLES)
    assert Counter(record.kind.value for record in records(name)) == counted
    assert min(counted.values()) >= 4


def answered(board: Board, answer: Answer) -> bytes:
    route = BY_PATH[answer.path]
    assert route.kind == "query"
    return route.handle(answer.request, board.records, board.context)


def normal(path: str, body: bytes) -> list[bytes]:
    """The frames of an answer in no order, maps sorted; ports too, whose order the real server leaves to chance."""
    kind = next(kind for prefix, kind in RESPONSES.items() if path.startswith(prefix))
    frames = [kind.FromString(raw) for _, _, _, raw in fields(body)]
    for lrp in (lrp for frame in frames for lrp in getattr(frame, "desired_lrps", ())):
        lrp.ports.sort()
    return sorted(frame.SerializeToString(deterministic=True) for frame in frames)


@pytest.mark.parametrize("name", ANSWERED)
def test_they_are_answered_as_the_real_server_answered(name: str) -> None:
    board = Board()
    board.records.entries_by_key = {(record.kind, record.key): indexed(record) for record in records(name)}
    recorded = answers(name)
    for answer in recorded:
        assert normal(answer.path, answered(board, answer)) == normal(answer.path, answer.response), answer.path
    assert len(recorded) >= 6


def opened(columns: dict[str, Any]) -> dict[str, Any]:
    """Columns in the clear. The creation time in the run info, and the metric tags that older versions kept there,
    belong to no record; lists and maps of nothing have two spellings."""
    clear = dict(columns)
    for name, value in columns.items():
        if name in MESSAGES + DOCUMENTS and value is not None:
            clear[name] = CIPHER.open(value.encode())
        if name in ("internal_routes", "metric_tags") and clear[name] in (None, b"null", b"[]", b"{}"):
            clear[name] = b""
    if "run_info" in clear:
        clear["run_info"] = clear["run_info"][:2] + without(without(clear["run_info"][2:], 13), 25)
    return clear


@pytest.mark.parametrize("name", [name for name, version in DATABASES.items() if version == 1772581987])
def test_an_unchanged_record_is_written_as_it_was(name: str) -> None:
    cloned = name == "postgresql-1772581987"
    for row in rows(name):
        (written,) = NEWEST.encode(decoded(1772581987, row), CIPHER)
        before, after = opened(decode(row.value)), opened(decode(written.value))
        if cloned and "run_info" in before:
            # These were multiplied in the database: their run infos name the one they were made from.
            before["run_info"], after["run_info"] = (without(one["run_info"][2:], 1) for one in (before, after))
        assert (written.key, after) == (row.key, before)


def test_a_database_in_the_middle_of_a_rotation_is_read_with_both_keys_and_written_with_the_active_one() -> None:
    def labels(found: list[Row]) -> frozenset[str]:
        return frozenset().union(*map(NEWEST.sealed_with, found))

    before = rows("postgresql-1772581987-rotating")
    assert labels(before) == {"key1", "key2"}
    assert labels([NEWEST.encode(decoded(1772581987, row), CIPHER)[0] for row in before]) == {"key1"}
    assert export_digest(records("postgresql-1772581987-rotating")) == export_digest(
        records("postgresql-1772581987-key1")
    )


def through(record: Record, layout: Any) -> Record:
    (row,) = layout.encode(record, CIPHER)
    found: Record = layout.decode(record.kind, record.key, [row], CIPHER)
    return found


@EACH
def test_they_go_to_our_layout_and_to_the_newest_upstream_and_nothing_is_lost(name: str) -> None:
    found = records(name)
    assert [loss for record in found if (loss := NEWEST.loses(record))] == []
    there = [through(record, OURS) for record in found]
    back = [through(record, NEWEST) for record in there]
    assert export_digest(found) == export_digest(there) == export_digest(back)


def test_reading_an_old_database_gives_what_upstreams_own_migrations_made_of_it() -> None:
    """1772581987 came from 1676360874 by the real server: tags out of the run info, what ran is routable."""
    assert export_digest(records("postgresql-1676360874")) == export_digest(records("postgresql-1772581987"))


def test_the_key_of_a_row_gives_the_columns_of_its_primary_key() -> None:
    for name, version in DATABASES.items():
        for row in rows(name):
            table = tables(version)[row.key.partition("/")[0]]
            columns = decode(row.value)
            assert table.key_values(row.key) == tuple(columns[column] for column in table.key)


def test_every_kind_of_record_has_its_table() -> None:
    assert set(TABLES) == {kind.value for kind in Kind}
