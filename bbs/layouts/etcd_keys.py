"""The keys of the etcd era below `/v1`, and the deadlines that lie beside their rows."""

from __future__ import annotations

from bbs.models.records import NEVER, Kind, Nanoseconds, Presence

DOMAIN, DESIRED, SCHEDULE, RUN, ACTUAL, TASK = (
    "domain/",
    "desired/",
    "desired_lrp/schedule/",
    "desired_lrp/run/",
    "actual/",
    "task/",
)
_NODES = {Presence.ORDINARY: "instance", Presence.EVACUATING: "evacuating"}
_PRESENCES = {node: presence for presence, node in _NODES.items()}

FOREVER: Nanoseconds = (1 << 63) - 1
"""Beside a row: it never lapses. Only we write it; an adopted row has no deadline at all."""
LAPSED: Nanoseconds = 1
"""The deadline of an adopted row that should have one and has none: in the past, since nobody knows when it ends."""


def presence_of(key: str) -> Presence | None:
    """The presence in an actual LRP's key; None when it is no such key."""
    try:
        return Presence(key.rpartition("/")[2])
    except ValueError:
        return None


def actual_row(key: str) -> str | None:
    """The row of an actual LRP; None for a suspect one, which the era had no place for."""
    instance, _, presence = key.rpartition("/")
    node = _NODES.get(Presence(presence))
    return f"{ACTUAL}{instance}/{node}" if node else None


def actual_key(rest: str) -> str | None:
    """The key of the actual LRP whose row is `actual/<rest>`; None when there is none."""
    parts = rest.split("/")
    if (
        len(parts) != 3
        or not parts[0]
        or not parts[1].isascii()
        or not parts[1].isdigit()
        or parts[2] not in _PRESENCES
    ):
        return None
    return f"{parts[0]}/{parts[1]}/{_PRESENCES[parts[2]].value}" if str(int(parts[1])) == parts[1] else None


def lapses(kind: Kind, key: str) -> bool:
    """Whether such a record had a TTL in the etcd era: domains and evacuating LRPs."""
    return kind is Kind.DOMAINS or (kind is Kind.ACTUAL_LRPS and presence_of(key) is Presence.EVACUATING)


def beside(kind: Kind, key: str, deadline: Nanoseconds) -> Nanoseconds:
    """The deadline to lay beside a row."""
    return FOREVER if deadline == NEVER and lapses(kind, key) else deadline


def from_beside(kind: Kind, key: str, deadline: Nanoseconds) -> Nanoseconds:
    """The record's deadline by what lies beside its row."""
    if not lapses(kind, key):
        return deadline
    return {0: LAPSED, FOREVER: NEVER}.get(deadline, deadline)
