"""What is taken out of both sides before they are compared, and why: the whole list, and the code that does it.

A message becomes a tree that keeps every field in the order in which it was written, unknown ones included; nothing is
decoded that could hide a difference. With equal lengths, equal trees are equal bytes but for what `TABLE` says.
"""

from __future__ import annotations

import base64
import bisect
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from bbs.interchange.wire_fields import BYTES, VARINT, Malformed, fields, signed


@dataclass(frozen=True)
class Rule:
    """One thing that two runs of the real BBS do not have in common either."""

    name: str
    what: str
    reason: str


TABLE = (
    Rule(
        "times",
        "`since`, `created_at`, `updated_at`, `first_completed_at`, also in JSON: replaced by the number of the step "
        "in which the instant lies",
        "wall clock; that a time was set, kept or moved by the right step is still compared",
    ),
    Rule(
        "epochs",
        "`modification_tag.epoch`: replaced; recorded and replayed ones must correspond one to one in a whole scenario",
        "a UUID that the server makes",
    ),
    Rule(
        "ports",
        "ports after `127.0.0.1:` in bodies: free ones with as many digits stand for the recorded ones",
        "two replays may run on one machine",
    ),
    Rule("date", "the value of the header `Date`", "wall clock; its presence is compared"),
    Rule(
        "list order",
        "the members of a list answer (LRPs, groups, infos, tasks, domains, cells): sorted",
        "a list has no order: the real one is that of rows in its database",
    ),
    Rule("map order", "entries of a map field: sorted", "random in the real server, from call to call"),
    Rule(
        "port order",
        "`DesiredLRP.ports`: sorted",
        "the real server removes duplicates through a map, which leaves a random order",
    ),
    Rule("indices", "`indices` of one auction request: sorted", "rows are created in parallel there"),
    Rule("starts", "the members of one auction request: sorted", "collected in parallel there"),
    Rule(
        "library headers",
        "`User-Agent`, `Accept-Encoding`, `Host` and `Connection` of calls out: left out",
        "said by the HTTP library, not by the BBS",
    ),
    Rule(
        "calls of one step",
        "calls out that follow one step: compared as a set with counts",
        "made in parallel there",
    ),
    Rule(
        "events of one step",
        "events that follow one step: order kept within one instance, one desired LRP or one task, not between them",
        "hubs emit in parallel there; ids are compared as the unbroken count that they are",
    ),
    Rule(
        "auctions",
        "where convergence runs: an auction request is compared instance by instance",
        "one call per pass there as here, but of which rows a pass makes one member, and in which order, is chance",
    ),
    Rule(
        "passes",
        "a pass of convergence runs where the recording shows one: in the gap, and of the age, that the instants set "
        "by passes tell (their period gives the others)",
        "number and place of passes are chance in the real BBS; ours are asked for, so each step is compared by itself",
    ),
    Rule(
        "end",
        "calls out of a pass after the last step, where the recording has events of it but no call: left out",
        "the recorder had stopped its stubs, its streams were still open",
    ),
)

TIMES = frozenset({"since", "created_at", "updated_at", "first_completed_at"})
LIBRARY_HEADERS = frozenset({"user-agent", "accept-encoding", "host", "connection"})
_JSON_TIME = re.compile(rb'(?<="created_at":)\d+')
_INDICES = re.compile(rb'(?<="indices":\[)[\d,]*(?=\])')

Tree = list[Any]


@dataclass
class Timeline:
    """When which step began, in ns; tells an instant by the step in which it lies."""

    starts: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    def began(self, seq: int, at: int) -> None:
        self.starts.append(at)
        self.steps.append(seq)

    def step_of(self, at: int) -> str:
        """`step N`; 0 stays what it is."""
        if at == 0:
            return "never"
        position = bisect.bisect_right(self.starts, at)
        return f"step {self.steps[position - 1]}" if position else "before"


@dataclass(frozen=True, eq=False, repr=False)
class Epoch:
    """An epoch in a tree: equal to any other there; which ones correspond is looked at apart."""

    text: int | bytes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Epoch)

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "epoch"


def epochs(tree: Any) -> list[int | bytes]:
    """The epochs of a tree in its order."""
    if isinstance(tree, Epoch):
        return [tree.text]
    return [found for node in tree for found in epochs(node)] if isinstance(tree, list) else []


