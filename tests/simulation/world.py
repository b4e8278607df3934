"""The world: time, the order of events, and the seed that decides both."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.simulation.loop import StandingLoop


class BrokenPromise(AssertionError):
    """An invariant does not hold; the text names it."""

    def __init__(self, invariant: str, detail: str) -> None:
        super().__init__(f"{invariant}: {detail}")
        self.invariant = invariant


class World:
    """Events by virtual time. A step is one store operation or message delivered."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.time = 1_000.0
        self.steps = 0
        self.counts: Counter[str] = Counter()
        self.loops: list[Process] = []
        self.graveyard: list[Process] = []
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0
        self.failure: BaseException | None = None

    def at(self, when: float, happen: Callable[[], None]) -> None:
        """Let something happen at a time."""
        self._order += 1
        heapq.heappush(self._events, (when, self._order, happen))

    def after(self, low: float, high: float, happen: Callable[[], None]) -> None:
        """Let something happen after a random delay."""
        self.at(self.time + self.random.uniform(low, high), happen)

    def promise(self, holds: bool, invariant: str, detail: str) -> None:
        """An invariant, checked where it could break."""
        if not holds:
            where = f"{detail} (seed {self.seed}, step {self.steps}, t {self.time:.3f})"
            # Kept as well as raised: production code may well catch what one of its tasks raises.
            self.failure = self.failure or BrokenPromise(invariant, where)
            raise self.failure

    def run(self, steps: int) -> None:
        """Turn the world until that many steps were made. Raises BrokenPromise."""
        goal = self.steps + steps
        while self.steps < goal:
            self._next()
            if self.failure is not None:
                raise self.failure

    def run_until(self, reached: Callable[[], bool], seconds: float) -> bool:
        """Turn until a condition holds; False when that much virtual time passed without."""
        end = self.time + seconds
        while not reached() and self.time < end:
            self._next()
            if self.failure is not None:
                raise self.failure
        return reached()

    def _next(self) -> None:
        due: tuple[float, Process | None] | None = None
        if self._events:
            due = (self._events[0][0], None)
        for process in self.loops:
            when = process.next_due()
            if when is not None and (due is None or when < due[0]):
                due = (when, process)
        assert due is not None, "nothing will ever happen again"
        self.time = max(self.time, due[0])
        if due[1] is None:
            heapq.heappop(self._events)[2]()
        else:
            due[1].turn()


class Process:
    """A loop with a life: it may be paused, and it may end. Deliveries to a paused one wait."""

    def __init__(self, world: World, rate: float = 1.0, offset: float = 0.0) -> None:
        self.world = world
        self.rate = rate
        self.offset = offset
        self.alive = True
        self.paused_until = 0.0
        self.loop = StandingLoop(self.clock, self._failed)
        world.loops.append(self)

    def clock(self) -> float:
        """This process's steady clock: the world's time with its own error."""
        return self.world.time * self.rate + self.offset

    def next_due(self) -> float | None:
        """World time of its next timer, not before it is continued."""
        timer = self.loop.next_timer()
        if timer is None or not self.alive:
            return None
        return max((timer - self.offset) / self.rate + 1e-9, self.paused_until)

    def turn(self) -> None:
        """Run what is due, unless paused or dead."""
        if self.alive and self.world.time >= self.paused_until:
            self.loop.turn()

    def deliver(self, callback: Callable[[], None]) -> None:
        """Hand something to this process: now, when it is continued, or never."""
        if not self.alive:
            return
        if self.world.time < self.paused_until:
            self.world.at(self.paused_until + 1e-6, lambda: self.deliver(callback))
            return
        self.loop.call_soon(callback)
        self.loop.turn()

    def pause(self, seconds: float) -> None:
        """SIGSTOP, and SIGCONT later."""
        self.paused_until = max(self.paused_until, self.world.time + seconds)

    def kill(self) -> None:
        """SIGKILL: nothing of it ever runs again."""
        self.alive = False
        self.world.loops.remove(self)
        self.world.graveyard.append(self)

    def _failed(self, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception | BrokenPromise):
            self.world.failure = error
