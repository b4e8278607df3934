"""The message table, parsed once: which field is written how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bbs.interchange.messages import ENUMS, MESSAGES
from bbs.interchange.wire_fields import BYTES, VARINT, varint
from bbs.models.records import Kind

_FIELD = re.compile(r"(\d+) (\S+) (\{?[=.\w]+\}?)([*?^!+~]*)")
_NUMBERS = {"i32", "i64", "u32", "u64"}


@dataclass(frozen=True)
class Rule:
    """How one field is written. `type` is that of a map's values where `mapped`; `normal`: empty means absent."""

    number: int
    name: str
    type: str
    repeated: bool = False
    mapped: bool = False
    omitted: bool = False
    inlined: bool = False
    always: bool = False
    explicit: bool = False
    normal: bool = False

    @cached_property
    def numeric(self) -> bool:
        """A varint on the wire."""
        return self.type in _NUMBERS or self.type == "b" or self.type.startswith("=")

    @cached_property
    def wire_type(self) -> int:
        """The wire type of one value."""
        return VARINT if self.numeric and not self.mapped else BYTES

    @cached_property
    def tag(self) -> bytes:
        """What stands before a value on the wire."""
        return varint(self.number << 3 | self.wire_type)

    @cached_property
    def text(self) -> bool:
        """One text, and absent is as good as empty: most fields of most messages."""
        return self.single and not self.always and self.type == "s" and "." not in self.name

    @cached_property
    def message(self) -> Message | None:
        """The message it holds, None for a scalar."""
        return SCHEMA.get(self.type)

    @cached_property
    def single(self) -> bool:
        """One plain scalar."""
        return not (self.repeated or self.mapped or self.explicit or self.message or self.type == "routes")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of an enum's values by number."""
        return ENUMS.get(self.type[1:], ())

    @cached_property
    def zero(self) -> str:
        """The text of a scalar's zero."""
        if self.type == "s":
            return '""'
        if self.type == "b":
            return "false"
        return f'"{self.names[0]}"' if self.names else "0"

    @cached_property
    def absent(self) -> str:
        """What is written when it is not on the wire and isn't left out."""
        if self.repeated or self.mapped or self.explicit:
            return "null"
        if self.message is not None:
            return "{" + ",".join(self.message.absent) + "}" if self.always else "null"
        return self.zero

    @cached_property
    def member(self) -> str:
        """The name of its JSON member."""
        return self.name.partition(".")[0]

    @cached_property
    def absent_members(self) -> tuple[str, ...]:
        """The members to write when it is not on the wire."""
        if self.inlined and self.message is not None:
            return self.message.absent
        return () if self.omitted else (self.label + self.absent,)

    @cached_property
    def label(self) -> str:
        """Its name as it begins a member of a JSON object."""
        return f'"{self.member}":'


@dataclass(frozen=True)
class Message:
    """The rules of one message in the order of the table."""

    name: str
    rules: tuple[Rule, ...]

    @cached_property
    def by_number(self) -> Mapping[int, Rule]:
        """Rules by field number."""
        return {rule.number: rule for rule in self.rules}

    @cached_property
    def by_member(self) -> tuple[tuple[str, bytes | None, Rule], ...]:
        """For each rule its member's name and, for a text, the tag: a reader asks these for every field."""
        return tuple((rule.member, rule.tag if rule.text else None, rule) for rule in self.rules)

    @cached_property
    def rigid(self) -> bool:
        """Whether something of it is on the wire even when it is empty."""
        return any(rule.inlined or rule.always for rule in self.rules)

    @cached_property
    def absent(self) -> tuple[str, ...]:
        """The members of an empty message."""
        return tuple(member for rule in self.rules for member in rule.absent_members)


def _rule(text: str) -> Rule:
    match = _FIELD.fullmatch(text.strip())
    if not match:
        message = f"the message table holds {text!r}"
        raise ValueError(message)
    number, name, kind, signs = match.groups()
    mapped = kind.startswith("{")
    return Rule(
        int(number),
        name,
        kind.strip("{}"),
        repeated="*" in signs,
        mapped=mapped,
        omitted="?" in signs,
        inlined="^" in signs,
        always="!" in signs,
        explicit="+" in signs,
        normal=any(sign in signs for sign in "~^!") and "*" not in signs,
    )


SCHEMA: Mapping[str, Message] = {
    name: Message(name, tuple(_rule(field) for field in text.split(";"))) for name, text in MESSAGES.items()
}
MESSAGE_OF: Mapping[Kind, Message] = {
    Kind.DESIRED_LRPS: SCHEMA["DesiredLRP"],
    Kind.ACTUAL_LRPS: SCHEMA["ActualLRP"],
    Kind.TASKS: SCHEMA["Task"],
}
"""The message of a kind's records; domains have none."""
