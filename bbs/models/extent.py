"""How much one request may hold: work and memory grow with it, and one client must not take them from all others.

A message of a few megabytes can hold millions of empty elements, each of which takes a hundred times its size in memory
and a validation of its own. Source of the limits: docs/reference/robustness.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message

from bbs.models.errors import Refused, invalid_request

BODY_LIMIT = 8 * 1024 * 1024
"""Bytes of one request. The greatest part of a desired LRP, its mounted files, may have 1 MiB."""

ELEMENTS_LIMIT = 50_000
"""Elements of all lists and maps of one request; also actions of one tree, and addresses of one egress rule."""

INSTANCES_LIMIT = 10_000
"""Instances of one desired LRP: each is a record that is made at once."""

ACTION_BYTES_LIMIT = 512 * 1024 * 1024
"""Bytes of all actions of one tree, each with those inside it: ten thousand levels of a small action are 400 MB."""

SMALL = 64 * 1024
"""Bytes of a body that can't hold so many elements that it would matter."""


def require_size(body: bytes) -> None:
    """Refuse a body that is not even parsed."""
    if len(body) > BODY_LIMIT:
        raise Refused(invalid_request(f"the request has {len(body)} bytes; at most {BODY_LIMIT} are taken"))


def require_elements(request: Message, body: bytes) -> None:
    """Refuse a parsed request with more elements than are looked at one by one."""
    if len(body) > SMALL and sum(_elements(request)) > ELEMENTS_LIMIT:
        raise too_many("elements of lists")


def too_many(what: str) -> Refused:
    """The refusal of a request that holds more than `ELEMENTS_LIMIT` of something."""
    return Refused(invalid_request(f"the request holds more than {ELEMENTS_LIMIT} {what}"))


def _elements(message: Message) -> Iterator[int]:
    """The lengths of all lists and maps; a list that is too long by itself is not walked through."""
    for field, value in message.ListFields():
        if field.is_repeated:
            yield len(value)
            if len(value) > ELEMENTS_LIMIT or field.message_type is None or _is_map(field):
                continue
            for element in value:
                yield from _elements(element)
        elif field.message_type is not None:
            yield from _elements(value)


def _is_map(field: Any) -> bool:
    return bool(field.message_type.GetOptions().map_entry)
