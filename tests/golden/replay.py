"""Does the steps of a scenario against a real server, in order, and keeps everything that came of it."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.golden import streams
from tests.golden.normalisation import Timeline
from tests.golden.recording import Line, Scenario
from tests.golden.stage import Stage
from tests.golden.streams import Stream
from tests.golden.stubs import Call
from tests.golden.wire import Heard

FOLLOW_UP_S = 5.0
"""How long a call out or an event that the recording shows may take; one that never comes costs as much."""

PHASES_S = (0.18, 0.1, 0.14, 0.24, 0.06, 0.3)
"""How long after a pass of convergence the first request is made, try by try: the recorder's was about that long."""

BEFORE_SETUP_S = 0.3
"""What the request before led to must not meet a Locket that has moved on."""

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


async def replay(scenario: Scenario, folder: Path, store: str = "sqlite", phase: float = PHASES_S[0]) -> Replayed:
    """Run one scenario below `folder`, which must be empty."""
    async with Stage(scenario, folder, store) as stage:
        run = _Run(scenario, stage, phase)
        try:
            for step in scenario.steps:
                await run.do(step)
            await asyncio.sleep(SETTLE_S)
        finally:
            for stream in run.seen.streams.values():
                await stream.close()
        run.seen.calls = stage.stubs.calls
        return run.seen


class _Run:
    def __init__(self, scenario: Scenario, stage: Stage, phase: float) -> None:
        self._scenario = scenario
        self._stage = stage
        self.seen = Replayed(received=stage.addresses.received)
        self._ahead = 0
        self._phase = phase
        self._calls = Counter(call.after_seq for call in scenario.calls)
        self._events = {name: Counter(e.after_seq for e in streams.recorded(c)) for name, c in scenario.closes.items()}

    async def do(self, step: Line) -> None:
        await self._paced(step)
        if step.starts_window:
            self._stage.stubs.seq = step.seq
        if step.kind == "setup":
            await self._stage.set_up(step.setup)
        else:
            self.seen.timeline.began(step.seq, time.time_ns())
            await (self._subscribe(step) if step.kind == "stream_open" else self._exchange(step))
        if not self._scenario.converges:
            await self._followed(step)

    async def _paced(self, step: Line) -> None:
        """Where convergence runs, the pace of the recording: what a pass finds depends on it."""
        if not self._scenario.converges:
            return
        if step.kind == "setup":
            for seq in (step.seq - 2, step.seq - 1):
                await self._stage.stubs.came(seq, self._calls[seq], BEFORE_SETUP_S)
            return
        now, recorded = time.time_ns(), int(step.raw["start_ns"])
        if not self._ahead:
            begin = math.ceil(now / 1e9 - self._stage.began) + self._stage.began + self._phase
            self._ahead = recorded - int(begin * 1e9)
        await asyncio.sleep(max(0, recorded - self._ahead - now) / 1e9)

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

    async def _followed(self, step: Line) -> None:
        """Wait for what the recording shows to follow this step, so that it is counted to it."""
        await self._stage.stubs.came(step.seq, self._calls[step.seq], FOLLOW_UP_S)
        for name, stream in self.seen.streams.items():
            expected = self._events.get(name, Counter())
            count = sum(many for seq, many in expected.items() if seq <= step.seq)
            await stream.came(count, FOLLOW_UP_S)
