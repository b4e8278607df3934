"""Does the steps of a scenario against a real server, in order, and keeps everything that came of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.golden import streams
from tests.golden.normalisation import Timeline
from tests.golden.pace import Pace, slowed
from tests.golden.passes import Moment, named, program, stretched
from tests.golden.recording import Line, Scenario
from tests.golden.stage import Stage
from tests.golden.streams import Stream
from tests.golden.stubs import Call
from tests.golden.wire import Heard

FOLLOW_UP_S = 5.0
"""How long a call out or an event that the recording shows may take; one that never comes costs as much."""

AT_ONCE_S = 1.0
"""The same where passes run: an event may never come because convergence errs there."""

SETTLE_S = 0.5
"""How long after the last step something may still come that the recording does not show."""


@dataclass
class Replayed:
    """What our server did. `received`: bytes of ours as they would have been recorded."""

    timeline: Timeline = field(default_factory=Timeline)
    answers: dict[int, Heard] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    streams: dict[str, Stream] = field(default_factory=dict)
    received: Callable[[bytes], bytes] = bytes


async def replay(scenario: Scenario, folder: Path, store: str = "sqlite") -> Replayed:
    """Run one scenario below `folder`, which must be empty."""
    moments, instants = program(scenario), named(scenario)
    slower = slowed(moments) if _converges(moments) else 1
    moments, instants = stretched(moments, instants, slower)
    async with Stage(scenario, folder, store, slower) as stage:
        run = _Run(scenario, stage, Pace(moments, instants, slower) if _converges(moments) else None)
        try:
            for number, moment in enumerate(moments):
                await run.do(number, moment.step)
            await run.moved_on()
            await asyncio.sleep(SETTLE_S)
        finally:
            for stream in run.seen.streams.values():
                await stream.close()
        run.seen.calls = stage.stubs.calls
        return run.seen


def _converges(moments: list[Moment]) -> bool:
    return any(moment.step is None for moment in moments)


class _Run:
    """`pace`: where passes run, since ages decide what they do; elsewhere steps follow each other at once."""

    def __init__(self, scenario: Scenario, stage: Stage, pace: Pace | None) -> None:
        self._stage = stage
        self._pace = pace
        self._ahead: int | None = None
        self._calls = Counter(call.after_seq for call in scenario.calls)
        self._events = {name: Counter(e.after_seq for e in streams.recorded(c)) for name, c in scenario.closes.items()}
        self.seen = Replayed(received=stage.addresses.received)

    async def do(self, number: int, step: Line | None) -> None:
        """A moment: a step, or (None) a pass of convergence."""
        if self._pace is not None:
            await self._paced(self._pace, number, step)
        began = time.time_ns()
        if step is None:
            await self._stage.converge()
            await self._stage.calls_ended()  # auctions of two passes must not become one call
        else:
            await self._step(step)
        if self._pace is None and step is not None:
            await self._followed(step.seq)
        elif self._pace is not None and self._ahead is not None:
            self._pace.done(number, began + self._ahead, time.time_ns() + self._ahead)

    async def _step(self, step: Line) -> None:
        if step.starts_window:
            self._stage.stubs.seq = step.seq
        if step.kind != "setup":
            self.seen.timeline.began(step.seq, time.time_ns())
            await (self._subscribe(step) if step.kind == "stream_open" else self._exchange(step))
        elif self._pace is None or step.setup["op"] != "sleep":
            await self._stage.set_up(step.setup)

    async def _paced(self, pace: Pace, number: int, step: Line | None) -> None:
        """The pace of the recording, begun with the first exchange."""
        if self._ahead is None and step is not None and step.kind != "setup":
            self._ahead = pace.due[number] - time.time_ns()
        if self._ahead is not None:
            await asyncio.sleep(max(0, pace.due[number] - self._ahead - time.time_ns()) / 1e9)
        if step is not None and step.starts_window:
            await self.moved_on()

    async def moved_on(self) -> None:
        """Return when all is over to which the step of now and the passes since have led."""
        if self._pace is not None and self._ahead is not None:
            seq = self._stage.stubs.seq
            if self._calls[seq]:
                await self._stage.calls_ended()
            for name, stream in self.seen.streams.items():
                await stream.came_after(seq, self._events.get(name, Counter())[seq], AT_ONCE_S)

    async def _exchange(self, step: Line) -> None:
        addresses = self._stage.addresses
        body = addresses.sent(step.request_body)
        heard = await self._stage.caller.call(step.method, step.path, step.request_headers, body)
        heard.body = addresses.received(heard.body)
        self.seen.answers[step.seq] = heard

    async def _subscribe(self, step: Line) -> None:
        stubs = self._stage.stubs
        stream = await streams.subscribe(step, self._stage.caller, step.request_headers, lambda: stubs.seq)
        self.seen.streams[stream.name] = stream
        self.seen.answers[step.seq] = stream.heard

    async def _followed(self, seq: int) -> None:
        """Wait for what the recording shows to follow this step, so that it is counted to it."""
        await self._stage.stubs.came(seq, self._calls[seq], FOLLOW_UP_S)
        for name, stream in self.seen.streams.items():
            expected = self._events.get(name, Counter())
            count = sum(many for before, many in expected.items() if before <= seq)
            await stream.came(count, FOLLOW_UP_S)
