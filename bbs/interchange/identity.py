"""Which key a record's own content gives it: the check that a row was not moved under another name."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from bbs.interchange.wire_fields import Malformed, last_number, message_at, text_at
from bbs.models.records import Kind, Presence, escaped, parse_actual_lrp_key
from bbs.wire import index_pb2 as wire

_PRESENCES = frozenset(Presence)


def _text(data: bytes, *path: int) -> str:
    return text_at(data, *path).decode("utf-8", "surrogateescape")


def _named(key: str, guid: str) -> bool:
    return key in (guid, escaped(guid))


def misplaced(kind: Kind, key: str, data: bytes) -> str | None:
    """Why the content does not belong under `key`; None when it does. Presence isn't looked at."""
    try:
        # The runtime's parser takes a tenth of the time; what it does not find in order is looked at field by field.
        return None if _in_place(kind, key, data) else _misplaced(kind, key, data)
    except Malformed as error:
        return f"{kind.value} {key!r} holds no message: {error}"


def _in_place(kind: Kind, key: str, data: bytes) -> bool:
    try:
        match kind:
            case Kind.ACTUAL_LRPS:
                named = wire.ActualLRP.FromString(data).actual_lrp_key
                guid, index, presence = key.split("/") if key.count("/") == 2 and "%" not in key else ("", "", "")
                return (guid, index) == (named.process_guid, str(named.index)) and presence in _PRESENCES
            case Kind.DESIRED_LRPS:
                return wire.DesiredLRP.FromString(data).process_guid == key
            case Kind.TASKS:
                return wire.Task.FromString(data).task_guid == key
            case Kind.DOMAINS:
                return False
    except (DecodeError, UnicodeDecodeError):
        return False


def _misplaced(kind: Kind, key: str, data: bytes) -> str | None:
    match kind:
        case Kind.DOMAINS:
            return f"domain {key!r} holds {len(data)} bytes, none wanted" if data else None
        case Kind.ACTUAL_LRPS:
            try:
                guid, index, _ = parse_actual_lrp_key(key)
            except ValueError:
                return f"{key!r} is no key of an actual LRP: <process guid>/<index>/<presence> wanted"
            named, at = _text(data, 1, 1), _index(data)
            return None if (named, at) == (guid, index) else f"{key!r} holds the actual LRP {named!r} index {at}"
        case Kind.TASKS:
            guid = _text(data, 2)
        case Kind.DESIRED_LRPS:
            guid = _text(data, 1)
    return None if _named(key, guid) else f"{kind.value} {key!r} holds {guid!r}"


def _index(data: bytes) -> int:
    index = last_number(message_at(data, 1), 2) & 0xFFFFFFFF
    return index - (1 << 32) if index >> 31 else index
