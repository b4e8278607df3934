"""Serialized messages as JSON by the names of the real BBS, straight from wire fields.

Two manners: the export's, which says everything (what JSON can't say goes into `_unknown` as its wire bytes), and the
stored one of data version 0, which is what Go would have written and loses what Go would lose.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable
from json.encoder import encode_basestring

from bbs.interchange.documents import is_document
from bbs.interchange.schema import Message, Rule
from bbs.interchange.wire_fields import BYTES, DEEPEST, VARINT, Malformed, bytes_field, fields, number_field, signed

UNKNOWN_FIELDS = "fields that this version does not know"
NOT_UTF8 = "text that is not UTF-8"

Value = int | bytes


class Unsayable(ValueError):
    """A value that JSON can't hold at all; names the field."""


def _truncated(value: int, kind: str) -> int:
    if kind == "u64":
        return value
    if kind == "i64":
        return signed(value)
    value &= 0xFFFFFFFF
    return value - (1 << 32) if kind != "u32" and value >> 31 else value


def _unpacked(data: bytes) -> list[Value]:
    # A packed list is a run of varints; each gets a tag so that one reader does both.
    found: list[Value] = []
    begin = 0
    for position, byte in enumerate(data):
        if byte < 0x80:
            found.extend(value for _, _, value, _ in fields(b"\x08" + data[begin : position + 1]))
            begin = position + 1
    if begin != len(data):
        message = "a packed list is cut short"
        raise Malformed(message)
    return found


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else b""


