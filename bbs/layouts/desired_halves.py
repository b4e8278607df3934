"""The two halves of a desired LRP since data version 1442529338: for the auction, and for the cell that runs it.

Fields are renumbered as they stand, without being parsed: unknown ones, odd text and any depth of actions pass through.
Unknown fields of the whole travel in the run info, under their own numbers, which neither half uses.
"""

from __future__ import annotations

from bbs.interchange.wire_fields import BYTES, Field, Malformed, bytes_field, fields, text_at, varint

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
UPDATE_STRATEGY = 39
"""The only field of the whole that neither half has."""


def _inverse(numbers: dict[int, int]) -> dict[int, int]:
    return {part: whole for whole, part in numbers.items()}


_WHOLE_KEY, _WHOLE_RESOURCE = _inverse(_KEY), _inverse(_RESOURCE)
_WHOLE_SCHEDULE, _WHOLE_RUN = _inverse(_SCHEDULE), _inverse(_RUN)


def _renumbered(field: Field, renumbered: int) -> bytes:
    number, wire_type, value, _ = field
    head = varint(renumbered << 3 | wire_type)
    if isinstance(value, int):
        return head + varint(value)
    if wire_type == BYTES:
        return head + varint(len(value)) + value
    # Groups and fixed-width numbers occur in no field of ours: under a known number they are somebody's mistake.
    message = f"field {number}, to be moved to {renumbered}, has the unknown wire type {wire_type}"
    raise Malformed(message)


def halves(whole: bytes) -> tuple[bytes, bytes]:
    """The scheduling info and the run info of a desired LRP; the update strategy is lost. Raises Malformed."""
    key, resource, schedule, run, drivers = bytearray(), bytearray(), bytearray(), bytearray(), bytearray()
    for field in fields(whole):
        number, _, value, raw = field
        if number in _RUN:
            run += _renumbered(field, _RUN[number])
            if number == _VOLUME_MOUNTS and isinstance(value, bytes):
                drivers += bytes_field(1, text_at(value, 1))
        elif number in _SCHEDULE:
            schedule += _renumbered(field, _SCHEDULE[number])
        elif number in _KEY:
            key += _renumbered(field, _KEY[number])
        elif number in _RESOURCE:
            resource += _renumbered(field, _RESOURCE[number])
        elif number != UPDATE_STRATEGY:
            run += raw
    head = bytes_field(_KEY_FIELD, bytes(key))
    placement = bytes_field(_PLACEMENT_FIELD, bytes(drivers))
    return head + schedule + bytes_field(_RESOURCE_FIELD, bytes(resource)) + placement, head + run


def run_info(whole: bytes, *, without: int) -> bytes:
    """The run info alone, in ascending order as Go writes it, without one field (its own number). Raises Malformed."""
    _, run = halves(whole)
    return b"".join(raw for number, _, _, raw in in_order(run) if number != without)


def of_run_info(run: bytes) -> bytes:
    """What a run info says of a desired LRP. Raises Malformed."""
    return _from_run(run)


def in_order(message: bytes) -> list[Field]:
    """The fields of a message by number; those of one number stay as they are. Raises Malformed."""
    return sorted(fields(message), key=lambda field: field[0])


def _part(value: int | bytes, numbers: dict[int, int], what: str) -> bytes:
    out = bytearray()
    for field in fields(value if isinstance(value, bytes) else b""):
        out += _renumbered(field, _known(field[0], numbers, what))
    return bytes(out)


def _known(number: int, numbers: dict[int, int], what: str) -> int:
    try:
        return numbers[number]
    except KeyError:
        message = f"{what} holds field {number}, which has no place in a desired LRP; a newer version wrote it"
        raise Malformed(message) from None


def _from_schedule(schedule: bytes) -> bytes:
    out = bytearray()
    for field in fields(schedule):
        number, _, value, _ = field
        if number == _KEY_FIELD:
            out += _part(value, _WHOLE_KEY, "the key")
        elif number == _RESOURCE_FIELD:
            out += _part(value, _WHOLE_RESOURCE, "the resource")
        elif number != _PLACEMENT_FIELD:
            out += _renumbered(field, _known(number, _WHOLE_SCHEDULE, "the scheduling info"))
    return bytes(out)


def _from_run(run: bytes) -> bytes:
    out = bytearray()
    for field in fields(run):
        number, _, _, raw = field
        if number > UPDATE_STRATEGY:
            out += raw
        elif number not in (_KEY_FIELD, _CREATED_AT):
            out += _renumbered(field, _known(number, _WHOLE_RUN, "the run info"))
    return bytes(out)


def whole(schedule: bytes, run: bytes) -> bytes:
    """The desired LRP of two halves. Raises Malformed, also when they are halves of two different LRPs."""
    scheduled, to_run = text_at(schedule, _KEY_FIELD, 1), text_at(run, _KEY_FIELD, 1)
    if scheduled != to_run:
        message = f"the scheduling info is that of {scheduled!r}, the run info that of {to_run!r}"
        raise Malformed(message)
    return _from_schedule(schedule) + _from_run(run)
