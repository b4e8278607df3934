"""The crash run: `python -m tests.crash.run [--engine NAME] [--kind NAME] [--sample N]`.

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
from random import Random
from typing import NamedTuple

from bbs.cli.progress import progress
from tests.crash.fatal_store import MOMENTS, Point
from tests.crash.kinds import KINDS, Kind, of
from tests.crash.lanes import play
from tests.crash.places import PLACES, Place
from tests.crash.setting import make_keyring
from tests.crash.stage import Broken, Outcome, Rehearsal, Stage

LEAST_RECORDS = 130


class Wish(NamedTuple):
    """What was asked for on the command line. `sample`: points a kind, drawn by `draw`; None for every one."""

    kinds: tuple[Kind, ...]
    records: int
    seed: int
    sample: int | None
    draw: int
    point: Point | None
    lanes: int

    def points(self, rehearsal: Rehearsal) -> list[Point]:
        """Those to play. Raises Broken for one that there is not."""
        if self.point is not None:
            if self.point not in rehearsal.points:
                message = f"there is no point {self.point}; this run has operations 1 to {len(rehearsal.names)}"
                raise Broken(message)
            return [self.point]
        return rehearsal.points if self.sample is None else sampled(rehearsal, self.sample, self.draw)


def sampled(rehearsal: Rehearsal, count: int, draw: int) -> list[Point]:
    """`count` points drawn by a seed, and both sides of the turn."""
    points = rehearsal.points
    drawn = {*Random(draw).sample(range(len(points)), min(count, len(points)))}
    turn = [] if rehearsal.turns is None else [rehearsal.names.index(rehearsal.turns) + 1]
    sides = {Point(number, moment) for number in turn for moment in ("before", "applied")}
    return [point for number, point in enumerate(points) if number in drawn or point in sides]


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
        for kind in (kind for kind in of(engine) if kind in wish.kinds):
            seed = folder / f"{kind.name}.seed"
            stages = [Stage(place, kind, keyring, seed) for place in places]
            for outcome in _played(engine, kind, stages, wish):
                played.append(outcome)
                if outcome.problem is not None:
                    failed += 1
                    print(f"{engine} {kind.name} {outcome.point} ({outcome.name}): {outcome.problem}")
                    print(f"again: {_again(engine, kind.name, outcome, wish)}", flush=True)
    _explain(engine, played, time.monotonic() - started)
    if failed:
        print(f"{engine}: {len(played)} crash points, {failed} failed", flush=True)
    else:
        print(f"{engine}: {len(played)} crash points, all finished, digests equal", flush=True)
    return not failed


def _played(engine: str, kind: Kind, stages: list[Stage], wish: Wish) -> Iterator[Outcome]:
    stages[0].prepare(wish.records, wish.seed)
    rehearsal = stages[0].rehearse()
    points = wish.points(rehearsal)
    words = f"{engine} {kind.name}"
    drawn = "" if wish.sample is None else f", drawn by --draw {wish.draw}"
    operations = f"{len(rehearsal.names)} operations, {len(points)} points{drawn}"
    print(f"{words}: {rehearsal.before.count} records, {operations}", file=sys.stderr)
    with progress(words) as shown:
        for number, outcome in enumerate(play(stages, rehearsal, points)):
            shown(number + 1, len(points))
            yield outcome


def _again(engine: str, kind: str, outcome: Outcome, wish: Wish) -> str:
    return (
        f"python -m tests.crash.run --engine {engine} --kind {kind} --point {outcome.point}"
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
    parser.add_argument("--kind", choices=sorted(KINDS), help="only this one")
    parser.add_argument("--sample", type=int, metavar="N", help="N points of each kind, and both sides of its turn")
    parser.add_argument("--draw", type=int, default=1, metavar="SEED", help="which ones a sample is made of")
    parser.add_argument(
        "--point", type=Point.parse, metavar="K:WHEN", help=f"only this one; WHEN is {'|'.join(MOMENTS)}"
    )
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--records", type=int, default=LEAST_RECORDS)
    parser.add_argument("--lanes", type=int, default=3, help="points played side by side")
    asked = parser.parse_args(arguments)
    if asked.records < LEAST_RECORDS:
        parser.error(f"--records {asked.records}: a crash run is made with {LEAST_RECORDS} records or more")
    kinds = (KINDS[asked.kind],) if asked.kind else tuple(KINDS.values())
    lanes = 1 if asked.point else asked.lanes
    wish = Wish(kinds, asked.records, asked.seed, asked.sample, asked.draw, asked.point, lanes)
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
