"""Does the steps of a scenario against a real server, in order, and keeps everything that came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.golden import streams
from tests.golden.normalisation import Timeline
from tests.golden.passes import Moment, program
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
    moments = program(scenario)
    async with Stage(scenario, folder, store) as stage:
        run = _Run(scenario, stage, passes=any(moment.step is None for moment in moments))
        try:
            for moment in moments:
                await run.do(moment)
            await run.moved_on()
            await asyncio.sleep(SETTLE_S)
        finally:
            for stream in run.seen.streams.values():
                await stream.close()
        run.seen.calls = stage.stubs.calls
        return run.seen


class _Run:
    """`passes`: whether there are any; what follows a step may then come of one of those behind it."""

    def __init__(self, scenario: Scenario, stage: Stage, *, passes: bool) -> None:
        self._stage = stage
        self._passes = passes
        self._calls = Counter(call.after_seq for call in scenario.calls)
        self._events = {name: Counter(e.after_seq for e in streams.recorded(c)) for name, c in scenario.closes.items()}
        self.seen = Replayed(received=stage.addresses.received)

    async def do(self, moment: Moment) -> None:
        """A step, or (None) a pass of convergence, at the time that it had."""
        step = moment.step
        if step is not None and step.starts_window:
            await self.moved_on()
        await self._stage.tell(moment.at)
        if step is None:
            await self._stage.converge()
            await self._stage.calls_ended()  # auctions of two passes must not become one call
        else:
            await self._step(step)
            if not self._passes:
                await self._followed(step.seq)

    async def _step(self, step: Line) -> None:
        if step.starts_window:
            self._stage.stubs.seq = step.seq
        if step.kind == "setup":
            await self._stage.set_up(step.setup)
        else:
            self.seen.timeline.began(step.seq, self._stage.clock.now)
            await (self._subscribe(step) if step.kind == "stream_open" else self._exchange(step))

    async def moved_on(self) -> None:
        """Return when all is over to which the step of now and the passes since have led."""
        seq = self._stage.stubs.seq
        if not self._passes or seq not in self.seen.answers:
            return
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
