"""The units of time before data version 1451635200: action timeouts in nanoseconds, start timeouts in seconds.

Records hold milliseconds in fields of their own (`timeout_ms`, `start_timeout_ms`); the old stores knew only the fields
that are deprecated today. What the old unit can't hold exactly is cut to what it can. On reading, milliseconds that are
there win: a binary that knew both may have written them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bbs.interchange.wire_fields import (
    BYTES,
    DEEPEST,
    VARINT,
    Malformed,
    bytes_field,
    contents,
    number_at,
    number_field,
    spans,
)
from bbs.models.records import Kind

_NANOSECONDS = 1_000_000
_LONGEST = (1 << 63) - 1
_LONGEST_SECONDS = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class _Time:
    """A timeout: the field of today, that of the old stores, and the ways between them."""

    today: int
    old: int
    to_old: Callable[[int], int]
    to_today: Callable[[int], int]


@dataclass(frozen=True, slots=True)
class _Node:
    """A message with timeouts somewhere inside."""

    inner: dict[int, _Node] = field(default_factory=dict)
    time: _Time | None = None


def _toward_zero(value: int, divisor: int) -> int:
    return value // divisor if value >= 0 else -(-value // divisor)


def _nanoseconds(milliseconds: int) -> int:
    return max(-_LONGEST, min(_LONGEST, milliseconds * _NANOSECONDS))


def _seconds(milliseconds: int) -> int:
    return max(0, min(_LONGEST_SECONDS, milliseconds // 1000))


_START = _Time(27, 8, _seconds, lambda seconds: seconds * 1000)
_TIMEOUT = _Time(4, 2, _nanoseconds, lambda nanoseconds: _toward_zero(nanoseconds, _NANOSECONDS))


def _action() -> _Node:
    action = _Node()
    around = _Node({1: action})
    action.inner.update({4: _Node({1: action}, _TIMEOUT), 5: around, 6: around, 7: around, 8: around, 9: around})
    return action


_ACTION = _action()
_ROOTS: Mapping[Kind, _Node] = {
    Kind.DESIRED_LRPS: _Node({6: _ACTION, 7: _ACTION, 9: _ACTION, 36: _Node({1: _ACTION})}, _START),
    Kind.TASKS: _Node({1: _Node({3: _ACTION})}),
}


def _rewritten(data: bytes, node: _Node, *, old: bool, depth: int = 0) -> bytes:
    """The message with its times in those units; the very same one when nothing of it changes."""
    if depth > DEEPEST:
        message = f"messages nest deeper than {DEEPEST}"
        raise Malformed(message)
    pieces: list[bytes] = []
    kept = today = before = 0
    time = node.time
    for tag, start, begin, end in spans(data):
        number = tag >> 3
        if tag & 7 == BYTES:
            inner = node.inner.get(number)
            if inner is None:
                continue
            value = contents(data, begin, end)
            changed = _rewritten(value, inner, old=old, depth=depth + 1)
            if changed is value:
                continue
            pieces += data[kept:start], bytes_field(number, changed)
        elif time is not None and tag & 7 == VARINT and number in (time.today, time.old):
            if number == time.today:
                today = number_at(data, begin)
            else:
                before = number_at(data, begin)
            pieces.append(data[kept:start])
        else:
            continue
        kept = end
    if not pieces:
        return data
    return b"".join(pieces) + data[kept:] + (_time_field(time, today, before, old=old) if time else b"")


def _time_field(time: _Time, today: int, before: int, *, old: bool) -> bytes:
    value = (time.to_old(today) if today else before) if old else (today or time.to_today(before))
    return number_field(time.old if old else time.today, value) if value else b""


def in_old_units(kind: Kind, data: bytes) -> bytes:
    """A record's bytes with its timeouts in the old fields only. Raises Malformed."""
    root = _ROOTS.get(kind)
    return _rewritten(data, root, old=True) if root else data


def in_milliseconds(kind: Kind, data: bytes) -> bytes:
    """The inverse of `in_old_units`. Raises Malformed."""
    root = _ROOTS.get(kind)
    return _rewritten(data, root, old=False) if root else data
