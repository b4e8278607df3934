"""JSON by the names of the real BBS as serialized messages; the inverse of the writer.

An unknown member is an error, not a silent loss; a known member of the wrong type is named with what was wanted.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from bbs.interchange.documents import NotJSON, member_texts, parse_object
from bbs.interchange.schema import Message, Rule
from bbs.interchange.wire_fields import DEEPEST, bytes_field, number_field, varint

_RANGES = {
    "i32": (-(1 << 31), (1 << 31) - 1),
    "i64": (-(1 << 63), (1 << 63) - 1),
    "u32": (0, (1 << 32) - 1),
    "u64": (0, (1 << 64) - 1),
}
_OTHER_NAMES = {"start_timeout": "deprecated_timeout_ns"}
"""What the stores of 2015 called a field that the API names otherwise today."""


def message_from_text(message: Message, text: str) -> bytes:
    """The serialized message of a JSON object. Raises NotJSON, naming the member."""
    members = parse_object(text)
    routes = member_texts(text, "routes") if members.get("routes") else {}
    return message_from_object(message, members, routes)


def message_from_object(message: Message, members: Mapping[str, Any], routes: Mapping[str, str]) -> bytes:
    """The serialized message of a parsed object; `routes` are the texts of its routes' documents. Raises NotJSON."""
    found = dict(members)
    for old, name in _OTHER_NAMES.items():
        if old in found:
            found[name] = found.pop(old)
    if isinstance(found.get("routes"), dict):
        found["routes"] = routes
    return _message(message, found, 0)


def _wrong(rule: Rule, wanted: str, value: Any) -> NotJSON:
    shown = type(value).__name__ if isinstance(value, (dict, list, str)) else str(value)
    return NotJSON(f"{rule.name}: {wanted} wanted, found {shown}")


def _message(message: Message, members: Mapping[str, Any], depth: int) -> bytes:
    if depth > DEEPEST:
        too_deep = f"objects nest deeper than {DEEPEST}"
        raise NotJSON(too_deep)
    left = dict(members)
    out = _known(message, left, depth)
    unknown = left.pop("_unknown", None)
    if left:
        message_text = f"{message.name} has no member {next(iter(left))!r}"
        raise NotJSON(message_text)
    return out + _raw(unknown) if unknown is not None else out


def _known(message: Message, left: dict[str, Any], depth: int) -> bytes:
    """Writes the fields whose members are there, and takes those members away."""
    out, rigid = bytearray(), message.rigid
    for member, text_tag, rule in message.by_member:
        if not left and not rigid:
            break
        if text_tag is not None:
            value = left.pop(member, None)
            if value:
                text = _utf8(rule, value)
                out += text_tag + varint(len(text)) + text
            elif value is not None and value != "":
                raise _wrong(rule, "text", value)
        elif rule.inlined:
            assert rule.message is not None
            # The Go server writes these even when empty, and clients get a record's bytes as they are.
            out += bytes_field(rule.number, _known(rule.message, left, depth + 1))
        else:
            value, held = left.pop(member, None), rule.message
            if value is None:
                out += bytes_field(rule.number, b"") if rule.always and not rule.repeated else b""
                continue
            if held is None or rule.mapped:
                out += _field(rule, value, depth)
                continue
            # Messages inside are read from here and not further down, for the sake of the stack, as in the writer.
            for item in _items(rule, value):
                content = _message(held, item, depth + 1)
                out += bytes_field(rule.number, content) if content or not (rule.normal and rule.omitted) else b""
    return bytes(out)


def _items(rule: Rule, value: Any) -> list[dict[str, Any]]:
    items = value if rule.repeated else [value]
    if not isinstance(items, list):
        raise _wrong(rule, "a list", value)
    for item in items:
        if not isinstance(item, dict):
            raise _wrong(rule, "an object", item)
    return items


def _raw(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError):
        message = "_unknown: base64 wanted"
        raise NotJSON(message) from None


def _field(rule: Rule, value: Any, depth: int) -> bytes:
    if rule.type == "routes":
        return _routes(rule, value)
    if rule.mapped:
        return _map(rule, value, depth)
    if rule.repeated:
        if not isinstance(value, list):
            raise _wrong(rule, "a list", value)
        return b"".join([_single(rule, item, depth, keep_zero=True) for item in value])
    if "." in rule.name:
        if not isinstance(value, dict) or set(value) != {rule.name.partition(".")[2]}:
            raise _wrong(rule, "an object with one member", value)
        value = next(iter(value.values()))
    return _single(rule, value, depth, keep_zero=rule.explicit)


def _single(rule: Rule, value: Any, depth: int, *, keep_zero: bool) -> bytes:
    content = _content(rule, value, depth)
    if isinstance(content, int):
        return number_field(rule.number, content) if content or keep_zero else b""
    return bytes_field(rule.number, content) if content or keep_zero else b""


def _content(rule: Rule, value: Any, depth: int) -> int | bytes:
    if rule.message is not None:
        if not isinstance(value, dict):
            raise _wrong(rule, "an object", value)
        return _message(rule.message, value, depth + 1)
    if rule.type == "s":
        return _utf8(rule, value)
    if rule.type == "b":
        if not isinstance(value, bool):
            raise _wrong(rule, "true or false", value)
        return int(value)
    if rule.type.startswith("="):
        return _enum(rule, value)
    low, high = _RANGES[rule.type]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise _wrong(rule, f"a number from {low} to {high}", value)
    return value


def _utf8(rule: Rule, value: Any) -> bytes:
    try:
        if isinstance(value, str):
            return value.encode()
    except UnicodeEncodeError:
        message = f"{rule.name}: half of a surrogate pair is no text"
        raise NotJSON(message) from None
    raise _wrong(rule, "text", value)


def _enum(rule: Rule, value: Any) -> int:
    if isinstance(value, str) and value in rule.names:
        return rule.names.index(value)
    low, high = _RANGES["i32"]
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    raise _wrong(rule, f"one of {', '.join(rule.names)} or a number", value)


def _map(rule: Rule, value: Any, depth: int) -> bytes:
    if not isinstance(value, dict):
        raise _wrong(rule, "an object", value)
    out = bytearray()
    for key, item in value.items():
        content = _content(rule, item, depth)
        assert isinstance(content, bytes)
        out += bytes_field(rule.number, bytes_field(1, _utf8(rule, key)) + bytes_field(2, content))
    return bytes(out)


def _routes(rule: Rule, value: Any) -> bytes:
    if not isinstance(value, Mapping):
        raise _wrong(rule, "an object", value)
    entries = b"".join(
        bytes_field(1, bytes_field(1, _utf8(rule, name)) + bytes_field(2, _utf8(rule, document)))
        for name, document in value.items()
    )
    return bytes_field(rule.number, entries) if entries else b""
