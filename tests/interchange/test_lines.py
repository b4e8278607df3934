"""Export files: sorted, the same for the same content, accepted whole or refused with the line."""

from __future__ import annotations

import random
from hashlib import sha256

import pytest

from bbs.interchange.generation import generate
from bbs.interchange.lines import BadLine, Unexportable, export_digest, export_lines, import_records, summarize
from bbs.models.records import Kind, Record

SEEDS = list(generate(80, seed=3, inert=False))
GOOD = b'{"kind":"domains","key":"d","record":{"domain":"d","deadline":null}}'
TASK = b'{"kind":"tasks","key":"t","record":%s}'


def test_an_export_does_not_depend_on_the_order_of_the_records() -> None:
    shuffled = random.Random(1).sample(SEEDS, len(SEEDS))
    assert list(export_lines(shuffled)) == list(export_lines(SEEDS))


def test_lines_are_sorted_by_kind_and_key() -> None:
    read = [(record.kind.value, record.key) for record in import_records(export_lines(SEEDS))]
    assert read == sorted(read)


def test_an_import_of_an_export_exports_the_same_bytes() -> None:
    assert export_digest(import_records(export_lines(SEEDS))) == export_digest(SEEDS)


def test_the_summary_is_that_of_the_file() -> None:
    lines = list(export_lines(SEEDS))
    summary = summarize(SEEDS)
    tasks = [line for line in lines if line.startswith(b'{"kind":"tasks"')]
    assert summary.sha256 == sha256(b"".join(lines)).hexdigest()
    assert summary.sha256_of_kinds["tasks"] == sha256(b"".join(tasks)).hexdigest()
    assert (sum(summary.counts.values()), summary.counts["tasks"]) == (80, len(tasks))


def test_a_key_that_is_not_utf8_comes_back() -> None:
    record = Record(Kind.DOMAINS, b"caf\xe9".decode("utf-8", "surrogateescape"), b"", 5)
    assert list(import_records(export_lines([record]))) == [record]


def test_empty_lines_are_skipped() -> None:
    assert [record.key for record in import_records([b"\n", GOOD + b"\r\n", b""])] == ["d"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"[]", "list found"),
        (GOOD + b"x", "more text"),
        (b"\xff", "not UTF-8"),
        (b'{"kind":"domains","key":"d"}', "kind, key, record wanted"),
        (b'{"kind":"locks","key":"d","record":{}}', "'locks'"),
        (b'{"kind":"domains","key":"","record":{}}', "key: text wanted"),
        (b'{"kind":"domains","key":"d","record":{"domain":"e","deadline":null}}', "its key 'd'"),
        (b'{"kind":"domains","key":"d","record":{"domain":"d","deadline":-1}}', "deadline"),
        (b'{"kind":"domains","key":"d","record":{"domain":"d","deadline":1.5}}', "deadline"),
        (TASK % b"[]", "an object wanted"),
        (TASK % b'{"task_guid":"u"}', "'t' holds 'u'"),
        (TASK % b'{"task_guid":"t","colour":1}', "Task has no member 'colour'"),
        (TASK % b'{"task_guid":"t","rejection_count":"1"}', "rejection_count: a number"),
        (TASK % b'{"task_guid":"t","rejection_count":2147483648}', "rejection_count: a number"),
        (TASK % b'{"task_guid":"t","failed":1}', "failed: true or false"),
        (TASK % b'{"task_guid":"t","state":"Lost"}', "state: one of Invalid, Pending"),
        (TASK % b'{"task_guid":"t","env":{}}', "env: a list wanted"),
        (TASK % b'{"task_guid":"t","result":"\\ud800"}', "surrogate"),
        (TASK % b'{"task_guid":"t","_unknown":"?"}', "_unknown"),
        (GOOD, "there twice"),
        (b'{"kind":"actual_lrps","key":"pg","record":{}}', "no key of an actual LRP"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_reason(line: bytes, reason: str) -> None:
    with pytest.raises(BadLine) as refused:
        list(import_records([GOOD, b"", line]))
    assert refused.value.number == 3
    assert reason in refused.value.reason


def test_a_record_that_is_no_message_is_not_exported_silently() -> None:
    with pytest.raises(Unexportable, match="'pg-1'"):
        list(export_lines([Record(Kind.DESIRED_LRPS, "pg-1", b"\x0a\xff")]))
