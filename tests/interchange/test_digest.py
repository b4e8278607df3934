"""Digests are equal for equal content, and for nothing else."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings

from bbs.interchange.canonical import canonical_data
from bbs.interchange.digest import RecordDigest, content_digest, records_equal
from bbs.interchange.generation import generate
from bbs.interchange.wire_fields import bytes_field, fields, number_field
from bbs.models.records import Kind, Record
from tests.layouts.record_strategies import ODD, nested_action, records

GUID = bytes_field(1, b"pg-1")
TAGS = [bytes_field(35, bytes_field(1, key) + bytes_field(2, bytes_field(1, b"v"))) for key in (b"a", b"b", b"c")]


def desired(*parts: bytes) -> Record:
    return Record(Kind.DESIRED_LRPS, "pg-1", GUID + b"".join(parts))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (desired(*TAGS), desired(*reversed(TAGS))),
        (desired(number_field(4, 0)), desired()),
        (desired(bytes_field(14, b"\x01\x02")), desired(number_field(14, 1), number_field(14, 2))),
        (desired(bytes_field(15, b"")), desired()),
        (desired(bytes_field(7, b"\x1a\x04\x32\x00\x0a\x00")), desired(bytes_field(7, b"\x1a\x00"))),
    ],
    ids=["order of a map", "a written zero", "a packed list", "empty routes", "zeros inside an action"],
)
def test_two_ways_of_writing_the_same_are_equal(one: Record, other: Record) -> None:
    assert records_equal(one, other)


@pytest.mark.parametrize(
    "other",
    [
        desired(number_field(4, 1)),
        desired(bytes_field(7, b"")),
        desired(bytes_field(999, b"")),
        desired()._replace(deadline=1),
        desired()._replace(key="pg-2"),
        desired()._replace(kind=Kind.TASKS),
    ],
)
def test_another_content_key_kind_or_deadline_differs(other: Record) -> None:
    assert not records_equal(desired(), other)


@given(records(ODD))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_the_order_of_different_fields_does_not_matter(record: Record) -> None:
    parts: dict[int, bytes] = {}
    for number, _, _, raw in fields(record.data):
        parts[min(number, 900)] = parts.get(min(number, 900), b"") + raw
    shuffled = random.Random(0).sample(list(parts.values()), len(parts))
    assert records_equal(record, record._replace(data=b"".join(shuffled)))


def test_what_nests_too_deep_for_the_runtime_is_compared_all_the_same() -> None:
    deep = bytes_field(7, nested_action(70))
    assert records_equal(desired(deep, number_field(4, 1)), desired(number_field(4, 1), deep))
    assert not records_equal(desired(deep), desired(bytes_field(7, nested_action(71))))


def test_bytes_that_are_no_message_stand_for_themselves() -> None:
    assert canonical_data(Kind.TASKS, b"\x0a\xff") == b"\x0a\xff"


def test_a_sum_does_not_depend_on_the_order_but_on_every_record() -> None:
    seeds = list(generate(30, seed=1, inert=False))
    one, other = RecordDigest(), RecordDigest()
    for record in seeds:
        one.add(record)
    for record in reversed(seeds):
        other.add(record)
    assert one == other
    assert (one.count, len(one.value)) == (30, 64)
    other.remove(seeds[3])
    assert one != other
    other.add(seeds[3])
    assert one == other


def test_the_digest_of_a_record_is_32_bytes() -> None:
    assert len(content_digest(desired())) == 32
