"""The two halves of a desired LRP since data version 1442529338: for the auction, and for the cell that runs it.

Fields are renumbered as they stand, without being parsed: unknown ones, odd text and any depth of actions pass through.
Unknown fields of the whole travel in the run info, under their own numbers, which neither half uses.
"""

from __future__ import annotations

from collections.abc import Mapping

from bbs.interchange.wire_fields import (
    BYTES,
    VARINT,
    Field,
    Malformed,
    bytes_field,
    contents,
    fields,
    spans,
    text_at,
    varint,
)

_KEY = {1: 1, 2: 2, 17: 3}
_RESOURCE = {11: 1, 10: 2, 3: 3, 29: 4}
_SCHEDULE = {19: 2, 4: 3, 15: 5, 21: 6, 28: 8}
_RUN = {
    5: 2, 6: 3, 7: 4, 9: 5, 8: 6, 13: 7, 12: 8, 14: 9, 20: 10, 16: 11, 18: 12, 22: 14, 23: 15, 24: 16, 25: 17, 26: 18,
    27: 19, 30: 20, 31: 21, 32: 22, 33: 23, 34: 24, 35: 25, 36: 26, 37: 27, 38: 28,
}  # fmt: skip
_KEY_FIELD = 1
_RESOURCE_FIELD = 4
_PLACEMENT_FIELD = 7
_CREATED_AT = 13
_VOLUME_MOUNTS = 25
_VOLUME_MOUNT_TAG = _VOLUME_MOUNTS << 3 | BYTES
_MOVED = {**_KEY, **_RESOURCE, **_SCHEDULE, **_RUN}
UPDATE_STRATEGY = 39
"""The only field of the whole that neither half has."""


def _inverse(numbers: dict[int, int]) -> dict[int, int]:
    return {part: whole for whole, part in numbers.items()}


_WHOLE_KEY, _WHOLE_RESOURCE = _inverse(_KEY), _inverse(_RESOURCE)
_WHOLE_SCHEDULE, _WHOLE_RUN = _inverse(_SCHEDULE), _inverse(_RUN)

_Tags = Mapping[int, bytes]


def _tags(numbers: dict[int, int]) -> _Tags:
    """A field's tag to the bytes of the tag that it gets; numbers and bytes are all that our fields are."""
    kinds = (VARINT, BYTES)
    return {old << 3 | kind: varint(new << 3 | kind) for old, new in numbers.items() for kind in kinds}


_KEY_TAGS, _RESOURCE_TAGS, _SCHEDULE_TAGS, _RUN_TAGS = map(_tags, (_KEY, _RESOURCE, _SCHEDULE, _RUN))
_WHOLE_KEY_TAGS, _WHOLE_RESOURCE_TAGS = _tags(_WHOLE_KEY), _tags(_WHOLE_RESOURCE)
_WHOLE_SCHEDULE_TAGS, _WHOLE_RUN_TAGS = _tags(_WHOLE_SCHEDULE), _tags(_WHOLE_RUN)


def _odd(tag: int, numbers: dict[int, int], what: str) -> Malformed:
    """Why a field is not moved. Groups and fixed-width numbers occur in no field of ours: somebody's mistake."""
    number, kind = tag >> 3, tag & 7
    if number in numbers:
        return Malformed(f"field {number}, to be moved to {numbers[number]}, has the unknown wire type {kind}")
    return Malformed(f"{what} holds field {number}, which has no place in a desired LRP; a newer version wrote it")


