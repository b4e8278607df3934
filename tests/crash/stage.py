"""One lane of a crash run: a store of its own, and what is done with it at each point."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from tests.crash import lives
from tests.crash.children import Child, Ending, Tell
from tests.crash.fatal_store import FLIP, MOMENTS, Fuse, Point
from tests.crash.journeys import PATIENT_LOCK, RELATIONAL_VICTIM_LOCK, VICTIM_LOCK, Journey, Setting, Standing, standing
from tests.crash.member import serve_until_migrated
from tests.crash.places import Place

T = TypeVar("T")

_LIFE_LIMIT_S = 120
"""No child lives longer; one that hangs ends by SIGALRM and is named."""
_TRIES = 6
"""A victim whose store call timed out on a busy machine has not reached its point; it is sent again."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """An uninterrupted run: the names of its operations in order, what stood before and after it."""

    names: tuple[str, ...]
    before: Standing
    after: Standing

    @property
    def points(self) -> list[Point]:
        """Every point there is."""
        return [Point(number, moment) for number in range(1, len(self.names) + 1) for moment in MOMENTS]

    def name(self, point: Point) -> str:
        """Of the operation at that point."""
        return self.names[point.operation - 1]

    def flipped(self, point: Point) -> bool:
        """Whether the new root must be live once a process died there."""
        flip = self.names.index(FLIP) + 1
        return point.operation > flip or (point.operation == flip and point.moment != "before")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one point came to. `problem` None: killed there, legal then, finished and cleared up by another, equal."""

    point: str
    name: str
    after_death: str
    heir: str
    seconds: float
    problem: str | None

    def text(self) -> str:
        """One line for a pipe."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of `text()`."""
        return cls(**json.loads(text))


class Broken(Exception):
    """A point that did not go as it must; the text says what was seen and what was wanted."""


