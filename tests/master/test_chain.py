"""Changes as bytes, and the digest that links one batch to the next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bbs.master.chain import decode_changes, encode_changes, link
from bbs.models.records import Kind, Mutation, Record, delete, put

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.just("not \udcff utf-8")
DEADLINES = st.integers(0, (1 << 63) - 1)


@st.composite
def mutations(draw: st.DrawFn) -> Mutation:
    kind, key = draw(st.sampled_from(list(Kind))), draw(KEYS)
    if draw(st.booleans()):
        return delete(kind, key)
    return put(Record(kind, key, draw(st.binary(max_size=50)), draw(DEADLINES)))


CHANGES = st.lists(mutations(), max_size=6)


@given(CHANGES)
def test_changes_survive_the_way_to_bytes_and_back(changes: list[Mutation]) -> None:
    assert decode_changes(encode_changes(changes)) == changes


@given(CHANGES.filter(bool), st.data())
def test_bytes_that_are_cut_off_are_never_read_as_other_changes(changes: list[Mutation], data: st.DataObject) -> None:
    whole = encode_changes(changes)
    cut = whole[: data.draw(st.integers(1, len(whole) - 1))]
    try:
        found = decode_changes(cut)
    except ValueError:
        return
    assert found == changes[: len(found)]
    assert len(found) < len(changes)


@given(st.binary(min_size=1, max_size=40))
def test_any_other_bytes_are_refused_or_are_changes(data: bytes) -> None:
    try:
        found = decode_changes(data)
    except ValueError:
        return
    assert len(decode_changes(encode_changes(found))) == len(found)


@given(CHANGES, CHANGES)
def test_different_changes_never_have_the_same_bytes(one: list[Mutation], other: list[Mutation]) -> None:
    assert (encode_changes(one) == encode_changes(other)) is (one == other)


@pytest.mark.parametrize(
    ("previous", "batch_id", "changes"), [("other", "b1", b"x"), ("p", "b2", b"x"), ("p", "b1", b"y")]
)
def test_a_link_depends_on_all_of_its_parts(previous: str, batch_id: str, changes: bytes) -> None:
    assert link(previous, batch_id, changes) != link("p", "b1", b"x")


def test_a_deleted_record_is_not_an_empty_one() -> None:
    assert encode_changes([delete(Kind.TASKS, "t")]) != encode_changes([put(Record(Kind.TASKS, "t", b""))])