def halves(whole: bytes) -> tuple[bytes, bytes]:
    """The scheduling info and the run info of a desired LRP; the update strategy is lost. Raises Malformed."""
    key, resource, schedule, run, drivers = bytearray(), bytearray(), bytearray(), bytearray(), bytearray()
    places = ((_RUN_TAGS, run), (_SCHEDULE_TAGS, schedule), (_KEY_TAGS, key), (_RESOURCE_TAGS, resource))
    for tag, start, begin, end in spans(whole):
        part, moved = next(((part, tags[tag]) for tags, part in places if tag in tags), (run, None))
        if moved is not None:
            part += moved + whole[begin:end]
        elif tag >> 3 in _MOVED:
            raise _odd(tag, _MOVED, "")
        elif tag >> 3 != UPDATE_STRATEGY:
            run += whole[start:end]
        if tag == _VOLUME_MOUNT_TAG:
            drivers += bytes_field(1, text_at(contents(whole, begin, end), 1))
    head = bytes_field(_KEY_FIELD, bytes(key))
    placement = bytes_field(_PLACEMENT_FIELD, bytes(drivers))
    return head + schedule + bytes_field(_RESOURCE_FIELD, bytes(resource)) + placement, head + run


def run_info(whole: bytes, *, without: int) -> bytes:
    """The run info alone, in ascending order as Go writes it, without one field (its own number). Raises Malformed."""
    _, run = halves(whole)
    return b"".join(raw for number, _, _, raw in in_order(run) if number != without)


def of_run_info(run: bytes) -> bytes:
    """What a run info says of a desired LRP. Raises Malformed."""
    return _from_run(run)[1]


def in_order(message: bytes) -> list[Field]:
    """The fields of a message by number; those of one number stay as they are. Raises Malformed."""
    return sorted(fields(message), key=lambda field: field[0])


def _part(data: bytes, tags: _Tags, numbers: dict[int, int], what: str) -> bytes:
    out = bytearray()
    for tag, _, begin, end in spans(data):
        if tag not in tags:
            raise _odd(tag, numbers, what)
        out += tags[tag] + data[begin:end]
    return bytes(out)


def _inside(data: bytes, tag: int, begin: int, end: int) -> bytes:
    """The message in a field; none in one of another type."""
    return contents(data, begin, end) if tag & 7 == BYTES else b""


def _from_schedule(schedule: bytes) -> tuple[bytes, bytes]:
    """Its key, and what it says of a desired LRP."""
    out, key = bytearray(), b""
    for tag, _, begin, end in spans(schedule):
        moved = _WHOLE_SCHEDULE_TAGS.get(tag)
        number = tag >> 3
        if moved is not None:
            out += moved + schedule[begin:end]
        elif number == _KEY_FIELD:
            key += _inside(schedule, tag, begin, end)
            out += _part(_inside(schedule, tag, begin, end), _WHOLE_KEY_TAGS, _WHOLE_KEY, "the key")
        elif number == _RESOURCE_FIELD:
            out += _part(_inside(schedule, tag, begin, end), _WHOLE_RESOURCE_TAGS, _WHOLE_RESOURCE, "the resource")
        elif number != _PLACEMENT_FIELD:
            raise _odd(tag, _WHOLE_SCHEDULE, "the scheduling info")
    return key, bytes(out)


def _from_run(run: bytes) -> tuple[bytes, bytes]:
    """Its key, and what it says of a desired LRP."""
    out, key = bytearray(), b""
    for tag, start, begin, end in spans(run):
        moved = _WHOLE_RUN_TAGS.get(tag)
        number = tag >> 3
        if moved is not None:
            out += moved + run[begin:end]
        elif number > UPDATE_STRATEGY:
            out += run[start:end]
        elif number == _KEY_FIELD:
            key += _inside(run, tag, begin, end)
        elif number != _CREATED_AT:
            raise _odd(tag, _WHOLE_RUN, "the run info")
    return key, bytes(out)


def whole(schedule: bytes, run: bytes) -> bytes:
    """The desired LRP of two halves. Raises Malformed, also when they are halves of two different LRPs."""
    (scheduled, first), (to_run, second) = _from_schedule(schedule), _from_run(run)
    if scheduled != to_run and text_at(scheduled, 1) != text_at(to_run, 1):
        message = (
            f"the scheduling info is that of {text_at(scheduled, 1)!r}, the run info that of {text_at(to_run, 1)!r}"
        )
        raise Malformed(message)
    return first + second
