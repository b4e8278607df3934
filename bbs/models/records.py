"""Canonical records: what the BBS holds, whatever the layout and the store.

A record's bytes are the protobuf message of the API (`bbs.wire`), kept opaque: unknown fields, invalid UTF-8 and deep
nesting survive. Layouts translate records to rows and back; nothing else in the BBS knows how a record is stored.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import quote, unquote

Nanoseconds = int
NEVER: Nanoseconds = 0
OURS = 4_000_000_000
"""Data versions above this number are our own; every upstream binary refuses them (docs/reference/layouts.md)."""


class Kind(StrEnum):
    """The four kinds of records; the value is the name used in keys, tables, exports and status."""

    DESIRED_LRPS = "desired_lrps"
    ACTUAL_LRPS = "actual_lrps"
    TASKS = "tasks"
    DOMAINS = "domains"


class Presence(StrEnum):
    """Which of the at most three rows of one LRP index this is; the order is that of `models.ActualLRP.Presence`."""

    ORDINARY = "ordinary"
    EVACUATING = "evacuating"
    SUSPECT = "suspect"


class Record(NamedTuple):
    """One LRP, task or domain.

    `data` is the serialized `models.DesiredLRP`, `models.ActualLRP` or `models.Task`, empty for a domain.
    `deadline` is the absolute time after which the record no longer counts (domains, evacuating LRPs), NEVER if none.
    """

    kind: Kind
    key: str
    data: bytes
    deadline: Nanoseconds = NEVER


class Mutation(NamedTuple):
    """One record's new value; `record` None deletes it."""

    kind: Kind
    key: str
    record: Record | None


def put(record: Record) -> Mutation:
    """The mutation that stores `record` under its own key."""
    return Mutation(record.kind, record.key, record)


def delete(kind: Kind, key: str) -> Mutation:
    """The mutation that removes a record; removing an absent one changes nothing."""
    return Mutation(kind, key, None)


_ORDINARY = re.compile(r"[A-Za-z0-9_-]*")
_KEPT = " !\"#$&'()*+,:;<=>?@[\\]^`{|}~"
_ASCII = 0x7F
_ESCAPED_LIMIT = 1014
"""A longer spelling never fitted: with the shortest index and presence its key has more than 1,024 bytes."""


def escaped(part: str) -> str:
    """`part` without `/`, so that a guid can never reach into the next segment of a key.

    Beyond 1,000 bytes only what must be is escaped, `/`, `%` and what can't be shown, so that each guid of 255
    characters has a key that every store holds: letters of other scripts would take three bytes for each of theirs.
    """
    if _ORDINARY.fullmatch(part):
        return part
    spelled = quote(part, safe=_KEPT, encoding="utf-8", errors="surrogateescape")
    if len(spelled) <= _ESCAPED_LIMIT:
        return spelled
    return "".join(one if ord(one) > _ASCII else quote(one, safe=_KEPT, errors="surrogateescape") for one in part)


def unescaped(part: str) -> str:
    """The inverse of `escaped`."""
    return unquote(part, encoding="utf-8", errors="surrogateescape")


def actual_lrp_key(process_guid: str, index: int, presence: Presence) -> str:
    """The key of an actual LRP: `<process guid>/<index>/<presence>`."""
    return f"{escaped(process_guid)}/{index}/{presence.value}"


def parse_actual_lrp_key(key: str) -> tuple[str, int, Presence]:
    """The inverse of `actual_lrp_key`. Raises ValueError for any other string."""
    guid, index, presence = key.split("/")
    return unescaped(guid), int(index), Presence(presence)
