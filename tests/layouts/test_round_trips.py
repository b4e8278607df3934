"""Every record comes back from every layout, or the layout says beforehand what it loses."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings

from bbs.encryption import Keyring, KeyringCipher, PlainCipher
from bbs.interchange.digest import records_equal
from bbs.interchange.generation import generate
from bbs.interchange.lines import export_digest
from bbs.interchange.wire_fields import bytes_field
from bbs.layouts.contract import Cipher, Layout, Unrepresentable
from bbs.layouts.registry import layouts, served
from bbs.models.records import Kind, Record
from tests.layouts.record_strategies import ODD, PLAIN, nested_action, records

LAYOUTS = [layouts()[version] for version in served()]
PLAIN_CIPHER = PlainCipher()
KEYRING_CIPHER = KeyringCipher(Keyring({"key1": "a secure passphrase"}))
EACH = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: str(layout.version))
RUN = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def through(layout: Layout, record: Record, cipher: Cipher) -> Record:
    rows = layout.encode(record, cipher)
    return layout.decode(record.kind, record.key, rows, cipher)


@EACH
@given(record=records(PLAIN))
@RUN
def test_what_a_layout_does_not_declare_lost_comes_back(layout: Layout, record: Record) -> None:
    if layout.loses(record) is None:
        assert records_equal(through(layout, record, KEYRING_CIPHER), record)


@EACH
@given(record=records(ODD))
@RUN
def test_odd_content_comes_back_too_or_is_declared_lost(layout: Layout, record: Record) -> None:
    loss = layout.loses(record)
    if loss is None:
        assert records_equal(through(layout, record, PLAIN_CIPHER), record)
    elif not loss.refused and layout.row_keys(record.kind, record.key):
        assert not records_equal(through(layout, record, PLAIN_CIPHER), record)


@EACH
@given(record=records(ODD))
@RUN
def test_a_refused_loss_and_a_failed_write_are_the_same_records(layout: Layout, record: Record) -> None:
    loss = layout.loses(record)
    if loss is None or not loss.refused:
        layout.encode(record, PLAIN_CIPHER)
    else:
        with pytest.raises(Unrepresentable):
            layout.encode(record, PLAIN_CIPHER)


@EACH
@given(record=records(ODD))
@RUN
def test_what_was_read_from_a_layout_is_never_lost_by_it(layout: Layout, record: Record) -> None:
    """Memory is what a reload would give: after one way through, nothing changes any more."""
    loss = layout.loses(record)
    if (loss is None or not loss.refused) and layout.row_keys(record.kind, record.key):
        once = through(layout, record, PLAIN_CIPHER)
        assert layout.loses(once) is None


@EACH
@given(record=records(ODD))
@RUN
def test_each_row_is_located_as_its_record_and_is_among_its_row_keys(layout: Layout, record: Record) -> None:
    loss = layout.loses(record)
    if loss is None or not loss.refused:
        rows = layout.encode(record, PLAIN_CIPHER)
        assert tuple(row.key for row in rows) == layout.row_keys(record.kind, record.key)
        assert {layout.locate(row.key) for row in rows} <= {(record.kind, record.key)}


@pytest.mark.parametrize(
    ("source", "target"), list(product(LAYOUTS, LAYOUTS)), ids=lambda layout: str(getattr(layout, "version", layout))
)
@pytest.mark.parametrize("cipher", [PLAIN_CIPHER, KEYRING_CIPHER], ids=["01", "02"])
def test_seeds_are_the_same_in_every_layout_and_back(source: Layout, target: Layout, cipher: Cipher) -> None:
    seeds = list(generate(60, seed=source.version % 97, inert=False))
    there = [through(target, through(source, record, cipher), cipher) for record in seeds]
    back = [through(source, record, cipher) for record in there]
    assert export_digest(there) == export_digest(back) == export_digest(seeds)


@EACH
def test_actions_150_deep_come_back(layout: Layout) -> None:
    record = Record(Kind.DESIRED_LRPS, "pg-1", bytes_field(1, b"pg-1") + bytes_field(7, nested_action(70)))
    deep = Record(Kind.DESIRED_LRPS, "pg-1", bytes_field(1, b"pg-1") + bytes_field(7, nested_action(150)))
    assert layout.loses(record) is None
    loss = layout.loses(deep)
    assert loss is None or loss.refused
