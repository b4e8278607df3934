"""JSON documents that are kept verbatim inside other JSON: the values of routes.

A client sees the spacing of the route it desired, so a document may be neither rewritten nor reordered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any

_DEEPEST = 200
_BRACKETS = re.compile(r"[][{}]")
_SPACE = re.compile(r"[ \t\n\r]*")


def _no_constant(name: str) -> None:
    message = f"{name} is no JSON"
    raise ValueError(message)


_DECODER = JSONDecoder(parse_constant=_no_constant)


class NotJSON(ValueError):
    """The text is not the JSON that was wanted; says where."""


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


def _members(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Name, begin and end of each member of the object that begins at `start`."""
    position = _skip(text, start)
    _expect(text, position, "{")
    position = _skip(text, position + 1)
    if text[position : position + 1] == "}":
        return
    while True:
        _expect(text, position, '"')
        name, position = _decoded(text, position)
        position = _skip(text, position)
        _expect(text, position, ":")
        begin = _skip(text, position + 1)
        _, end = _decoded(text, begin)
        yield name, begin, end
        position = _skip(text, end)
        if _expect(text, position, ",}") == "}":
            return
        position = _skip(text, position + 1)


def parse_object(text: str) -> dict[str, Any]:
    """A JSON object. Raises NotJSON."""
    begin = _skip(text, 0)
    value, end = _decoded(text, begin)
    if not isinstance(value, dict):
        message = f"not a JSON object: {type(value).__name__} found"
        raise NotJSON(message)
    if _skip(text, end) != len(text):
        message = f"not a JSON object: more text after its end, at character {end}"
        raise NotJSON(message)
    return value


def member_texts(text: str, *path: str) -> dict[str, str]:
    """The texts of the members of the object at a path of names inside valid JSON, each as it stands there.

    Raises NotJSON when a name on the way, or one of the members, is there twice.
    """
    position = _position(text, path)
    found: dict[str, str] = {}
    for name, begin, end in _members(text, position):
        if name in found:
            message = f"{path[-1]}: member {name!r} is there twice"
            raise NotJSON(message)
        found[name] = text[begin:end]
    return found


def document_texts(text: str) -> dict[str, str]:
    """The texts of the members of one JSON object, each as it stands there. Raises NotJSON, also for a name that is
    there twice."""
    parse_object(text)
    found: dict[str, str] = {}
    for name, begin, end in _members(text, 0):
        if name in found:
            message = f"member {name!r} is there twice"
            raise NotJSON(message)
        found[name] = text[begin:end]
    return found


def _position(text: str, path: tuple[str, ...]) -> int:
    # In valid JSON an unescaped quoted name before a colon is a member's name. If it is there once, it is the one;
    # else the objects on the way are walked, member by member, which takes many times as long.
    places = list(re.finditer(rf'(?<!\\)"{path[-1]}"[ \t\n\r]*:', text))
    if len(places) == 1:
        return places[0].end()
    position = 0
    for wanted in path:
        begins = [begin for name, begin, _ in _members(text, position) if name == wanted]
        if len(begins) != 1:
            message = f"member {wanted!r} is there {len(begins)} times"
            raise NotJSON(message)
        position = begins[0]
    return position


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
