"""Messages as JSON by the names of the real BBS, and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from bbs.interchange.canonical import canonical_data
from bbs.interchange.lines import export_line, import_records, record_text
from bbs.interchange.wire_fields import bytes_field, number_field
from bbs.models.records import Kind, Record
from bbs.wire.actual_lrp_pb2 import ActualLRP
from tests.interchange.real_records import REAL_RECORDS
from tests.layouts.record_strategies import ODD, records

REAL = pytest.mark.parametrize("record", REAL_RECORDS, ids=lambda record: f"{record.kind.value}-{record.key[:20]}")


@REAL
def test_a_real_record_is_known_to_the_last_field_and_comes_back(record: Record) -> None:
    assert "_unknown" not in record_text(record)
    (back,) = import_records([export_line(record)])
    assert canonical_data(record.kind, back.data) == canonical_data(record.kind, record.data)


@given(records(ODD))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_record_comes_back_from_its_line_whole(record: Record) -> None:
    line = export_line(record)
    json.loads(line)
    assert line.count(b"\n") == 1
    (back,) = import_records([line])
    assert (back.kind, back.key, back.deadline) == (record.kind, record.key, record.deadline)
    assert canonical_data(record.kind, back.data) == canonical_data(record.kind, record.data)
    assert export_line(back) == line


def test_a_running_lrp_reads_as_the_go_server_writes_it() -> None:
    data = ActualLRP(state="RUNNING", since=1795212861138572230, presence=ActualLRP.EVACUATING, routable=False)
    data.actual_lrp_key.process_guid = "pg-1"
    data.actual_lrp_net_info.address = "10.0.7.194"
    record = Record(Kind.ACTUAL_LRPS, "pg-1/0/evacuating", data.SerializeToString(), 1795212861138572231)
    assert json.loads(record_text(record)) == {
        "process_guid": "pg-1", "index": 0, "domain": "", "instance_guid": "", "cell_id": "", "address": "10.0.7.194",
        "ports": None, "preferred_address": "UNKNOWN", "crash_count": 0, "state": "RUNNING",
        "since": 1795212861138572230, "modification_tag": {"epoch": "", "index": 0}, "presence": "EVACUATING",
        "OptionalRoutable": {"routable": False}, "availability_zone": "", "deadline": 1795212861138572231,
    }  # fmt: skip


def test_what_the_go_server_always_writes_is_written_even_when_empty() -> None:
    lines = [b'{"kind":"actual_lrps","key":"pg-1/0/ordinary","record":{"process_guid":"pg-1"}}']
    (record,) = import_records(lines)
    assert record.data == bytes.fromhex("0a060a0470672d31") + b"\x12\x00\x1a\x00\x4a\x00"


def test_a_route_keeps_its_spacing_and_order() -> None:
    document = b'{"b" : [1,  2], "a":1.50}'
    data = bytes_field(1, b"pg-1") + bytes_field(15, bytes_field(1, bytes_field(1, b"r") + bytes_field(2, document)))
    (back,) = import_records([export_line(Record(Kind.DESIRED_LRPS, "pg-1", data))])
    assert document in back.data
    assert document.decode() in record_text(back)


def test_what_json_cannot_say_is_kept_as_wire_bytes() -> None:
    odd = bytes_field(19, b"\xff") + bytes_field(999, b"new") + number_field(7, 1)
    record = Record(Kind.DESIRED_LRPS, "pg-1", bytes_field(1, b"pg-1") + odd)
    (back,) = import_records([export_line(record)])
    assert json.loads(record_text(record))["_unknown"]
    assert canonical_data(record.kind, back.data) == canonical_data(record.kind, record.data)