class Stage:
    """A place and a journey."""

    def __init__(self, place: Place, journey: Journey, keyring: Path, seed: Path) -> None:
        self._place = place
        self._journey = journey
        self._seed = seed
        self._setting = Setting(place.section(), place.authority, keyring if journey.keyring else None)

    # --- before the points --------------------------------------------------------------------------------------------

    def prepare(self, records: int, number: int) -> None:
        """Make the seed that every point starts from."""

        def life(_: Tell) -> None:
            asyncio.run(lives.patiently(lambda: self._place.restore(None)))
            work = lives.seed(
                self._setting.configuration("seeder", PATIENT_LOCK), self._journey.source, records, number
            )
            asyncio.run(work)
            asyncio.run(self._place.save(self._seed))

        self._done(_run(life), "seeding")

    def rehearse(self) -> Rehearsal:
        """The uninterrupted run."""
        configuration = self._setting.configuration("rehearser", PATIENT_LOCK)

        def life(tell: Tell) -> None:
            asyncio.run(lives.patiently(lambda: self._place.restore(self._seed)))
            fuse = Fuse(None, tell)
            tell(asyncio.run(standing(configuration)).text())
            asyncio.run(lives.migrate_fatally(configuration, self._journey.target, fuse))
            tell(asyncio.run(standing(configuration)).text())
            tell(json.dumps(fuse.names))

        before, after, names = self._done(_run(life), "the uninterrupted run")
        return Rehearsal(tuple(json.loads(names)), Standing.parse(before), Standing.parse(after))

    @staticmethod
    def _done(ending: Ending, what: str) -> tuple[str, ...]:
        if ending.code != 0:
            message = f"{what} ended with {ending.code}; see its traceback above"
            raise Broken(message)
        return ending.lines

    # --- a point ------------------------------------------------------------------------------------------------------

    def play(self, rehearsal: Rehearsal, point: Point) -> Outcome:
        """Kill a process there, and let another one finish."""
        started = time.monotonic()
        after_death, problem = "", None
        try:
            victim = self._kill(rehearsal, point)
            after_death, finished = self._finish(rehearsal, point, victim)
            _judge_left_over(finished, rehearsal)
        except Broken as broken:
            problem = str(broken)
        seconds = time.monotonic() - started
        name = rehearsal.name(point)
        return Outcome(str(point), name, after_death, _heir(point).__name__, seconds, problem)

    def _kill(self, rehearsal: Rehearsal, point: Point) -> int:
        lock = RELATIONAL_VICTIM_LOCK if self._place.engine in ("mysql", "postgresql") else VICTIM_LOCK
        configuration = self._setting.configuration("victim", lock)
        wanted = f"{point} {rehearsal.name(point)}"

        def life(tell: Tell) -> None:
            asyncio.run(lives.patiently(lambda: self._place.restore(self._seed)))
            asyncio.run(lives.migrate_fatally(configuration, self._journey.target, Fuse(point, tell)))

        for _ in range(_TRIES):
            child = _start(life)
            ending = child.end()
            if ending.killed and ending.lines == (wanted,):
                return child.pid
        message = f"the victim ended with {ending.code} having told {list(ending.lines)}; wanted SIGKILL at {wanted!r}"
        raise Broken(message)

    def _finish(self, rehearsal: Rehearsal, point: Point, victim: int) -> tuple[str, Standing]:
        configuration = self._setting.configuration("survivor", PATIENT_LOCK)

        def life(tell: Tell) -> None:
            def patiently(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
                return asyncio.run(lives.patiently(work))

            tell(patiently(lambda: standing(configuration, rehearsal.before)).text())
            tell(patiently(lambda: lives.after_death(configuration, victim, certificate=_certified(point))))
            patiently(lambda: _heir(point)(configuration, self._journey.target))
            tell(patiently(lambda: standing(configuration)).text())

        ending = _run(life)
        if ending.lines:
            _judge_between(Standing.parse(ending.lines[0]), rehearsal, point)
        _, after_death, last = self._done(ending, "the survivor")
        finished = Standing.parse(last)
        _judge_finished(finished, rehearsal)
        return after_death, finished


def _number(point: Point) -> int:
    return point.operation * len(MOMENTS) + MOMENTS.index(point.moment)


def _certified(point: Point) -> bool:
    """At every other point the supervisor's certificate is written; at the others the ttl is waited out."""
    return _number(point) % 2 == 0


def _heir(point: Point) -> lives.Heir:
    """In turn a command of the CLI and a whole member; so that with `_certified` all four pairs occur."""
    return lives.migrate if _number(point) // 2 % 2 == 0 else serve_until_migrated


def _start(life: Callable[[Tell], None]) -> Child:
    def bounded(tell: Tell) -> None:
        signal.alarm(_LIFE_LIMIT_S)
        life(tell)

    return Child.start(bounded)


def _run(life: Callable[[Tell], None]) -> Ending:
    return _start(life).end()


def _judge_between(seen: Standing, rehearsal: Rehearsal, point: Point) -> None:
    """After the kill: the old root live and whole, or, from the flip on, the new one."""
    wanted = rehearsal.after if rehearsal.flipped(point) else rehearsal.before
    _same(seen, wanted, "after the kill")


def _judge_finished(seen: Standing, rehearsal: Rehearsal) -> None:
    _same(seen, rehearsal.after, "after another process finished")


def _judge_left_over(finished: Standing, rehearsal: Rehearsal) -> None:
    """Whoever finishes also clears up behind attempts that died; the root that was live at first may be kept."""
    left = {*finished.roots} - {finished.root, rehearsal.before.root}
    if left:
        message = f"roots of dead attempts are left over: {sorted(left)}; wanted {finished.root} and the old live one"
        raise Broken(message)


def _same(seen: Standing, wanted: Standing, when: str) -> None:
    facts = [(s.layout, s.count, s.sha256, s.version_true, s.root in s.roots) for s in (seen, wanted)]
    if facts[0] != facts[1]:
        message = f"{when}: seen {seen}, wanted {wanted}"
        raise Broken(message)
