"""JSON documents that are kept verbatim inside other JSON: the values of routes.

A client sees the spacing of the route it desired, so a document may be neither rewritten nor reordered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple

_DEEPEST = 200
_BRACKETS = re.compile(r"[][{}]")
_SPACE = re.compile(r"[ \t\n\r]*")


def _no_constant(name: str) -> None:
    message = f"{name} is no JSON"
    raise ValueError(message)


_DECODER = JSONDecoder(parse_constant=_no_constant)


class NotJSON(ValueError):
    """The text is not the JSON that was wanted; says where."""


class Member(NamedTuple):
    """A member of an object: its value and the value's own text."""

    value: Any
    text: str


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _decoded(text: str, position: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, position)
    except JSONDecodeError as error:
        message = f"not JSON: {error.msg} at character {error.pos}"
        raise NotJSON(message) from None
    except RecursionError:
        message = "not JSON that can be read: it nests too deep"
        raise NotJSON(message) from None
    except ValueError as error:
        message = f"not JSON: {error}"
        raise NotJSON(message) from None


def _expect(text: str, position: int, wanted: str) -> str:
    found = text[position : position + 1]
    if found not in wanted or not found:
        message = f"not a JSON object: {wanted!r} wanted at character {position}, found {found!r}"
        raise NotJSON(message)
    return found


def _members(text: str, start: int) -> Iterator[tuple[str, Member] | int]:
    position = _skip(text, start)
    _expect(text, position, "{")
    position = _skip(text, position + 1)
    if text[position : position + 1] == "}":
        yield position + 1
        return
    while True:
        _expect(text, position, '"')
        name, position = _decoded(text, position)
        position = _skip(text, position)
        _expect(text, position, ":")
        begin = _skip(text, position + 1)
        value, end = _decoded(text, begin)
        yield name, Member(value, text[begin:end])
        position = _skip(text, end)
        if _expect(text, position, ",}") == "}":
            yield position + 1
            return
        position = _skip(text, position + 1)


def parse_object(text: str) -> dict[str, Member]:
    """The members of a JSON object, each with its own text. Raises NotJSON, also for a name that occurs twice."""
    found: dict[str, Member] = {}
    for item in _members(text, 0):
        if isinstance(item, int):
            rest = _skip(text, item)
            if rest != len(text):
                message = f"not a JSON object: more text after its end, at character {rest}"
                raise NotJSON(message)
        else:
            name, member = item
            if name in found:
                message = f"member {name!r} is there twice"
                raise NotJSON(message)
            found[name] = member
    return found


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def is_document(text: str) -> bool:
    """Whether `text` is one JSON value that can stand in another document as it is."""
    if text.count("{") + text.count("[") > _DEEPEST and _depth(text) > _DEEPEST:
        return False
    try:
        _, end = _decoded(text, _skip(text, 0))
    except NotJSON:
        return False
    return text[:1] not in " \t\n\r" and end == len(text)
