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

Known = TypeVar("Known", bound=Message)


def require_wire_types(message: Message, data: bytes) -> None:
    """Refuse `message`, parsed from `data`, if a known field of it or of any message in it has a wrong wire type."""
    known_part(type(message), data)


def known_part(form: type[Known], data: bytes) -> Known:
    """The message in `data` without what its form does not know. Refuses as `require_wire_types`; raises DecodeError.

    Most messages hold nothing unknown, so their size stays: only one that shrinks is parsed again and looked through.
    """
    message = form.FromString(data)
    size = message.ByteSize()
    message.DiscardUnknownFields()
    if message.ByteSize() != size and any(_is_wrong(one) for one in _messages(form.FromString(data))):
        raise Refused(INVALID_REQUEST)
    return message


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
