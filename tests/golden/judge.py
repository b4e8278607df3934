"""Compares what was recorded with what came of the replay: every exchange, every call out, every line of a stream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.golden import messages, normalisation, streams
from tests.golden.differences import Instead, Listed, Others, Refusal, deviations
from tests.golden.miscounted import miscounted
from tests.golden.normalisation import LIBRARY_HEADERS, Normal, Timeline, Tree
from tests.golden.recording import Line, Scenario
from tests.golden.replay import Replayed
from tests.golden.streams import Event
from tests.golden.stubs import Call

PROTOBUF = "application/x-protobuf"
ACTUAL_LRPS = "/v1/actual_lrps/list"


@dataclass(frozen=True)
class Check:
    """One comparison. `part`: answer, call or event; `wanted` and `seen` are filled in when they differ."""

    seq: int
    part: str
    what: str
    passed: bool
    wanted: Any = None
    seen: Any = None


@dataclass
class Judge:
    """One scenario."""

    scenario: Scenario
    replayed: Replayed
    _pairs: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        began = Timeline()
        for line in self.scenario.lines:
            if line.kind in ("exchange", "stream_open"):
                began.began(line.seq, int(line.raw["start_ns"]))
        self._recorded = Normal(began)
        self._deviations = deviations(self.scenario)
        self._miscounted = miscounted(self.scenario)
        self._ours = Normal(self.replayed.timeline, self.replayed.received)

    def checks(self) -> list[Check]:
        """All comparisons, in the order of the recording."""
        answers = [self._answer(line) for line in self.scenario.steps if line.kind in ("exchange", "stream_open")]
        return answers + self._calls() + [check for name in self.scenario.closes for check in self._stream(name)]

    # --- answers ---

    def _answer(self, line: Line) -> Check:
        heard = self.replayed.answers[line.seq]
        instead = self._deviations.get(line.seq)
        if instead is not None:
            return self._instead(line, instead)
        body = line.response_body if line.kind == "exchange" else b""
        descriptor, is_list = messages.response(line.path)
        protobuf = line.response_headers.get("Content-Type") == [PROTOBUF]
        wanted: Tree = [line.status, _headers(line.response_headers)]
        seen: Tree = [heard.status, _headers(heard.headers)]
        if protobuf:
            wanted.append(self._recorded.message(body, descriptor, is_list=is_list))
            seen.append(self._ours.message(heard.body, descriptor, is_list=is_list))
        else:
            wanted.append(body)
            seen.append(heard.body if line.kind == "exchange" else b"")
        if line.path == ACTUAL_LRPS and self._miscounted.missing and protobuf:
            wanted, seen = self._by_index(wanted, seen)
        return self._compared(line.seq, "answer", line.path, wanted, seen)

    def _by_index(self, wanted: Tree, seen: Tree) -> tuple[Tree, Tree]:
        """A list that lacks an index there: here it is created already, and nothing else differs."""
        where, theirs, ours = self._miscounted, wanted[2], seen[2]
        for side in (wanted, seen):
            side[1] = {name: value for name, value in side[1].items() if name != "Content-Length"}
        created = where.created_in_time(ours, theirs)
        return [*wanted[:2], where.shown(theirs, ours), True], [*seen[:2], where.shown(ours, theirs), created]

    def _instead(self, line: Line, instead: Instead) -> Check:
        """A deliberate difference: the answer is what its row says, in full, as an ordinary answer."""
        heard = self.replayed.answers[line.seq]
        closes = {"Connection": ["close"]} if "Connection" in line.request_headers else {}
        wanted: Tree = [200, {"Content-Type": [PROTOBUF], "Content-Length": [str(len(heard.body))], **closes}]
        wanted[1]["Date"] = ["some time"]
        passed = [heard.status, _headers(heard.headers)] == wanted and self._is(line, heard.body, instead)
        return Check(line.seq, "answer", f"{line.path} ({instead.difference})", passed, instead, heard.body)

    def _is(self, line: Line, body: bytes, instead: Instead) -> bool:
        if isinstance(instead, Refusal):
            return instead.matches(body)
        if isinstance(instead, Others | Listed):
            return instead.matches(body)
        descriptor, is_list = messages.response(line.path)
        wanted = self._recorded.message(instead.body, descriptor, is_list=is_list)
        seen = self._ours.message(body, descriptor, is_list=is_list)
        return wanted == seen and self._correspond(wanted, seen)

    # --- calls out ---

    def _calls(self) -> list[Check]:
        wanted = [item for call in self.scenario.calls for item in self._items(call, self._recorded_call(call))]
        seen = [item for call in self.replayed.calls for item in self._items(call, self._our_call(call))]
        return self._matched("call", wanted, seen)

    def _items(self, call: Line | Call, tree: Tree) -> list[_Item]:
        if self.scenario.converges and call.method == "PUT":
            return [_Item(call.after_seq, [*tree[:3], part, tree[5]]) for part in normalisation.told(tree[4])]
        if not (self.scenario.converges and tree[0] == "auctioneer"):
            return [_Item(call.after_seq, tree)]
        headers = {name: value for name, value in tree[3].items() if name != "Content-Length"}
        parts = [part for start in tree[4].split(b"\n") for part in normalisation.by_index(start)]
        return [_Item(call.after_seq, [*tree[:3], headers, part, tree[5]]) for part in parts]

    def _recorded_call(self, call: Line) -> Tree:
        headers = _call_headers(call.request_headers)
        body = self._recorded.json(call.request_body)
        return [str(call.raw["peer"]), call.method, call.path, headers, body, call.status]

    def _our_call(self, call: Call) -> Tree:
        headers = _call_headers(call.headers)
        return [call.peer, call.method, call.path, headers, self._ours.json(call.body), call.status]

    # --- streams ---

    def _stream(self, name: str) -> list[Check]:
        theirs = streams.recorded(self.scenario.closes[name])
        ours = self.replayed.streams[name].events
        wanted = [_Item(event.after_seq, self._event(event, self._recorded)) for event in theirs]
        seen = [_Item(event.after_seq, self._event(event, self._ours)) for event in ours]
        ids = [int(event.text.split(b"\n")[0].partition(b": ")[2]) for event in ours]
        counted = self._compared(0, "event", f"{name}: ids", list(range(len(ours))), ids)
        return [counted, *self._matched(f"event of {name}", wanted, seen)]

    @staticmethod
    def _event(event: Event, normal: Normal) -> Tree:
        return [event.sound, *normalisation.event(event.text, messages.event, normal)]

    # --- matching ---

    def _matched(self, part: str, wanted: list[_Item], seen: list[_Item]) -> list[Check]:
        """Each recorded item finds its like among ours of the same step; what is left over on our side failed, too."""
        checks: list[Check] = []
        left = [self._placed(item) for item in seen]
        for item in map(self._placed, wanted):
            found = next((other for other in left if other.seq == item.seq and other.tree == item.tree), None)
            if found is None:
                checks.append(Check(item.seq, part, _title(item.tree), False, item.tree, None))
                continue
            left.remove(found)
            checks.append(self._compared(item.seq, part, _title(item.tree), item.tree, found.tree))
        for item in left:
            again = self._miscounted.may_come_again(item.tree) or self._unrecorded(part, item)
            checks.append(Check(item.seq, part, _title(item.tree), again, None, item.tree))
        return checks

    def _placed(self, item: _Item) -> _Item:
        """An item about a miscounted index may belong to another step."""
        if not self._miscounted.free(item.tree):
            return item
        return _Item(0, self._miscounted.timeless(item.tree))

    def _unrecorded(self, part: str, item: _Item) -> bool:
        """Whether the recorder listened to calls no more: events still followed the last step, calls did not."""
        last = max(line.seq for line in self.scenario.steps)
        ends = (event.after_seq for close in self.scenario.closes.values() for event in streams.recorded(close))
        silent = all(call.after_seq < last for call in self.scenario.calls)
        return part == "call" and self.scenario.converges and item.seq == last and silent and last in set(ends)

    def _compared(self, seq: int, part: str, what: str, wanted: Tree, seen: Tree) -> Check:
        if wanted != seen or not self._correspond(wanted, seen):
            return Check(seq, part, what, False, wanted, seen)
        return Check(seq, part, what, True)

    def _correspond(self, wanted: Tree, seen: Tree) -> bool:
        """Epochs: one of ours for one of theirs, in the whole scenario."""
        pairs = list(zip(normalisation.epochs(wanted), normalisation.epochs(seen), strict=True))
        return all(
            self._pairs.setdefault(("theirs", theirs), ours) == ours
            and self._pairs.setdefault(("ours", ours), theirs) == theirs
            for theirs, ours in pairs
        )


@dataclass(frozen=True)
class _Item:
    seq: int
    tree: Tree


def _headers(headers: dict[str, list[str]]) -> dict[str, list[str]]:
    """As a Go client reports them: it consumes `Connection: close`."""
    found = normalisation.headers(headers)
    if found.get("Connection") == ["close(parsed)"]:
        found["Connection"] = ["close"]
    return found


def _call_headers(headers: dict[str, list[str]]) -> dict[str, list[str]]:
    return normalisation.headers(headers, LIBRARY_HEADERS)


def _title(tree: Tree) -> str:
    return " ".join(str(part) for part in tree[:3] if isinstance(part, str))


def failures(checks: Iterable[Check]) -> list[Check]:
    """Those that failed."""
    return [check for check in checks if not check.passed]


def tally(checks: Iterable[Check]) -> Counter[bool]:
    """How many passed and how many failed."""
    return Counter(check.passed for check in checks)
