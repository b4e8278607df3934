"""Known fields that arrive with the wire type of another: the runtime passes them over as unknown, Go refuses them.

What Go refuses at any level of a message is no message. An action is opaque here, so its levels are looked at one by
one, as they are parsed. Source: docs/reference/wire.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from bbs.models.errors import INVALID_REQUEST, Refused

Parsed = TypeVar("Parsed", bound=Message)


def with_right_wire_types(message: Parsed, data: bytes) -> Parsed:
    """`message` as it was parsed from `data`; the object given may have lost what it did not know.

    Refuses a known field with a wrong wire type, in it or in any message that it holds. Most messages hold nothing
    unknown: only one that is shorter without it is parsed again and looked through.
    """
    size = message.ByteSize()
    message.DiscardUnknownFields()
    if message.ByteSize() == size:
        return message
    whole = type(message).FromString(data)
    if any(_is_wrong(one) for one in _messages(whole)):
        raise Refused(INVALID_REQUEST)
    return whole


def _is_wrong(message: Message) -> bool:
    numbers = message.DESCRIPTOR.fields_by_number
    unknown = UnknownFieldSet(message)
    return any(unknown[at].field_number in numbers for at in range(len(unknown)))


def _messages(message: Message) -> Iterator[Message]:
    """`message` and all that it holds."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            held = [one for one in value.values() if isinstance(one, Message)]
        else:
            held = [value] if isinstance(value, Message) else list(value)
        for one in held:
            yield from _messages(one)
