"""What is read out of a version record, and what is refused to be guessed from one."""

from __future__ import annotations

import pytest

from bbs.migration.decide import Hold, Identity, Serve, ShutDown, decide, parse_version_record
from bbs.stores.anchor import Version
from bbs.stores.contract import Survey
from tests.migration.stores_found import AHEAD, MIDDLE, NEW, OLD, able, decided, held_by


@pytest.mark.parametrize(
    ("record", "version"),
    [
        (b'{"CurrentVersion":5,"TargetVersion":5}', Version(5)),
        (b'{"CurrentVersion":5,"TargetVersion":7}', Version(5, 7)),
        (b'{ "TargetVersion": 7,\n "CurrentVersion": 5 }', Version(5, 7)),
        (b'{"CurrentVersion":5}', Version(5)),
        (b'{"CurrentVersion":5,"TargetVersion":null}', Version(5)),
        (b'{"CurrentVersion":0,"TargetVersion":7}', Version(0, 7)),
    ],
)
def test_one_and_two_field_records_are_read(record: bytes, version: Version) -> None:
    assert parse_version_record(record) == version


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"{}",
        b"17",
        b"null",
        b"[1]",
        b'"5"',
        b"{",
        b"\xff\xfe",
        b'{"TargetVersion":7}',
        b'{"CurrentVersion":null}',
        b'{"CurrentVersion":"5"}',
        b'{"CurrentVersion":-1}',
        b'{"CurrentVersion":true}',
        b'{"CurrentVersion":5.0}',
        b'{"CurrentVersion":9223372036854775808}',
        b'{"CurrentVersion":5,"TargetVersion":"7"}',
        b'{"CurrentVersion":5,"TargetVersion":-7}',
    ],
)
def test_a_malformed_record_shuts_down_and_is_shown(record: bytes) -> None:
    decision = decide(None, Survey(frozenset({"v1"}), record, None), Identity(), able())
    assert isinstance(decision, ShutDown)
    assert decision.code == "MalformedVersion"
    assert record[:20].decode("utf-8", "backslashreplace") in decision.message


def test_a_target_without_a_current_version_is_malformed_not_zero() -> None:
    found = parse_version_record(b'{"TargetVersion":7}')
    assert isinstance(found, str)
    assert "CurrentVersion" in found


def test_a_version_above_all_that_is_read_is_newer() -> None:
    decision = decided(held_by(AHEAD), able())
    assert isinstance(decision, ShutDown)
    assert decision.code == "NewerLayout"
    assert str(AHEAD) in decision.message
    assert str(NEW) in decision.message


def test_a_version_between_those_that_are_read_is_unknown() -> None:
    decision = decided(held_by(MIDDLE - 1), able())
    assert isinstance(decision, ShutDown)
    assert decision.code == "UnknownLayout"


def test_an_unknown_current_version_is_not_touched_whatever_is_wanted() -> None:
    decision = decided(held_by(MIDDLE - 1, wanted=NEW, generation=4), able(managed=True))
    assert isinstance(decision, ShutDown)


def test_a_source_only_layout_is_held_until_a_target_is_set_when_managed() -> None:
    can = able(NEW, reads=frozenset({MIDDLE}), managed=True)
    decision = decided(held_by(MIDDLE), can)
    assert isinstance(decision, Hold)
    assert decision.code == "TargetNotSet"
    assert str(NEW) in decision.remedy


def test_managed_without_a_wanted_record_serves_what_is_stored() -> None:
    assert decided(held_by(OLD), able(managed=True)) == Serve(OLD)
