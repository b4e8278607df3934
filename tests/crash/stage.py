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
from tests.crash.fatal_store import Fuse, Point, moments_of
from tests.crash.kinds import RELATIONAL, Kind
from tests.crash.lives import Life
from tests.crash.places import Place
from tests.crash.setting import PATIENT_LOCK, RELATIONAL_VICTIM_LOCK, VICTIM_LOCK, Setting
from tests.crash.standing import Standing, standing

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
    turns: str | None

    @property
    def points(self) -> list[Point]:
        """Every point there is."""
        numbered = enumerate(self.names, 1)
        return [Point(number, moment) for number, name in numbered for moment in moments_of(name)]

    def name(self, point: Point) -> str:
        """Of the operation at that point."""
        return self.names[point.operation - 1]

    def turned(self, point: Point) -> bool:
        """Whether the store must hold what it holds at the end once a process died there."""
        if self.turns is None:
            return False
        turn = self.names.index(self.turns) + 1
        return point.operation > turn or (point.operation == turn and point.moment != "before")


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
    """A place and a kind."""

    def __init__(self, place: Place, kind: Kind, keyring: Path, seed: Path) -> None:
        self._place = place
        self._kind = kind
        self._seed = seed
        self._setting = Setting(place.section(), place.authority, keyring if kind.keyring else None)

    # --- before the points --------------------------------------------------------------------------------------------

    def prepare(self, records: int, number: int) -> None:
        """Make the seed that every point starts from."""

        def life(_: Tell) -> None:
            asyncio.run(lives.patiently(lambda: self._place.restore(None)))
            configuration = self._setting.configuration("seeder", PATIENT_LOCK)
            asyncio.run(self._kind.seed(configuration, records=records, number=number))
            asyncio.run(self._place.save(self._seed))

        self._done(_run(life), "seeding")

    def rehearse(self) -> Rehearsal:
        """The uninterrupted run."""
        configuration = self._setting.configuration("rehearser", PATIENT_LOCK)

        def life(tell: Tell) -> None:
            asyncio.run(lives.patiently(lambda: self._place.restore(self._seed)))
            fuse = Fuse(None, tell)
            tell(asyncio.run(standing(configuration)).text())
            asyncio.run(lives.fatally(self._kind.work, configuration, fuse))
            tell(asyncio.run(standing(configuration)).text())
            tell(json.dumps(fuse.names))

        before, after, names = self._done(_run(life), "the uninterrupted run")
        return Rehearsal(tuple(json.loads(names)), Standing.parse(before), Standing.parse(after), self._kind.turns)

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
        return Outcome(str(point), name, after_death, _name(self._heir(rehearsal, point)), seconds, problem)

    def _kill(self, rehearsal: Rehearsal, point: Point) -> int:
        quick = RELATIONAL_VICTIM_LOCK if self._place.engine in RELATIONAL else VICTIM_LOCK
        lock = PATIENT_LOCK if _certified(rehearsal, point) else quick
        configuration = self._setting.configuration("victim", lock)
        wanted = f"{point} {rehearsal.name(point)}"

        def life(tell: Tell) -> None:
            asyncio.run(lives.patiently(lambda: self._place.restore(self._seed)))
            asyncio.run(lives.fatally(self._kind.work, configuration, Fuse(point, tell)))

        for _ in range(_TRIES):
            child = _start(life)
            ending = child.end()
            if ending.killed and ending.lines == (wanted,):
                return child.pid
        message = f"the victim ended with {ending.code} having told {list(ending.lines)}; wanted SIGKILL at {wanted!r}"
        raise Broken(message)

    def _finish(self, rehearsal: Rehearsal, point: Point, victim: int) -> tuple[str, Standing]:
        configuration = self._setting.configuration("survivor", PATIENT_LOCK)
        certificate, heir = _certified(rehearsal, point), self._heir(rehearsal, point)

        def life(tell: Tell) -> None:
            def patiently(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
                return asyncio.run(lives.patiently(work))

            tell(patiently(lambda: standing(configuration, rehearsal.before)).text())
            tell(patiently(lambda: lives.after_death(configuration, victim, certificate=certificate)))
            patiently(lambda: heir(configuration))
            tell(patiently(lambda: standing(configuration)).text())

        ending = _run(life)
        if ending.lines:
            _judge_between(Standing.parse(ending.lines[0]), rehearsal, point)
        _, after_death, last = self._done(ending, "the survivor")
        finished = Standing.parse(last)
        _judge_finished(finished, rehearsal)
        return after_death, finished

    def _heir(self, rehearsal: Rehearsal, point: Point) -> Life:
        """By turns; every fourth point waits the ttl out, so with each heir both ways of learning of a death occur."""
        number = rehearsal.points.index(point)
        return self._kind.heirs[(number + number // 4) % len(self._kind.heirs)]


def _certified(rehearsal: Rehearsal, point: Point) -> bool:
    """Whether the supervisor's certificate tells of the death; every fourth time the ttl is waited out."""
    return rehearsal.points.index(point) % 4 != 0


def _name(life: Life) -> str:
    return str(getattr(life, "func", life).__name__)


def _start(life: Callable[[Tell], None]) -> Child:
    def bounded(tell: Tell) -> None:
        signal.alarm(_LIFE_LIMIT_S)
        life(tell)

    return Child.start(bounded)


def _run(life: Callable[[Tell], None]) -> Ending:
    return _start(life).end()


def _judge_between(seen: Standing, rehearsal: Rehearsal, point: Point) -> None:
    """After the kill: the old root live and whole, or, from the turn on, the new one; and what is said of it true."""
    wanted = rehearsal.after if rehearsal.turned(point) else rehearsal.before
    _same(seen, wanted, "after the kill", "layout", "count", "sha256", "wrong")


def _judge_finished(seen: Standing, rehearsal: Rehearsal) -> None:
    facts = ("layout", "count", "sha256", "wrong", "sealed", "label", "anchored")
    _same(seen, rehearsal.after, "after another process finished", *facts)


def _judge_left_over(finished: Standing, rehearsal: Rehearsal) -> None:
    """Whoever finishes also clears up behind attempts that died; the root that was live at first may be kept."""
    left = {*finished.roots} - {finished.root, rehearsal.before.root}
    if left:
        message = f"roots of dead attempts are left over: {sorted(left)}; wanted {finished.root} and the old live one"
        raise Broken(message)


def _same(seen: Standing, wanted: Standing, when: str, *facts: str) -> None:
    other = [fact for fact in facts if getattr(seen, fact) != getattr(wanted, fact)]
    if other:
        raise Broken(f"{when}: {', '.join(other)}: seen {seen}, wanted {wanted}")
