"""What a transition sees, and what it is noted to have read."""

from __future__ import annotations

import pytest

from bbs.master.memory import Memory
from bbs.master.overlay import Layer, Overlay
from bbs.models.index import index
from bbs.models.records import Kind
from bbs.models.state import Entry, View


def lrp(guid: str, number: int = 0, cell: str = "") -> Entry:
    return Entry(Kind.ACTUAL_LRPS, f"{guid}/{number}/ordinary", b"", 0, guid, cell_id=cell, index=number)


def memory(*entries: Entry) -> Memory:
    found = Memory(index)
    for entry in entries:
        found.place(entry.kind, entry.key, entry)
    return found


def layer(below: View, *changes: tuple[str, Entry | None]) -> Layer:
    """Changes of actual LRPs on top of `below`."""
    new = Layer()
    for key, entry in changes:
        new.put(Kind.ACTUAL_LRPS, key, below.get(Kind.ACTUAL_LRPS, key), entry)
    return new


OLD, NEW = lrp("a", cell="c1"), lrp("a", cell="c2")


def keys(entries: object) -> list[str]:
    return sorted(entry.key for entry in entries)  # type: ignore[attr-defined]


def test_the_newest_layer_is_seen_first() -> None:
    below = memory(OLD)
    first, second = layer(below, (OLD.key, NEW)), layer(below, (OLD.key, None))
    assert Overlay(below, [first]).get(Kind.ACTUAL_LRPS, OLD.key) is NEW
    assert Overlay(below, [first, second]).get(Kind.ACTUAL_LRPS, OLD.key) is None
    assert Overlay(below, []).get(Kind.ACTUAL_LRPS, OLD.key) is OLD


def test_an_entry_that_moved_is_in_its_new_range_only() -> None:
    below = memory(OLD)
    overlay = Overlay(below, [layer(below, (OLD.key, NEW))])
    assert overlay.on_cell(Kind.ACTUAL_LRPS, "c1") == []
    assert overlay.on_cell(Kind.ACTUAL_LRPS, "c2") == [NEW]


def test_ranges_show_added_and_hide_removed_entries() -> None:
    other = lrp("a", 1)
    below = memory(OLD)
    overlay = Overlay(below, [layer(below, (OLD.key, None), (other.key, other))])
    assert keys(overlay.group(Kind.ACTUAL_LRPS, "a")) == [other.key]
    assert keys(overlay.entries(Kind.ACTUAL_LRPS)) == [other.key]


def test_memory_below_is_untouched() -> None:
    below = memory(OLD)
    layer(below, (OLD.key, None))
    assert below.get(Kind.ACTUAL_LRPS, OLD.key) is OLD


READS = {
    "its key": lambda view: view.get(Kind.ACTUAL_LRPS, "a/0/ordinary"),
    "its group": lambda view: view.group(Kind.ACTUAL_LRPS, "a"),
    "the cell it was on": lambda view: view.on_cell(Kind.ACTUAL_LRPS, "c1"),
    "the cell it goes to": lambda view: view.on_cell(Kind.ACTUAL_LRPS, "c2"),
    "its kind": lambda view: view.entries(Kind.ACTUAL_LRPS),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_whoever_read_a_range_that_changed_depends_on_the_change(read: object) -> None:
    below = memory(OLD)
    changed = layer(below, (OLD.key, NEW))
    overlay = Overlay(below, [changed])
    read(overlay)  # type: ignore[operator]
    assert overlay.depends_on(changed)


@pytest.mark.parametrize("name", ["its key", "its group", "the cell it goes to", "its kind"])
def test_whoever_found_a_range_empty_depends_on_what_will_fill_it(name: str) -> None:
    """The read came before: nothing was there, and that was an answer too."""
    below = memory()
    added = layer(below, (NEW.key, NEW))
    overlay = Overlay(below, [])
    READS[name](overlay)
    assert overlay.depends_on(added)


@pytest.mark.parametrize(
    "read",
    [
        lambda view: view.get(Kind.ACTUAL_LRPS, "b/0/ordinary"),
        lambda view: view.group(Kind.ACTUAL_LRPS, "b"),
        lambda view: view.on_cell(Kind.ACTUAL_LRPS, "c3"),
        lambda view: view.entries(Kind.TASKS),
        lambda view: view.get(Kind.TASKS, "a/0/ordinary"),
    ],
)
def test_whoever_read_something_else_does_not(read: object) -> None:
    below = memory(OLD)
    changed = layer(below, (OLD.key, NEW))
    overlay = Overlay(below, [changed])
    read(overlay)  # type: ignore[operator]
    assert not overlay.depends_on(changed)
