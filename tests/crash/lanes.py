"""Lanes: points played side by side, each lane on a store of its own, since much of a point is waiting for a ttl."""

from __future__ import annotations

import os
import selectors
import signal
from collections.abc import Callable, Iterator, Sequence

from tests.crash.children import Child, Tell, freeze
from tests.crash.fatal_store import Point
from tests.crash.stage import Broken, Outcome, Rehearsal, Stage

_SILENCE_LIMIT_S = 600.0


def play(stages: Sequence[Stage], rehearsal: Rehearsal, points: Sequence[Point]) -> Iterator[Outcome]:
    """The outcome of every point, as they come. Raises Broken when a lane ends without its outcomes."""
    freeze()
    lanes = [Child.start(_lane(stage, rehearsal, points[i :: len(stages)])) for i, stage in enumerate(stages)]
    seen = 0
    try:
        for line in _lines(lanes):
            seen += 1
            yield Outcome.parse(line)
    except BaseException:
        for lane in lanes:
            os.kill(lane.pid, signal.SIGTERM)  # not reaped yet, so it is still ours
        raise
    codes = [lane.reaped().code for lane in lanes]
    if seen != len(points):
        message = f"{seen} of {len(points)} points were played; the lanes ended with {codes}, see the traceback above"
        raise Broken(message)


def _lane(stage: Stage, rehearsal: Rehearsal, points: Sequence[Point]) -> Callable[[Tell], None]:
    def life(tell: Tell) -> None:
        for point in points:
            tell(stage.play(rehearsal, point).text())

    return life


def _lines(lanes: Sequence[Child]) -> Iterator[str]:
    """What all lanes tell, line by line, until the last of them is gone."""
    rest = {lane.pipe: b"" for lane in lanes}
    with selectors.DefaultSelector() as selector:
        for lane in lanes:
            selector.register(lane.pipe, selectors.EVENT_READ)
        while rest:
            ready = selector.select(_SILENCE_LIMIT_S)
            if not ready:
                message = f"no lane finished a point within {_SILENCE_LIMIT_S:.0f} s"
                raise Broken(message)
            for pipe in (key.fd for key, _ in ready):
                chunk = os.read(pipe, 65536)
                *lines, rest[pipe] = (rest[pipe] + chunk).split(b"\n")
                yield from (line.decode() for line in lines)
                if not chunk:
                    selector.unregister(pipe)
                    os.close(pipe)
                    del rest[pipe]
