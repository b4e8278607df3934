"""The fields of a serialized protobuf message, one level deep and without a schema.

Layouts and canonical JSON work on these instead of parsed messages, so that unknown fields, text that is not UTF-8 and
any depth of nesting pass through untouched.
"""

from __future__ import annotations

VARINT = 0
FIXED64 = 1
BYTES = 2
GROUP = 3
END_GROUP = 4
FIXED32 = 5
DEEPEST = 200
"""Messages within messages that are followed; what lies deeper is refused where a layout has to look inside."""


class Malformed(ValueError):
    """The bytes are no protobuf message, or nest deeper than can be followed."""


Field = tuple[int, int, int | bytes, bytes]
"""One field as it stands: number, wire type, value (the number of a varint, else bytes), and all of it, tag included.

A plain tuple: exports unpack a hundred of them for each record.
"""


def _varint(data: bytes, position: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        if position >= len(data) or shift > 63:
            message = "a number is cut short or too long"
            raise Malformed(message)
        byte = data[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & 0xFFFFFFFFFFFFFFFF, position
        shift += 7


def _group_end(data: bytes, position: int, number: int) -> int:
    open_groups = [number]
    while open_groups:
        tag, position = _varint(data, position)
        if tag & 7 == END_GROUP:
            if open_groups.pop() != tag >> 3:
                message = "a group ends that was not begun"
                raise Malformed(message)
        elif tag & 7 == GROUP:
            open_groups.append(tag >> 3)
        else:
            _, position = _value(data, position, tag)
    return position


def _value(data: bytes, position: int, tag: int) -> tuple[int | bytes, int]:
    wire_type = tag & 7
    if wire_type == VARINT:
        return _varint(data, position)
    if wire_type == BYTES:
        length, position = _varint(data, position)
        end = position + length
    elif wire_type == FIXED64:
        end = position + 8
    elif wire_type == FIXED32:
        end = position + 4
    elif wire_type == GROUP:
        end = _group_end(data, position, tag >> 3)
    else:
        message = f"wire type {wire_type} does not exist"
        raise Malformed(message)
    if end > len(data):
        message = "a field is longer than its message"
        raise Malformed(message)
    return data[position:end], end


def fields(data: bytes) -> list[Field]:
    """The fields of a message in order. Raises Malformed."""
    found: list[Field] = []
    position, size = 0, len(data)
    while position < size:
        start = position
        tag = data[position]
        if tag < 0x80:
            position += 1
        else:
            tag, position = _varint(data, position)
        if not 8 <= tag < 1 << 32:
            message = "a field has no valid number"
            raise Malformed(message)
        if tag & 7 == BYTES and position < size and data[position] < 0x80 and position + data[position] < size:
            # The usual case, short text, without a call.
            begin = position + 1
            position = begin + data[position]
            found.append((tag >> 3, BYTES, data[begin:position], data[start:position]))
        else:
            value, position = _value(data, position, tag)
            found.append((tag >> 3, tag & 7, value, data[start:position]))
    return found


def spans(data: bytes) -> list[tuple[int, int, int, int]]:  # noqa: PLR0912 - a call would cost more than it does
    """Where the fields of a message lie, in order: tag, begin, begin of what follows the tag, end. Raises Malformed.

    For whoever moves fields as they stand: nothing is copied, and lengths and numbers keep their bytes.
    """
    found: list[tuple[int, int, int, int]] = []
    position, size = 0, len(data)
    try:
        while position < size:
            start = position
            tag = data[position]
            position += 1
            if tag >= 0x80:
                second = data[position]
                if second < 0x80:
                    tag, position = tag & 0x7F | second << 7, position + 1
                else:
                    tag, position = _varint(data, start)
            if not 8 <= tag < 1 << 32:
                message = "a field has no valid number"
                raise Malformed(message)
            begin = position
            if tag & 7 == BYTES:
                length = data[position]
                position += 1
                if length >= 0x80:
                    second = data[position]
                    if second < 0x80:
                        length, position = length & 0x7F | second << 7, position + 1
                    else:
                        length, position = _varint(data, begin)
                position += length
            elif tag & 7 == VARINT and data[position] < 0x80:
                position += 1
            else:
                _, position = _value(data, position, tag)
            found.append((tag, start, begin, position))
    except IndexError:
        position = size + 1
    if position > size:
        message = "a field is longer than its message"
        raise Malformed(message)
    return found


def contents(data: bytes, begin: int, end: int) -> bytes:
    """The bytes of a field whose span is that, behind its length. Raises Malformed."""
    return data[begin + 1 : end] if data[begin] < 0x80 else data[_varint(data, begin)[1] : end]


def number_at(data: bytes, begin: int) -> int:
    """The number that begins there, as int64. Raises Malformed."""
    return data[begin] if data[begin] < 0x80 else signed(_varint(data, begin)[0])


def varint(number: int) -> bytes:
    """A number as varint; negative ones as 64-bit two's complement."""
    return _SHORT[number] if 0 <= number < 1 << 14 else _varint_of(number)


def _varint_of(number: int) -> bytes:
    number &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


_SHORT = tuple(_varint_of(number) for number in range(1 << 14))
"""Those of one and two bytes, which is what tags and lengths are."""


def number_field(number: int, value: int) -> bytes:
    """A field that holds a number."""
    return varint(number << 3) + varint(value)


def bytes_field(number: int, value: bytes) -> bytes:
    """A field that holds text, bytes or a message."""
    return varint(number << 3 | BYTES) + varint(len(value)) + value


def signed(value: int) -> int:
    """A varint's number as int64."""
    return value - (1 << 64) if value >> 63 else value


def text_at(data: bytes, *path: int) -> bytes:
    """The text at a path of field numbers, empty when absent; of duplicates the last one counts. Raises Malformed."""
    for number in path[:-1]:
        data = message_at(data, number)
    return (_texts(data, path[-1]) or [b""])[-1]


def message_at(data: bytes, number: int) -> bytes:
    """The message in a field, empty when absent; parts that arrive apart are one. Raises Malformed."""
    return b"".join(_texts(data, number))


def _texts(data: bytes, wanted: int) -> list[bytes]:
    found = [span for span in spans(data) if span[0] >> 3 == wanted]
    values = [_value(data, begin, tag)[0] for tag, _, begin, _ in found]
    return [value for value in values if isinstance(value, bytes)]


def last_number(data: bytes, wanted: int) -> int:
    """The number in a field, 0 when absent. Raises Malformed."""
    found = 0
    for tag, _, begin, _ in spans(data):
        if tag == wanted << 3:
            found = signed(_varint(data, begin)[0])
    return found


def without(data: bytes, unwanted: int) -> bytes:
    """The message without one field. Raises Malformed."""
    return b"".join(data[start:end] for tag, start, _, end in spans(data) if tag >> 3 != unwanted)
