"""Messages as they stand in columns of JSON, and message fields by number: what the tables' codecs share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from bbs.interchange.documents import NotJSON, parse_object
from bbs.interchange.messages import ENUMS
from bbs.interchange.wire_fields import bytes_field, fields, signed
from bbs.layouts.contract import Unrepresentable
from bbs.layouts.go_json import members_of, object_of, respelled, text_of, value_of
from bbs.layouts.upstream_columns import numeric_field, tag_index, text_field

_SURROGATES = re.compile("[\ud800-\udfff]")
_DYNAMIC = ENUMS["MetricTagValue.DynamicValue"]


class Parts:
    """The fields of a message, read once: what it says by protobuf's rules (the last of a scalar, messages joined)."""

    __slots__ = ("_found",)

    def __init__(self, data: bytes) -> None:
        """Raises Malformed."""
        self._found: dict[int, list[int | bytes]] = {}
        for number, _, value, _ in fields(data):
            self._found.setdefault(number, []).append(value)

    def text(self, number: int) -> bytes:
        """A text; empty when absent."""
        return (self.texts(number) or [b""])[-1]

    def texts(self, number: int) -> list[bytes]:
        """All values of a repeated text or message."""
        return [value for value in self._found.get(number, ()) if isinstance(value, bytes)]

    def message(self, number: int) -> bytes:
        """A message; parts that arrive apart are one."""
        return b"".join(self.texts(number))

    def number(self, number: int) -> int:
        """A number as int64; 0 when absent."""
        values = [value for value in self._found.get(number, ()) if isinstance(value, int)]
        return signed(values[-1]) if values else 0

    def has(self, number: int) -> bool:
        """Whether the field is there at all."""
        return number in self._found


def _entries(messages: list[bytes]) -> Iterator[tuple[str, Parts]]:
    for entry in messages:
        parts = Parts(entry)
        yield parts.text(1).decode("utf-8", "surrogateescape"), parts


def _entry(key: str, value: bytes) -> bytes:
    try:
        return bytes_field(1, key.encode("utf-8", "surrogateescape")) + bytes_field(2, value)
    except UnicodeEncodeError:
        message = f"the name {key!a} is no Unicode"
        raise NotJSON(message) from None


# --- routes: an object of documents -----------------------------------------------------------------------------------


def routes_json(routes: bytes) -> str:
    """`models.ProtoRoutes` as the column `routes`; null when there are none. Raises Unrepresentable."""
    documents = {}
    for key, parts in _entries(Parts(routes).texts(1)):
        try:
            documents[key] = respelled(parts.text(2))
        except NotJSON as error:
            message = f"the route {key!r} can't be stored: {error}"
            raise Unrepresentable(message) from None
    return object_of(documents) if documents else "null"


def routes_message(payload: bytes) -> bytes:
    """The inverse. Raises NotJSON."""
    found = members_of(payload).items()
    return b"".join(bytes_field(1, _entry(key, text.encode("utf-8", "surrogateescape"))) for key, text in found)


# --- metric tags of a desired LRP: an object of values that are static or dynamic -------------------------------------


def dynamic_tags_json(entries: list[bytes]) -> str:
    """Entries of `map<string, MetricTagValue>` as the column `metric_tags`; null when there are none."""
    documents = {key: _tag_json(Parts(parts.message(2)), key) for key, parts in _entries(entries)}
    return object_of(documents) if documents else "null"


def _tag_json(value: Parts, key: str) -> str:
    static, dynamic = value.text(1), value.number(2)
    if not 0 <= dynamic < len(_DYNAMIC):
        message = f"the metric tag {key!r} has the dynamic value {dynamic}, which has no name"
        raise Unrepresentable(message)
    members = {}
    if dynamic:
        members["dynamic"] = f'"{_DYNAMIC[dynamic]}"'
    if static:
        members["static"] = text_of(static.decode("utf-8", "surrogateescape"))
    return object_of(members)


def dynamic_tags(payload: bytes, number: int) -> bytes:
    """The inverse: the fields `number`. Raises NotJSON."""
    return b"".join(bytes_field(number, _entry(key, _tag(text))) for key, text in members_of(payload).items())


def _tag(text: str) -> bytes:
    value = {} if text == "null" else parse_object(text)
    static, dynamic = value.get("static", ""), value.get("dynamic", 0)
    if isinstance(dynamic, str) and dynamic in _DYNAMIC:
        dynamic = _DYNAMIC.index(dynamic)
    if not isinstance(static, str) or not isinstance(dynamic, int) or not 0 <= dynamic < 1 << 31:
        message = f"{text!r} is no metric tag"
        raise NotJSON(message)
    return text_field(1, _utf8(static)) + numeric_field(2, int(dynamic))


# --- metric tags and internal routes of an actual LRP -----------------------------------------------------------------


def tags_json(entries: list[bytes]) -> str:
    """Entries of `map<string, string>` as the column `metric_tags`."""
    return object_of({key: text_of(_text(parts.text(2))) for key, parts in _entries(entries)})


def tags(payload: bytes, number: int) -> bytes:
    """The inverse: the fields `number`. Raises NotJSON."""
    return b"".join(bytes_field(number, _entry(key, _utf8(_string(text)))) for key, text in members_of(payload).items())


def hostnames_json(routes: list[bytes]) -> str:
    """`models.ActualLRPInternalRoute`s as the column `internal_routes`."""
    return "[" + ",".join(f'{{"hostname":{text_of(_text(Parts(route).text(1)))}}}' for route in routes) + "]"


def hostnames(payload: bytes, number: int) -> bytes:
    """The inverse: the fields `number`. Raises NotJSON."""
    found = value_of(payload)
    routes = [] if found is None else found
    if not isinstance(routes, list) or not all(isinstance(route, dict) for route in routes):
        message = "the internal routes are no list of objects"
        raise NotJSON(message)
    names = [route.get("hostname", "") for route in routes]
    if not all(isinstance(name, str) for name in names):
        message = "a host name of the internal routes is no string"
        raise NotJSON(message)
    return b"".join(bytes_field(number, text_field(1, _utf8(name))) for name in names)


# --- placement tags ---------------------------------------------------------------------------------------------------


def placement_json(placement: list[bytes]) -> str:
    """The plain column `placement_tags`."""
    return text_of([tag.decode("utf-8", "replace") for tag in placement]) if placement else "null"


def placement(payload: bytes, number: int) -> bytes:
    """The inverse: the fields `number`. Raises NotJSON."""
    found = value_of(payload)
    if found is not None and not (isinstance(found, list) and all(isinstance(tag, str) for tag in found)):
        message = "the placement tags are no list of strings"
        raise NotJSON(message)
    return b"".join(bytes_field(number, _utf8(tag)) for tag in found or ())


# --- modification tags ------------------------------------------------------------------------------------------------


def tag_columns(tag: bytes) -> tuple[bytes, int]:
    """Epoch and index of `models.ModificationTag`. Raises Unrepresentable."""
    parts = Parts(tag)
    return parts.text(1), tag_index(parts.number(2))


def tag_message(epoch: bytes, index: int) -> bytes:
    """The inverse; an index that a signed column shows as negative is what it was."""
    return text_field(1, epoch) + numeric_field(2, index & 0xFFFFFFFF)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _utf8(value: str) -> bytes:
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # A lone half of a surrogate pair, written as an escape: Go reads it as U+FFFD too.
        return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", value).encode()


def _string(text: str) -> str:
    value = json.loads(text)
    if value is not None and not isinstance(value, str):
        message = f"{text!r} is no string"
        raise NotJSON(message)
    return value or ""
