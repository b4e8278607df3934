"""Records of every shape that the message table allows, and of some others: unknown fields, text that is no UTF-8."""

from __future__ import annotations

from hypothesis import strategies as st

from bbs.interchange.schema import MESSAGE_OF, SCHEMA, Message, Rule
from bbs.interchange.wire_fields import bytes_field, number_field
from bbs.models.records import NEVER, Kind, Presence, Record, actual_lrp_key

GUIDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=20)
DOMAINS = st.sampled_from(["cf-apps", "cf-tasks", "with/slash", "späti", "%2F"])
DEADLINES = st.one_of(st.just(NEVER), st.integers(1_600_000_000_000_000_000, 5_000_000_000_000_000_000))
DOCUMENTS = st.sampled_from(
    [b"[]", b"null", b'{"a": 1,  "b":[1,2]}', b'[{"port":8080}]', '"ü"'.encode(), b"1e400", b"-0"]
)
TEXTS = st.one_of(st.sampled_from(["", "x", "vcap", '\u2028\n"\\\x00', "𝄞"]), st.text(max_size=12)).map(str.encode)
_NUMBERS = {
    "b": st.integers(0, 1),
    "i32": st.one_of(st.integers(-3, 3), st.integers(-(1 << 31), (1 << 31) - 1)),
    "i64": st.one_of(st.integers(-3, 3), st.integers(-(1 << 63), (1 << 63) - 1)),
    "u32": st.integers(0, (1 << 32) - 1),
    "u64": st.integers(0, (1 << 64) - 1),
}
_UNKNOWN = st.one_of(
    st.builds(number_field, st.integers(900, 999), st.integers(0, 1 << 40)),
    st.builds(bytes_field, st.integers(900, 999), st.binary(max_size=8)),
    st.just(bytes((0xBB, 0x38, 0x08, 0x01, 0xBC, 0x38))),  # a group, field 903
)


class Oddities:
    """Which oddities may occur."""

    def __init__(self, *, unknown: bool = False, not_utf8: bool = False) -> None:
        self.unknown = unknown
        self.texts = st.one_of(TEXTS, st.sampled_from([b"\xff", b"cut \xc3"])) if not_utf8 else TEXTS


PLAIN = Oddities()
ODD = Oddities(unknown=True, not_utf8=True)


def _content(rule: Rule, oddities: Oddities, depth: int) -> st.SearchStrategy[int | bytes]:
    if rule.message is not None:
        return messages(rule.message, oddities, depth + 1)
    if rule.type == "s":
        return oddities.texts
    return _NUMBERS.get(rule.type, st.integers(0, 2))


def _tagged(number: int, content: int | bytes) -> bytes:
    return number_field(number, content) if isinstance(content, int) else bytes_field(number, content)


def _entries(rule: Rule, values: st.SearchStrategy[int | bytes], oddities: Oddities) -> st.SearchStrategy[bytes]:
    entry = st.builds(lambda key, value: _tagged(1, key) + _tagged(2, value), oddities.texts, values)
    number = 1 if rule.type == "routes" else rule.number
    entries = st.lists(entry, max_size=3).map(lambda found: b"".join(bytes_field(number, one) for one in found))
    return entries.map(lambda found: bytes_field(rule.number, found)) if rule.type == "routes" else entries


def _field(rule: Rule, oddities: Oddities, depth: int) -> st.SearchStrategy[bytes]:
    if rule.type == "routes":
        return _entries(rule, DOCUMENTS, oddities)
    content = _content(rule, oddities, depth)
    if rule.mapped:
        return _entries(rule, content, oddities)
    one = content.map(lambda value: _tagged(rule.number, value))
    return st.lists(one, max_size=3).map(b"".join) if rule.repeated else one


@st.composite
def messages(draw: st.DrawFn, message: Message, oddities: Oddities = PLAIN, depth: int = 0) -> bytes:
    """The bytes of a message: some fields, in any order."""
    rules = [rule for rule in message.rules if depth < 5 or rule.message is None]
    chosen = draw(st.lists(st.sampled_from(rules), max_size=6, unique_by=lambda rule: rule.number)) if rules else []
    parts = [draw(_field(rule, oddities, depth)) for rule in chosen]
    if oddities.unknown and draw(st.integers(0, 4)) == 0:
        parts.append(draw(_UNKNOWN))
    return b"".join(parts)


@st.composite
def records(draw: st.DrawFn, oddities: Oddities = PLAIN) -> Record:
    """A record whose content names its key."""
    kind = draw(st.sampled_from(list(Kind)))
    guid = draw(GUIDS)
    match kind:
        case Kind.DOMAINS:
            return Record(kind, draw(DOMAINS), b"", draw(DEADLINES))
        case Kind.DESIRED_LRPS:
            return Record(kind, guid, draw(messages(MESSAGE_OF[kind], oddities)) + bytes_field(1, guid.encode()))
        case Kind.TASKS:
            return Record(kind, guid, draw(messages(MESSAGE_OF[kind], oddities)) + bytes_field(2, guid.encode()))
        case Kind.ACTUAL_LRPS:
            return _actual(draw, guid, draw(messages(MESSAGE_OF[kind], oddities)))


def _actual(draw: st.DrawFn, guid: str, data: bytes) -> Record:
    index, presence = draw(st.integers(0, 200)), draw(st.sampled_from(list(Presence)))
    data += bytes_field(1, bytes_field(1, guid.encode()) + number_field(2, index))
    data += number_field(10, list(Presence).index(presence))
    deadline = draw(DEADLINES) if presence is Presence.EVACUATING else NEVER
    return Record(Kind.ACTUAL_LRPS, actual_lrp_key(guid, index, presence), data, deadline)


def nested_action(depth: int) -> bytes:
    """A run action inside `depth` timeout actions of 1.5 s."""
    action = bytes_field(3, bytes_field(1, b"/bin/true"))
    for _ in range(depth):
        action = bytes_field(4, bytes_field(1, action) + number_field(4, 1500))
    return action


__all__ = ["MESSAGE_OF", "ODD", "PLAIN", "SCHEMA", "messages", "nested_action", "records"]
