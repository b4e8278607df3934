"""From seeds to inputs: a pure function of (target, seed, number), so that every input can be made again alone."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from bbs.interchange.wire_fields import BYTES, VARINT, Field, Malformed, bytes_field, fields, number_field, varint
from tests.fuzz.target import Target

LONGEST = 1 << 16
NUMBERS = (
    *(0, 1, 2, 3, 127, 128, 255, 256, 1023, 1024, 65535, 65536),
    *(1 << 24, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1),
)
TEXTS = (
    *(b"", b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"/", b"%2F", b"..", b"\n", b'"', b"{}", b"[]", b"null"),
    *(b"1e400", b"NaN", b"-0", b"a" * 255, b"a" * 256, b"a" * 1025, "é".encode() * 600, b"[" * 300, b"9" * 5000),
)


def input_of(target: Target, seed: int, number: int) -> bytes:
    """Input `number` of a run with that seed."""
    dice = Random(f"{target.name} {seed} {number}")
    data = dice.choice(target.seeds)
    for _ in range(_how_often(dice)):
        data = mutated(data, target, dice)
    return data


def _how_often(dice: Random) -> int:
    """Mostly a few changes, so that inputs get past the first check; sometimes many, and now and then none."""
    return dice.choice((0, 1, 1, 1, 2, 2, 3, 4, 6, 12))


def mutated(data: bytes, target: Target, dice: Random) -> bytes:
    """`data` with one change."""
    if target.messages is not None and dice.random() < 0.7:
        head, message = data[: target.messages], data[target.messages :]
        try:
            return (head + _message(message, target, dice, 0))[:LONGEST]
        except Malformed:
            pass
    return _bytes(data, target, dice)[:LONGEST]


# --- bytes ------------------------------------------------------------------------------------------------------------


def _bytes(data: bytes, target: Target, dice: Random) -> bytes:
    at = dice.randint(0, len(data))
    end = min(len(data), at + dice.choice((1, 1, 1, 2, 4, 8, 32, 256)))
    match dice.randrange(9):
        case 0:
            return data[:at] + dice.randbytes(end - at) + data[end:]
        case 1:
            return data[:at] + data[end:]
        case 2:
            return data[:at] + data[at:end] * dice.choice((2, 2, 3, 9, 100)) + data[end:]
        case 3:
            return data[:at]
        case 4:
            return data[:at] + bytes(byte ^ 1 << dice.randrange(8) for byte in data[at : at + 1]) + data[at + 1 :]
        case 5:
            return data[:at] + dice.randbytes(dice.choice((1, 2, 8, 40))) + data[at:]
        case 6:
            return data[:at] + dice.choice((*target.words, *TEXTS)) + data[dice.choice((at, end)) :]
        case 7:
            return data[:at] + str(_number(dice)).encode() + data[dice.choice((at, end)) :]
        case _:
            other = dice.choice(target.seeds)
            return data[:at] + other[dice.randint(0, len(other)) :]


def _number(dice: Random) -> int:
    return dice.choice((dice.choice(NUMBERS), -dice.choice(NUMBERS), dice.getrandbits(64), dice.randrange(300)))


# --- protobuf ---------------------------------------------------------------------------------------------------------


def _message(data: bytes, target: Target, dice: Random, depth: int) -> bytes:
    """One field of the message, or of one inside it, otherwise. Raises Malformed."""
    found = fields(data)
    if not found or dice.random() < 0.1:
        return data + _made(dice, dice.randrange(1, 40), target)
    at = dice.randrange(len(found))
    return b"".join((*_raw(found[:at]), _field(found[at], target, dice, depth), *_raw(found[at + 1 :])))


def _raw(found: Sequence[Field]) -> list[bytes]:
    return [raw for _, _, _, raw in found]


def _field(field: Field, target: Target, dice: Random, depth: int) -> bytes:
    number, wire_type, value, raw = field
    match dice.randrange(8):
        case 0:
            return b""
        case 1:
            return raw * dice.choice((2, 3, 50))
        case 2:
            return _made(dice, number, target)
        case 3:
            return _made(dice, dice.choice((number, dice.randrange(1, 40), 999, (1 << 29) - 1)), target) + raw
        case 4 if wire_type == BYTES:
            return varint(number << 3 | BYTES) + varint(abs(_number(dice))) + bytes(value)  # type: ignore[arg-type]
        case _ if wire_type == VARINT:
            return number_field(number, _number(dice))
        case _ if isinstance(value, bytes):
            return bytes_field(number, _inside(value, target, dice, depth))
    return raw


def _inside(value: bytes, target: Target, dice: Random, depth: int) -> bytes:
    if depth < 12 and dice.random() < 0.8:
        try:
            return _message(value, target, dice, depth + 1)
        except Malformed:
            pass
    return _bytes(value, target, dice)


def _made(dice: Random, number: int, target: Target) -> bytes:
    match dice.randrange(6):
        case 0 | 1:
            return number_field(number, _number(dice))
        case 2:
            return varint(number << 3 | dice.choice((1, 3, 4, 5, 6, 7))) + dice.randbytes(dice.choice((0, 4, 8)))
        case 3:
            return bytes_field(number, b"") * dice.choice((1, 100))
        case _:
            return bytes_field(number, dice.choice((*target.words, *TEXTS)))
