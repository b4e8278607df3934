"""What each layout can't hold, said beforehand."""

from __future__ import annotations

import pytest

from bbs.interchange.wire_fields import bytes_field, number_field
from bbs.layouts.contract import Loss
from bbs.layouts.registry import layouts, served
from bbs.models.records import Kind, Presence, Record, actual_lrp_key

GUID = bytes_field(1, b"pg-1")
SQL = 1772581987
ERA = {0, 1441411196, 1442529338, 1450292094, 1451635200}
OLD_UNITS = ERA - {1451635200}
HALVES = ERA - {0, 1441411196}


def desired(more: bytes) -> Record:
    return Record(Kind.DESIRED_LRPS, "pg-1", GUID + more)


def ordinary(more: bytes) -> Record:
    return Record(Kind.ACTUAL_LRPS, actual_lrp_key("pg-1", 0, Presence.ORDINARY), bytes_field(1, GUID) + more)


def route(document: bytes) -> bytes:
    return bytes_field(15, bytes_field(1, bytes_field(1, b"r") + bytes_field(2, document)))


def timeout(milliseconds: int) -> bytes:
    return bytes_field(7, bytes_field(4, number_field(4, milliseconds)))


@pytest.mark.parametrize(
    ("record", "losers", "what", "refused"),
    [
        (desired(b""), set(), "", False),
        (desired(number_field(39, 1)), HALVES, "update strategy", False),
        (desired(number_field(27, 60_000)), set(), "", False),
        (desired(number_field(27, 60_500)), OLD_UNITS, "old units", False),
        (desired(number_field(27, -1)), OLD_UNITS, "old units", False),
        (desired(timeout(1)), set(), "", False),
        (desired(timeout(1 << 60)), OLD_UNITS, "old units", False),
        (desired(number_field(8, 60)), OLD_UNITS, "old units", False),
        (desired(bytes_field(999, b"new")), {0}, "does not know", False),
        (desired(bytes_field(19, b"cut \xc3")), {0, SQL}, "UTF-8", False),
        (desired(route(b"{")), {0, SQL}, "JSON", True),
        (desired(route(b'{"a": "<"}')), {SQL}, "spelling", False),
        (desired(bytes_field(19, b"nul \0")), {SQL}, "NUL", False),
        (desired(bytes_field(2, b"x" * 256)), {SQL}, "domain has 256 characters", True),
        (desired(bytes_field(21, number_field(2, 1 << 31))), {SQL}, "modification_tag_index", True),
        (desired(bytes_field(35, bytes_field(1, b"t") + bytes_field(2, number_field(2, 3)))), {SQL}, "no name", True),
        (ordinary(b""), {SQL}, "routable", False),
        (ordinary(number_field(13, 0) + bytes_field(5, b"x" * 1025)), {SQL}, "1024", False),
        (ordinary(number_field(13, 0) + bytes_field(999, b"new")), {0, SQL}, "fields that", False),
        (Record(Kind.TASKS, "t-1", bytes_field(2, b"t-1"), 5), {SQL}, "deadline", True),
        (
            Record(
                Kind.ACTUAL_LRPS,
                actual_lrp_key("pg-1", 0, Presence.SUSPECT),
                bytes_field(1, GUID) + number_field(10, 2) + number_field(13, 0),
            ),
            ERA,
            "suspect",
            False,
        ),
        (Record(Kind.TASKS, "t-1", bytes_field(2, b"t-2")), ERA | {SQL}, "'t-1' holds ", True),
        (Record(Kind.DOMAINS, "d", b"", (1 << 63) - 1), ERA | {SQL}, "deadline", True),
        (
            Record(Kind.TASKS, "t-1", bytes_field(2, b"t-1") + number_field(4001, 1)),
            ERA | {SQL},
            "callbacks by guid",
            False,
        ),
    ],
)
def test_a_layout_names_what_it_loses_and_no_other_does(
    record: Record, losers: set[int], what: str, refused: bool
) -> None:
    losses = {version: loss for version in served() if (loss := layouts()[version].loses(record))}
    assert set(losses) == losers
    assert all(isinstance(loss, Loss) and what in loss.what and loss.refused is refused for loss in losses.values())
