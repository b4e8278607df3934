"""What ends when: deadlines beside the rows of the etcd era, and inside ours."""

from __future__ import annotations

import pytest

from bbs.encryption import PlainCipher
from bbs.interchange.wire_fields import bytes_field, number_field
from bbs.layouts.contract import Layout, Row, Unrepresentable
from bbs.layouts.registry import layouts, served
from bbs.models.records import NEVER, Kind, Presence, Record, actual_lrp_key

EACH = pytest.mark.parametrize(
    "layout", [layouts()[version] for version in served()], ids=lambda layout: str(layout.version)
)
ERA = pytest.mark.parametrize(
    "layout", [layout for layout in layouts().values() if layout.natural_root == "v1"], ids=lambda one: str(one.version)
)
CIPHER = PlainCipher()
EVACUATING = Record(
    Kind.ACTUAL_LRPS,
    actual_lrp_key("pg-1", 0, Presence.EVACUATING),
    bytes_field(1, bytes_field(1, b"pg-1")) + number_field(10, 1),
)
LAPSING = [Record(Kind.DOMAINS, "cf-apps", b""), EVACUATING]


@EACH
@pytest.mark.parametrize("deadline", [NEVER, 1, 1_800_000_000_000_000_000])
@pytest.mark.parametrize("record", LAPSING, ids=lambda record: record.kind.value)
def test_a_deadline_and_its_absence_come_back(layout: Layout, record: Record, deadline: int) -> None:
    rows = layout.encode(Record(record.kind, record.key, record.data, deadline), CIPHER)
    assert layout.decode(record.kind, record.key, rows, CIPHER).deadline == deadline


@ERA
@pytest.mark.parametrize("record", LAPSING, ids=lambda record: record.kind.value)
def test_what_is_adopted_without_a_deadline_has_lapsed_and_is_never_permanent(layout: Layout, record: Record) -> None:
    (row,) = layout.encode(record, CIPHER)
    assert layout.decode(record.kind, record.key, [Row(row.key, row.value)], CIPHER).deadline == 1


@ERA
def test_a_domain_whose_empty_value_was_encrypted_is_read(layout: Layout) -> None:
    row = Row("domain/cf-apps", CIPHER.seal(b""), 5)
    assert layout.decode(Kind.DOMAINS, "cf-apps", [row], CIPHER) == Record(Kind.DOMAINS, "cf-apps", b"", 5)


@EACH
def test_a_deadline_beyond_int64_is_refused(layout: Layout) -> None:
    with pytest.raises(Unrepresentable):
        layout.encode(Record(Kind.DOMAINS, "cf-apps", b"", 1 << 63), CIPHER)
