"""When the recorded BBS converged: told by the recording itself, so that the replay runs each pass where it ran there.

An instant that a message names (`since`, `updated_at`, ...) and that lies within no exchange was set by a pass. Passes
follow each other by one interval and the length of a pass, so the instants found say when all the others were. Knows no
scenario by name and nothing of our server.
"""

from __future__ import annotations

import base64
import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from google.protobuf.descriptor import Descriptor

from tests.golden import messages, normalisation, streams
from tests.golden.normalisation import Normal, Timeline
from tests.golden.recording import Line, Scenario

SECOND = 1_000_000_000
AFTERWARDS = SECOND // 20
"""How long after an exchange an instant may still be set by what it led to (a callback that begins)."""
PASS = 1.005
"""What an interval and a pass take together, in intervals, where nothing better is known."""
PAUSE = SECOND // 10
READS = re.compile(r"/list|/get_")
UNITS = {"ms": SECOND // 1000, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND}


@dataclass(frozen=True)
class Moment:
    """A step, or (None) a pass of convergence, and when it was begun: recorded, or for steps without time estimated."""

    at: int
    step: Line | None = None


@dataclass(frozen=True)
class Named:
    """An instant that a message names, the field, and after which step it was heard of."""

    at: int
    name: str
    after_seq: int


@dataclass
class _Noting(Timeline):
    found: list[int] = field(default_factory=list)

    def step_of(self, at: int) -> str:
        self.found.append(at)
        return ""


def duration(text: str) -> int:
    """A Go duration (`2m30s`) in ns."""
    return round(sum(float(count) * UNITS[unit] for count, unit in re.findall(r"([\d.]+)(ms|s|m|h)", text)))


def program(scenario: Scenario) -> list[Moment]:
    """All steps in order, with the passes between them."""
    instants = named(scenario)
    moments: list[Moment] = []
    heard = max((seq for seq in _heard_after(scenario)), default=0)
    for life in _lives(scenario):
        steps = _timed(life)
        interval = duration(str(life[0].setup.get("converge_repeat_interval") or "30s")) if steps else 0
        began, ended = _span(steps)
        if 0 < interval < ended - began:
            told = _set_by_passes(steps, instants)
            last = heard if life[-1] is scenario.steps[-1] else 0
            moments += _merged(steps, _passes(steps, told, interval, last), told)
        else:
            moments += steps
    return moments


def named(scenario: Scenario) -> list[Named]:
    """Every instant in every message of the recording."""
    found: list[Named] = []
    for line in scenario.exchanges:
        descriptor, _ = messages.response(line.path)
        if line.response_headers.get("Content-Type") == ["application/x-protobuf"]:
            found += _instants(line.response_body, descriptor, line.seq)
    for close in scenario.closes.values():
        for event in streams.recorded(close):
            head = event.text.split(b"\n")
            payload = messages.event(head[1].partition(b": ")[2].decode("latin-1"))
            if payload is not None:
                found += _instants(base64.b64decode(head[2].partition(b": ")[2]), payload, event.after_seq)
    return sorted(set(found), key=lambda instant: (instant.at, instant.after_seq))


def _instants(body: bytes, descriptor: Descriptor, seq: int) -> Iterator[Named]:
    for name in normalisation.TIMES:
        noting = _Noting()
        Normal(noting, times=frozenset({name})).message(body, descriptor)
        yield from (Named(at, name, seq) for at in noting.found if at)


def _lives(scenario: Scenario) -> list[list[Line]]:
    """The steps of each server, which begin with its start."""
    lives: list[list[Line]] = []
    for step in scenario.steps:
        if not lives or (step.kind == "setup" and step.setup["op"] == "fresh_server"):
            lives.append([])
        lives[-1].append(step)
    return lives


def _timed(life: list[Line]) -> list[Moment]:
    """The steps with their times; setups have none: they share what a gap has beyond its waits."""
    moments: list[Moment] = []
    at = next((int(step.raw["start_ns"]) for step in life if step.kind != "setup"), 0)
    for position, step in enumerate(life):
        if step.kind != "setup":
            moments.append(Moment(int(step.raw["start_ns"]), step))
            at = int(step.raw.get("end_ns") or step.raw["start_ns"])
            gap = _gap(life[position + 1 :])
            until = next((int(later.raw["start_ns"]) for later in life[position + 1 + len(gap) :]), None)
            if gap and until is not None:
                at += max(0, until - at - sum(map(_wait, gap))) // 2
            elif gap:
                at += PAUSE
        else:
            moments.append(Moment(at, step))
            at += _wait(step)
    return moments


def _gap(steps: list[Line]) -> list[Line]:
    """The setups until the next exchange."""
    return steps[: next((n for n, step in enumerate(steps) if step.kind != "setup"), len(steps))]


def _wait(step: Line) -> int:
    return round(step.setup["seconds"] * SECOND) if step.setup["op"] == "sleep" else 0


def _span(steps: list[Moment]) -> tuple[int, int]:
    """From the first exchange to the end of the last step."""
    if not steps:
        return 0, 0
    last = steps[-1]
    wait = _wait(last.step) if last.step is not None and last.step.kind == "setup" else 0
    return steps[0].at, last.at + wait


def _heard_after(scenario: Scenario) -> Iterator[int]:
    """The step before each call and each event."""
    yield from (call.after_seq for call in scenario.calls)
    for close in scenario.closes.values():
        yield from (event.after_seq for event in streams.recorded(close))


def _passes(steps: list[Moment], told: list[Named], interval: int, heard: int) -> list[int]:
    """All passes of one server; where nothing tells of any, they are counted from the first exchange.

    `heard`: the last step that something followed. If that only read, one more pass came before the end.
    """
    began, ended = _span(steps)
    last = steps[-1].step
    if last is not None and last.seq == heard and READS.search(str(last.raw.get("path"))):
        ended += interval
    known: list[int] = []
    for instant in told:
        if not known or instant.at - known[-1] > interval // 2:
            known.append(instant.at)
    period = _period(known, interval)
    known = known or [began + period]
    found: list[int] = []
    for one, other in zip(known, [*known[1:], None], strict=True):
        found.append(one)
        if other is None:
            found += range(one + period, ended, period)
        else:
            count = max(1, round((other - one) / period))
            found += [one + (other - one) * step // count for step in range(1, count)]
    return sorted([*range(known[0] - period, began, -period), *found])


def _set_by_passes(steps: list[Moment], instants: list[Named]) -> list[Named]:
    """The instants that no exchange can have set."""
    began, ended = _span(steps)
    busy = [
        (int(m.step.raw["start_ns"]), int(m.step.raw.get("end_ns") or m.at) + AFTERWARDS)
        for m in steps
        if m.step is not None and m.step.kind != "setup"
    ]
    starts = [start for start, _ in busy]
    found: list[Named] = []
    for instant in instants:
        before = bisect.bisect_right(starts, instant.at) - 1
        if began < instant.at < ended and (before < 0 or instant.at > busy[before][1]):
            found.append(instant)
    return found


def _period(known: list[int], interval: int) -> int:
    """The interval and the length of a pass; short gaps first, for which their number is beyond doubt."""
    gaps = sorted(other - one for one, other in pairwise(known))
    period, total, passes = interval * PASS, 0, 0
    for gap in gaps:
        count = max(1, round(gap / period))
        total, passes = total + gap, passes + count
        period = total / passes
    return round(period)


def _merged(steps: list[Moment], passes: list[int], told: list[Named]) -> list[Moment]:
    """A pass comes after the step that began before it, unless what it led to was heard of after another one."""
    places: dict[int, list[int]] = {}
    for at in passes:
        position = max(0, bisect.bisect_right([m.at for m in steps], at) - 1)
        heard = [instant.after_seq for instant in told if 0 <= instant.at - at < PAUSE]
        if heard:
            position = _heard(steps, position, min(heard))
        places.setdefault(position, []).append(at)
    merged: list[Moment] = []
    for position, moment in enumerate(steps):
        merged.append(moment)
        merged += [Moment(max(at, moment.at)) for at in places.get(position, ())]
    return merged


def _heard(steps: list[Moment], position: int, seq: int) -> int:
    """The step after which a pass came that was heard of after step `seq`; a wait counts to the step before."""
    window = [n for n, m in enumerate(steps[: position + 1]) if m.step is not None and m.step.starts_window]
    now = steps[window[-1]].step if window else None
    if now is None or now.seq == seq:
        return position
    wanted = [n for n, m in enumerate(steps) if m.step is not None and m.step.seq == seq]
    return wanted[0] if wanted and abs(wanted[0] - position) <= 3 else position
