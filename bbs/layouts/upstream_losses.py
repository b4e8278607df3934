"""What a record loses in upstream's columns, in words: said in the dry run of a migration to them."""

from __future__ import annotations

from bbs.interchange.digest import records_equal
from bbs.interchange.wire_fields import bytes_field
from bbs.interchange.writer import NOT_UTF8
from bbs.layouts.desired_halves import in_order
from bbs.layouts.task_mark import CALLBACK_BY_GUID, MARK
from bbs.layouts.upstream_messages import Parts
from bbs.models.records import Kind, Record

COLUMNLESS = "fields that have no column"
SPELLING = "the spelling of routes, which upstream stores without white space"
ROUTABLE = "that nobody said whether it is routable: what runs is, as upstream's own migration has it"
WORDS = f"{NOT_UTF8}, NUL, and error texts beyond 1024 characters"

_WORDS = {Kind.DESIRED_LRPS: (19,), Kind.ACTUAL_LRPS: (5, 7), Kind.TASKS: (9, 11, 13), Kind.DOMAINS: ()}


def reasons(record: Record, back: Record) -> str | None:
    """Why `back`, which came through the columns, differs from `record`; None when it says the same."""
    if records_equal(record, back) or _as_columns_give_it(record) == back.data:
        return None
    before, after = Parts(record.data), Parts(back.data)
    found = []
    if record.kind is Kind.DESIRED_LRPS and _routes(before) != _routes(after):
        found.append(SPELLING)
    if record.kind is Kind.ACTUAL_LRPS and not before.has(13):
        found.append(ROUTABLE)
    if any(before.text(number) != after.text(number) for number in _WORDS[record.kind]):
        found.append(WORDS)
    if record.kind is Kind.TASKS and before.has(CALLBACK_BY_GUID):
        found.append(MARK)
    return "; ".join(found) or COLUMNLESS


def _as_columns_give_it(record: Record) -> bytes | None:
    """A desired LRP in order with routes and tag: what nests too deep to be looked into is equal only by its bytes."""
    if record.kind is not Kind.DESIRED_LRPS:
        return None
    lrp = Parts(record.data)
    there = b"".join(bytes_field(number, b"") for number in (15, 21) if not lrp.has(number))
    return b"".join(raw for _, _, _, raw in in_order(record.data + there))


def _routes(lrp: Parts) -> dict[bytes, bytes]:
    entries = map(Parts, Parts(lrp.message(15)).texts(1))
    return {entry.text(1): entry.text(2) for entry in entries}