@dataclass
class Normal:
    """One side of a comparison: a recording, or what came of replaying it."""

    timeline: Timeline
    received: Callable[[bytes], bytes] = bytes
    times: frozenset[str] = TIMES

    def message(self, data: bytes, descriptor: Descriptor, *, is_list: bool = False) -> Tree:
        """The tree of a message; bytes that are none stay as they are."""
        try:
            tree = self._tree(data, descriptor)
        except Malformed:
            return [["not a message", data]]
        return sorted(tree, key=_order) if is_list else tree

    def json(self, body: bytes) -> bytes:
        """A JSON body of a call out."""
        body = _INDICES.sub(lambda found: b",".join(sorted(found[0].split(b","), key=_number)), body)
        body = _JSON_TIME.sub(lambda found: self.timeline.step_of(int(found[0])).encode(), body)
        return b"\n".join(sorted(_members(body))) if body.startswith(b"[") else body

    def _tree(self, data: bytes, descriptor: Descriptor) -> Tree:
        by_number = descriptor.fields_by_number
        tree: Tree = []
        for number, wire_type, value, raw in fields(data):
            known = by_number.get(number)
            if known is None:
                tree.append([f"?{number}", raw])
            elif known.message_type is not None and wire_type == BYTES and isinstance(value, bytes):
                tree.append([known.name, self._tree(value, known.message_type)])
            elif wire_type == VARINT and isinstance(value, int):
                tree.append([known.name, self._number(known.name, signed(value))])
            else:
                tree.append([known.name, Epoch(value) if known.name == "epoch" else value])
        return _unordered(tree, descriptor)

    def _number(self, name: str, value: int) -> int | str:
        return self.timeline.step_of(value) if name in self.times else value


def _unordered(tree: Tree, descriptor: Descriptor) -> Tree:
    """Entries of one map, and ports, in order; each stays where the first of its kind stood."""
    names = {known.name for known in descriptor.fields if _is_unordered(known)}
    present = {node[0] for node in tree if node[0] in names}
    for name in present:
        ordered = iter(sorted((node for node in tree if node[0] == name), key=_order))
        tree = [next(ordered) if node[0] == name else node for node in tree]
    return tree


def _is_unordered(known: FieldDescriptor) -> bool:
    if known.message_type is not None and known.message_type.GetOptions().map_entry:
        return True
    return known.full_name == "models.DesiredLRP.ports"


def _order(node: Any) -> str:
    return repr(node)


def _number(text: bytes) -> int:
    return int(text or b"0")


def _members(body: bytes) -> list[bytes]:
    """The members of a JSON array, each as its own bytes."""
    text = body.decode("utf-8", "surrogateescape")
    decoder, position, found = json.JSONDecoder(), 1, []
    try:
        while position < len(text) - 1:
            _, end = decoder.raw_decode(text, position)
            found.append(text[position:end].encode("utf-8", "surrogateescape"))
            position = end + 1
    except ValueError:
        return [body]
    return found


def by_index(start: bytes) -> list[bytes]:
    """One member of an auction request as one for each of its indices."""
    found = _INDICES.search(start)
    if found is None:
        return [start]
    return [start[: found.start()] + index + start[found.end() :] for index in found[0].split(b",")]


def told(push: bytes) -> list[tuple[int, str, str]]:
    """What an instance is told by one push: index, then host names or tags; a part that says nothing is left out."""
    document = json.loads(push)
    parts = ((name, document[name]) for name in ("internal_routes", "metric_tags"))
    return [(document["index"], name, json.dumps(value)) for name, value in parts if value]


def headers(recorded: dict[str, list[str]], leave_out: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Headers by their exact names; the value of Date is gone."""
    kept = {name: values for name, values in recorded.items() if name.lower() not in leave_out}
    return {name: ["some time"] if name == "Date" else list(values) for name, values in kept.items()}


def event(chunk: bytes, descriptor_of: Callable[[str], Descriptor | None], normal: Normal) -> Tree:
    """One event as it stood on the wire, its id left out and its payload as a tree."""
    lines = chunk.split(b"\n")
    name = lines[1].partition(b": ")[2].decode("latin-1")
    descriptor = descriptor_of(name)
    data = lines[2].partition(b": ")[2]
    payload = normal.message(normal.received(base64.b64decode(data)), descriptor) if descriptor else data
    return [name, [lines[0].partition(b": ")[0], lines[1], lines[2].partition(b": ")[0], lines[3:]], payload]
