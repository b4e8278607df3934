"""The crash run: `python -m tests.crash.run [--engine NAME] [--direction up|down] [--sample N]`.

A process dies at every store operation of a migration, and another one finishes it. For each engine one line,
`<engine>: N crash points, all finished, digests equal`; exit code 1 otherwise, with a line for each point that failed
and how to play it again. Source: docs/reference/crash-run.md.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from bbs.cli.progress import progress
from tests.crash.fatal_store import FLIP, MOMENTS, Point
from tests.crash.journeys import JOURNEYS, Journey, make_keyring
from tests.crash.lanes import play
from tests.crash.places import PLACES, Place
from tests.crash.stage import Broken, Outcome, Rehearsal, Stage

LEAST_RECORDS = 500


class Wish(NamedTuple):
    """What was asked for on the command line. `sample`: points a direction, None for every one."""

    directions: tuple[str, ...]
    records: int
    seed: int
    sample: int | None
    point: Point | None
    lanes: int

    def points(self, rehearsal: Rehearsal) -> list[Point]:
        """Those to play. Raises Broken for one that there is not."""
        if self.point is not None:
            if self.point not in rehearsal.points:
                message = f"there is no point {self.point}; this run has operations 1 to {len(rehearsal.names)}"
                raise Broken(message)
            return [self.point]
        return rehearsal.points if self.sample is None else sampled(rehearsal, self.sample)


def sampled(rehearsal: Rehearsal, count: int) -> list[Point]:
    """About `count` points: operations evenly over the whole run, the moments in turn, and both sides of the flip."""
    last = len(rehearsal.names) - 1
    spread = [Point(1 + round(i * last / max(1, count - 1)), MOMENTS[i % len(MOMENTS)]) for i in range(count)]
    flip = rehearsal.names.index(FLIP) + 1
    return sorted({*spread, Point(flip, "before"), Point(flip, "applied")})


def crash(engine: str, wish: Wish) -> bool:
    """One engine: play its points and print its line; whether all is well. Raises Broken."""
    started = time.monotonic()
    played: list[Outcome] = []
    failed = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"crash-{engine}-")))
        places: list[Place] = [PLACES[engine](folder / f"lane-{number}") for number in range(wish.lanes)]
        for place in places:
            stack.callback(place.stop)
            place.start()
        keyring = make_keyring(folder / "keyring")
        for direction in wish.directions:
            seed = folder / f"{direction}.seed"
            stages = [Stage(place, JOURNEYS[direction], keyring, seed) for place in places]
            for outcome in _journey(engine, JOURNEYS[direction], stages, wish):
                played.append(outcome)
                if outcome.problem is not None:
                    failed += 1
                    print(f"{engine} {direction} {outcome.point} ({outcome.name}): {outcome.problem}")
                    print(f"again: {_again(engine, direction, outcome, wish)}", flush=True)
    _explain(engine, played, time.monotonic() - started)
    if failed:
        print(f"{engine}: {len(played)} crash points, {failed} failed", flush=True)
    else:
        print(f"{engine}: {len(played)} crash points, all finished, digests equal", flush=True)
    return not failed


def _journey(engine: str, journey: Journey, stages: list[Stage], wish: Wish) -> Iterator[Outcome]:
    stages[0].prepare(wish.records, wish.seed)
    rehearsal = stages[0].rehearse()
    points = wish.points(rehearsal)
    words = f"{engine} {journey.name}{' with a keyring' if journey.keyring else ''}"
    print(f"{words}: {rehearsal.before.count} records, {len(rehearsal.names)} operations", file=sys.stderr)
    with progress(words) as shown:
        for number, outcome in enumerate(play(stages, rehearsal, points)):
            shown(number + 1, len(points))
            yield outcome


def _again(engine: str, direction: str, outcome: Outcome, wish: Wish) -> str:
    return (
        f"python -m tests.crash.run --engine {engine} --direction {direction} --point {outcome.point}"
        f" --seed {wish.seed} --records {wish.records}"
    )


def _explain(engine: str, played: list[Outcome], seconds: float) -> None:
    """On stderr: how deaths were learned of, and who finished."""
    deaths = _counted(outcome.after_death for outcome in played if outcome.after_death)
    heirs = _counted(outcome.heir for outcome in played)
    slowest = max((outcome.seconds for outcome in played), default=0.0)
    print(
        f"{engine}: {seconds:.0f} s, slowest point {slowest:.1f} s; deaths: {deaths}; finished by: {heirs}",
        file=sys.stderr,
    )


def _counted(names: Iterable[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(Counter(names).items()))


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="tests.crash.run")
    parser.add_argument("--engine", choices=sorted(PLACES), help="only this one")
    parser.add_argument("--direction", choices=sorted(JOURNEYS), help="only this one")
    parser.add_argument("--sample", type=int, metavar="N", help="about N points a direction, evenly")
    parser.add_argument(
        "--point", type=Point.parse, metavar="K:WHEN", help=f"only this one; WHEN is {'|'.join(MOMENTS)}"
    )
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--records", type=int, default=520)
    parser.add_argument("--lanes", type=int, default=3, help="points played side by side")
    asked = parser.parse_args(arguments)
    if asked.records < LEAST_RECORDS:
        parser.error(f"--records {asked.records}: a crash run is made with {LEAST_RECORDS} records or more")
    directions = (asked.direction,) if asked.direction else tuple(JOURNEYS)
    wish = Wish(directions, asked.records, asked.seed, asked.sample, asked.point, 1 if asked.point else asked.lanes)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended with the run
    engines = [asked.engine] if asked.engine else sorted(PLACES)
    try:
        well = [crash(engine, wish) for engine in engines]
    except Broken as broken:
        print(broken)
        return 1
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