class Writer:
    """Writes messages. `exact`: the export's manner. Otherwise `lost` names what was left out or replaced."""

    __slots__ = ("exact", "lost")

    def __init__(self, *, exact: bool) -> None:
        self.exact = exact
        self.lost: set[str] = set()

    def text(self, message: Message, data: bytes) -> str:
        """The JSON object of a message. Raises Malformed; Unsayable unless `exact`."""
        return self._object(message, data, 0)

    def _object(self, message: Message, data: bytes, depth: int) -> str:
        members, unknown = self._members(message, data, depth)
        if unknown:
            members.append(f'"_unknown":"{b2a_base64(unknown, newline=False).decode()}"')
        return "{" + ",".join(members) + "}"

    def _members(self, message: Message, data: bytes, depth: int) -> tuple[list[str], bytes]:
        # Messages inside are written from here and not further down: each level of nesting costs two frames, so that
        # what DEEPEST allows fits into Python's stack.
        if depth > DEEPEST:
            too_deep = f"messages nest deeper than {DEEPEST}"
            raise Malformed(too_deep)
        seen, unknown = self._sorted_out(message, data)
        members: list[str] = []
        for rule in message.rules:
            values = seen.get(rule.number)
            inner = rule.message
            if values is None:
                members += rule.absent_members
            elif inner is None or rule.mapped:
                if not (rule.single and self._single(rule, values[-1], members)):
                    unknown += self._present(rule, values, members, depth)
            elif rule.repeated:
                texts = []
                for value in values:
                    texts.append(self._object(inner, _bytes(value), depth + 1))  # noqa: PERF401 - a frame, see above
                members.append(f"{rule.label}[{','.join(texts)}]")
            else:
                whole = _bytes(values[0]) if len(values) == 1 else b"".join(map(_bytes, values))
                if rule.inlined:
                    texts, more = self._members(inner, whole, depth + 1)
                    members += texts
                    # Parts of one message that arrive apart are merged by every protobuf reader.
                    unknown += bytes_field(rule.number, more) if more else b""
                elif whole or not (rule.normal and rule.omitted):
                    members.append(rule.label + self._object(inner, whole, depth + 1))
        return members, bytes(unknown)

    def _sorted_out(self, message: Message, data: bytes) -> tuple[dict[int, list[Value]], bytearray]:
        seen: dict[int, list[Value]] = {}
        unknown = bytearray()
        rules = message.by_number
        for number, wire_type, value, raw in fields(data):
            rule = rules.get(number)
            if rule is not None and wire_type == rule.wire_type:
                seen.setdefault(number, []).append(value)
            elif (
                rule is not None and rule.repeated and rule.numeric and isinstance(value, bytes) and wire_type == BYTES
            ):
                seen.setdefault(number, []).extend(_unpacked(value))
            elif self.exact:
                unknown += raw
            else:
                self.lost.add(UNKNOWN_FIELDS)
        return seen, unknown

    @staticmethod
    def _single(rule: Rule, value: Value, members: list[str]) -> bool:
        """Appends the usual case, one scalar that JSON can say, without further ado; False when it isn't one."""
        if isinstance(value, bytes):
            try:
                text = encode_basestring(value.decode())
            except UnicodeDecodeError:
                return False
        elif rule.type in ("b", "u64") or rule.names or value >= 1 << 31:
            return False
        else:
            text = str(value)
        if text != rule.zero or not rule.omitted:
            members.append(rule.label + text)
        return True

    def _present(self, rule: Rule, values: list[Value], members: list[str], depth: int) -> bytes:
        """Appends the member; returns what has to go into `_unknown` instead."""
        try:
            text = self._text(rule, values, depth)
        except Unsayable:
            if not self.exact:
                raise
            return b"".join(
                number_field(rule.number, value) if isinstance(value, int) else bytes_field(rule.number, value)
                for value in values
            )
        if text is not None:
            members.append(rule.label + text)
        return b""

    def _text(self, rule: Rule, values: list[Value], depth: int) -> str | None:
        if rule.mapped:
            return self._map(values, self._map_value(rule, depth))
        if rule.type == "routes":
            return self._routes(values)
        if rule.repeated:
            return "[" + ",".join([self._scalar(rule, value) for value in values]) + "]"
        text = self._scalar(rule, values[-1])
        if "." in rule.name:
            return f'{{"{rule.name.partition(".")[2]}":{text}}}'
        return None if rule.omitted and not rule.explicit and text == rule.zero else text

    def _map_value(self, rule: Rule, depth: int) -> Callable[[Value], str]:
        message = rule.message
        if message is not None:
            return lambda value: self._object(message, _bytes(value), depth + 1)
        return lambda value: self._scalar(rule, value)

    def _scalar(self, rule: Rule, value: Value) -> str:
        if isinstance(value, bytes):
            return encode_basestring(self._utf8(rule, value))
        if rule.type == "b":
            return "true" if value else "false"
        number = _truncated(value, rule.type)
        return f'"{rule.names[number]}"' if 0 <= number < len(rule.names) else str(number)

    def _utf8(self, rule: Rule, value: bytes) -> str:
        try:
            return value.decode()
        except UnicodeDecodeError:
            if self.exact:
                message = f"{rule.name} is not UTF-8"
                raise Unsayable(message) from None
            self.lost.add(NOT_UTF8)
            return value.decode(errors="replace")

    def _map(self, values: list[Value], one: Callable[[Value], str]) -> str | None:
        entries = self._entries(values)
        if not entries:
            return None
        return "{" + ",".join(f"{encode_basestring(key)}:{one(value)}" for key, value in sorted(entries.items())) + "}"

    def _entries(self, values: list[Value]) -> dict[str, bytes]:
        entries: dict[str, bytes] = {}
        for value in values:
            key = content = b""
            for number, _, part, _ in fields(_bytes(value)):
                if isinstance(part, bytes) and number == 1:
                    key = part
                elif isinstance(part, bytes) and number == 2:
                    content = part
            entries[self._utf8(_MAP_KEY, key)] = content
        return entries

    def _routes(self, values: list[Value]) -> str | None:
        entries: list[Value] = []
        for value in values:
            for number, _, part, _ in fields(_bytes(value)):
                if number == 1 and isinstance(part, bytes):
                    entries.append(part)
                elif self.exact:
                    message = "routes hold a field that is none"
                    raise Unsayable(message)
                else:
                    self.lost.add(UNKNOWN_FIELDS)
        return self._map(entries, self._document)

    def _document(self, value: Value) -> str:
        assert isinstance(value, bytes)
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = ""
        if not is_document(text) or (self.exact and ("\n" in text or "\r" in text)):
            message = "the value of a route is not JSON"
            raise Unsayable(message)
        return text


_MAP_KEY = Rule(1, "a map's key", "s")

__all__ = ["NOT_UTF8", "UNKNOWN_FIELDS", "VARINT", "Unsayable", "Writer"]
