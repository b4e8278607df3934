"""Compares what was recorded with what came of the replay: every exchange, every call out, every line of a stream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.golden import messages, normalisation, streams
from tests.golden.differences import Difference, difference, shift
from tests.golden.normalisation import LIBRARY_HEADERS, Normal, Timeline, Tree
from tests.golden.recording import Line, Scenario
from tests.golden.replay import Replayed
from tests.golden.streams import Event
from tests.golden.stubs import Call

PROTOBUF = "application/x-protobuf"


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
    """One scenario. `own`: of our own copy of the recordings, whose deliberate differences are listed."""

    scenario: Scenario
    replayed: Replayed
    own: bool = True
    _pairs: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        began = Timeline(waits=self.scenario.waits)
        self.replayed.timeline.waits = self.scenario.waits
        for line in self.scenario.lines:
            if line.kind in ("exchange", "stream_open"):
                began.began(line.seq, int(line.raw["start_ns"]))
        self._recorded = Normal(began)
        self._ours = Normal(self.replayed.timeline, self.replayed.received)

    def checks(self) -> list[Check]:
        """All comparisons, in the order of the recording."""
        answers = [self._answer(line) for line in self.scenario.steps if line.kind in ("exchange", "stream_open")]
        return answers + self._calls() + [check for name in self.scenario.closes for check in self._stream(name)]

    # --- answers ---

    def _answer(self, line: Line) -> Check:
        heard = self.replayed.answers[line.seq]
        row = difference(self.scenario.name, line.seq) if self.own else None
        if row is not None:
            return self._instead(line, row)
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
        return self._compared(line.seq, "answer", line.path, wanted, seen)

    def _instead(self, line: Line, row: Difference) -> Check:
        """A line that is in the table: the answer is what its row says, in full, as an ordinary answer."""
        heard = self.replayed.answers[line.seq]
        descriptor, is_list = messages.response(line.path)
        seen = self._ours.message(heard.body, descriptor, is_list=is_list)
        closes = {"Connection": ["close"]} if "Connection" in line.request_headers else {}
        wanted: Tree = [200, {"Content-Type": [PROTOBUF], "Content-Length": [str(len(heard.body))], **closes}]
        wanted[1]["Date"] = ["some time"]
        passed = [heard.status, _headers(heard.headers)] == wanted and row.instead.matches(seen)
        return Check(line.seq, "answer", f"{line.path} ({row.reason})", passed, row, seen)

    # --- calls out ---

    def _calls(self) -> list[Check]:
        wanted = [item for call in self.scenario.calls for item in self._items(call, self._recorded_call(call))]
        seen = [item for call in self.replayed.calls for item in self._items(call, self._our_call(call))]
        return self._matched("call", wanted, seen)

    def _items(self, call: Line | Call, tree: Tree) -> list[_Item]:
        if self.scenario.converges and call.method == "PUT":
            return [_Item(0, [*tree[:3], part, tree[5]]) for part in normalisation.told(tree[4])]
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
        wanted, left = self._windowed(wanted), self._windowed(seen)
        for item in wanted:
            found = next((other for other in left if other.seq == item.seq and other.tree == item.tree), None)
            if found is not None:
                left.remove(found)
                checks.append(self._compared(item.seq, part, _title(item.tree), item.tree, found.tree))
                continue
            passed = self._shifted(item, only_here=False)
            checks.append(Check(item.seq, part, _title(item.tree), passed, item.tree, None))
        for item in left:
            passed = self._shifted(item, only_here=True)
            checks.append(Check(item.seq, part, _title(item.tree), passed, None, item.tree))
        return checks

    def _shifted(self, item: _Item, *, only_here: bool) -> bool:
        return self.own and shift(self.scenario.name, item.seq, item.tree, only_here=only_here) is not None

    def _windowed(self, items: list[_Item]) -> list[_Item]:
        """The items by the window in which they lie; where passes are chance, equal ones in a row of windows once."""
        windows = [_Item(self._recorded.timeline.window(item.seq), item.tree) for item in items]
        if not self.scenario.converges:
            return windows
        first: list[_Item] = []
        before = dict(zip(self.scenario.waits, (0, *self.scenario.waits), strict=False))
        for item in windows:
            repeated = _Item(before[item.seq], item.tree) in windows if item.seq else False
            if item not in first and not repeated:
                first.append(item)
        return first

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
