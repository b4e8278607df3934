"""Length-delimited protobuf fields as bytes.

A message is a concatenation of its fields, so a list answer is a join of frames prepared once per record.
"""

from __future__ import annotations

from collections.abc import Iterable


def varint(value: int) -> bytes:
    """`value` (not negative) in base 128, least significant group first."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def head(number: int, length: int) -> bytes:
    """What stands before a payload of `length` bytes in field `number` (wire type 2)."""
    return varint(number << 3 | 2) + varint(length)


def frame(number: int, payload: bytes) -> bytes:
    """Field `number` (wire type 2) with `payload`."""
    return head(number, len(payload)) + payload


def joined(frames: Iterable[bytes]) -> bytes:
    """The message made of these fields."""
    return b"".join(frames)
