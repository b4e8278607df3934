"""What lies in a store, byte for byte, at each data version."""

from __future__ import annotations

import json

import pytest

from bbs.encryption import Keyring, KeyringCipher, PlainCipher
from bbs.interchange.wire_fields import bytes_field, number_field
from bbs.layouts.contract import Row, Undecodable
from bbs.layouts.registry import layouts
from bbs.models.records import Kind, Presence, Record, actual_lrp_key

CIPHER = PlainCipher()
START_TIMEOUT = number_field(27, 60_000)
DESIRED = Record(
    Kind.DESIRED_LRPS,
    "pg-1",
    bytes_field(1, b"pg-1")
    + bytes_field(2, b"d1")
    + number_field(12, 5)
    + number_field(13, 1)
    + bytes_field(17, b"lg"),
)
TIMED = Record(DESIRED.kind, DESIRED.key, DESIRED.data + START_TIMEOUT)


def test_the_run_info_of_the_milliseconds_version_has_the_documented_bytes() -> None:
    """docs/reference/encryption.md: RunInfo{key {pg-1, d1, lg}, privileged, cpu_weight 5, start_timeout_ms 60000}."""
    rows = {row.key: row.value for row in layouts()[1451635200].encode(TIMED, CIPHER)}
    plain = CIPHER.open(rows["desired_lrp/run/pg-1"])
    assert sorted(plain[2:]) == sorted(bytes.fromhex("0a0e0a0470672d31120264311a026c67380140059801e0d403"))
    read = layouts()[1451635200].decode(
        Kind.DESIRED_LRPS,
        "pg-1",
        [
            Row("desired_lrp/run/pg-1", b"01AgAKDgoEcGctMRICZDEaAmxnOAFABZgB4NQD"),
            Row("desired_lrp/schedule/pg-1", rows["desired_lrp/schedule/pg-1"]),
        ],
        CIPHER,
    )
    assert read.data.endswith(START_TIMEOUT)


def test_before_that_version_the_run_info_holds_seconds() -> None:
    rows = {row.key: row.value for row in layouts()[1442529338].encode(TIMED, CIPHER)}
    assert CIPHER.open(rows["desired_lrp/run/pg-1"]).endswith(number_field(6, 60))


def test_version_0_is_bare_json_even_with_a_keyring() -> None:
    (row,) = layouts()[0].encode(TIMED, KeyringCipher(Keyring({"key1": "p"})))
    document = json.loads(row.value)
    assert row.key == "desired/pg-1"
    assert (document["process_guid"], document["cpu_weight"], document["privileged"]) == ("pg-1", 5, True)
    assert (document["deprecated_timeout_ns"], document["start_timeout_ms"]) == (60, 0)


def test_version_0_reads_what_any_encoding_of_its_time_holds() -> None:
    bare = b'{"task_guid":"t-1","domain":"d","action":{"timeout":{"timeout":1500000000}},"state":3}'
    read = [
        layouts()[version].decode(Kind.TASKS, "t-1", [Row("task/t-1", value)], CIPHER).data
        for version in (0, 1441411196)
        for value in (bare, b"00\x01\x00" + bare)
    ]
    definition = bytes_field(3, bytes_field(4, number_field(4, 1500)))
    assert {data.count(definition) for data in read} == {1}


@pytest.mark.parametrize(
    ("kind", "key", "rows"),
    [
        (Kind.DOMAINS, "cf-apps", ("domain/cf-apps",)),
        (Kind.DESIRED_LRPS, "pg-1", ("desired_lrp/schedule/pg-1", "desired_lrp/run/pg-1")),
        (Kind.TASKS, "t-1", ("task/t-1",)),
        (Kind.ACTUAL_LRPS, actual_lrp_key("pg-1", 2, Presence.ORDINARY), ("actual/pg-1/2/instance",)),
        (Kind.ACTUAL_LRPS, actual_lrp_key("pg-1", 2, Presence.EVACUATING), ("actual/pg-1/2/evacuating",)),
        (Kind.ACTUAL_LRPS, actual_lrp_key("pg-1", 2, Presence.SUSPECT), ()),
    ],
)
def test_the_keys_of_the_etcd_era(kind: Kind, key: str, rows: tuple[str, ...]) -> None:
    assert layouts()[1451635200].row_keys(kind, key) == rows
    assert {layouts()[1451635200].locate(row) for row in rows} <= {(kind, key)}


@pytest.mark.parametrize(
    "row",
    ["", "desired/pg-1", "actual/pg-1/1", "actual/pg-1/01/instance", "actual/pg-1/-1/instance", "task/", "x/y", "task"],
)
def test_rows_of_nobody_are_nobodys(row: str) -> None:
    assert layouts()[1451635200].locate(row) is None


def test_half_a_desired_lrp_is_unreadable_and_says_which_half_is_missing() -> None:
    schedule, _ = layouts()[1442529338].encode(DESIRED, CIPHER)
    with pytest.raises(Undecodable, match="desired_lrp/run/pg-1 missing"):
        layouts()[1442529338].decode(Kind.DESIRED_LRPS, "pg-1", [schedule], CIPHER)


def test_a_value_that_was_moved_under_another_key_is_unreadable() -> None:
    (row,) = layouts()[1441411196].encode(DESIRED, CIPHER)
    with pytest.raises(Undecodable, match="'pg-2' holds 'pg-1'"):
        layouts()[1441411196].decode(Kind.DESIRED_LRPS, "pg-2", [Row("desired/pg-2", row.value)], CIPHER)


def test_the_row_decides_the_presence_that_older_binaries_did_not_write() -> None:
    data = bytes_field(1, bytes_field(1, b"pg-1"))
    key = actual_lrp_key("pg-1", 0, Presence.EVACUATING)
    row = Row("actual/pg-1/0/evacuating", CIPHER.seal(b"\x02\x00" + data))
    assert layouts()[1451635200].decode(Kind.ACTUAL_LRPS, key, [row], CIPHER).data == data + number_field(10, 1)


def test_ours_is_one_sealed_row_under_kind_and_key() -> None:
    (row,) = layouts()[4000000001].encode(Record(Kind.DOMAINS, "with/slash", b"", 7), CIPHER)
    assert row == Row("domains/with/slash", CIPHER.seal(b"\x02\x00\x10\x07"), 7)
    assert layouts()[4000000001].locate(row.key) == (Kind.DOMAINS, "with/slash")
