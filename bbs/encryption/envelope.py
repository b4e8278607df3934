"""The inner envelope: two bytes before a payload that say in which form it is.

Byte 0 is the form, byte 1 the model version, which nothing has decided by since 2016. A payload without them is the
bare JSON of the first stores. Source: docs/reference/encryption.md.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

_MODEL_VERSIONS = frozenset({0, 1, 2})


class Form(IntEnum):
    """How a payload is written; the number is byte 0."""

    JSON = 1
    PROTOBUF = 2


PROTOBUF_ENVELOPE = bytes((Form.PROTOBUF, 0))
"""What stands before each protobuf payload that is written."""


class Payload(NamedTuple):
    """A payload without its envelope."""

    form: Form
    data: bytes


def unwrap(payload: bytes) -> Payload:
    """The payload behind the envelope; all of it, as JSON, where none is."""
    if len(payload) >= 2 and payload[1] in _MODEL_VERSIONS:
        if payload[0] == Form.PROTOBUF:
            return Payload(Form.PROTOBUF, payload[2:])
        if payload[0] == Form.JSON:
            return Payload(Form.JSON, payload[2:])
    return Payload(Form.JSON, payload)
