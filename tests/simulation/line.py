"""The lines of the world: to the store and between processes, where everything goes wrong that can.

Each call may be lost on its way, arrive late, arrive twice, or lose its answer; the process that made it may be paused
or ended right before or right after it took effect.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from bbs.stores.contract import StoreError, StoreFull, StoreUnavailable
from tests.simulation.world import Process, World

_T = TypeVar("_T")
TIMEOUT = 1.0


@dataclass
class Faults:
    """Chances per call; all zero in a healed world."""

    lost: float = 0.01
    late: float = 0.01
    twice: float = 0.03
    answer_lost: float = 0.01
    pause: float = 0.003
    kill: float = 0.001
    kill_before_commit: float = 0.006
    late_claim: float = 0.2
    claim_answer_lost: float = 0.2
    renewal_twice: float = 0.3
    cut: float = 0.002
    stall: float = 0.02
    full: float = 0.002

    def heal(self) -> None:
        """From now on nothing goes wrong."""
        self.lost = self.late = self.twice = self.answer_lost = 0.0
        self.pause = self.kill = self.late_claim = self.renewal_twice = self.cut = self.stall = 0.0
        self.claim_answer_lost = self.kill_before_commit = self.full = 0.0


class StoreLine:
    """The line of one process to the store."""

    def __init__(
        self, world: World, process: Process, faults: Faults, strike: Callable[[str], None], caller: Callable[[], None]
    ) -> None:
        """`strike` pauses, cuts off or ends the node; `caller` tells the tables who is calling."""
        self.cut_until = 0.0
        self._world = world
        self._process = process
        self._faults = faults
        self._strike = strike
        self._caller = caller

    async def call(self, name: str, operation: Callable[[], _T]) -> _T:
        """See Line."""
        world, faults, chance = self._world, self._faults, self._world.random.random
        answer: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        world.at(world.time + TIMEOUT, lambda: self._process.deliver(lambda: _give_up(answer, name)))
        if name == "commit" and chance() < faults.full:
            # Of one sending: every delivery of it finds no room, while an earlier sending may still be on its way.
            world.counts["commits without room"] += 1
            operation = _no_room
        if chance() < faults.lost or (world.time < self.cut_until and chance() < 0.5):
            world.counts["lost requests"] += 1
            return await answer
        if chance() < (faults.late_claim if name == "claim" else faults.late):
            world.counts["late requests"] += 1
            world.after(TIMEOUT, 8.0, lambda: self._arrive(name, operation, answer))
        else:
            world.after(0.0005, 0.02, lambda: self._arrive(name, operation, answer))
        if chance() < (faults.renewal_twice if name == "renew" else faults.twice):
            world.counts["duplicates"] += 1
            world.after(0.01, 6.0, lambda: self._arrive(name, operation, answer))
        return await answer

    def _arrive(self, name: str, operation: Callable[[], Any], answer: asyncio.Future[Any]) -> None:
        world, chance = self._world, self._world.random.random
        world.steps += 1
        # What was announced to standbys and never reached the store is what a careless one takes for confirmed.
        if chance() < (self._faults.kill_before_commit if name == "commit" else self._faults.kill):
            self._strike("kill")
            if name == "commit":
                return
        self._caller()
        try:
            result, error = operation(), None
        except StoreError as refused:
            result, error = None, refused
        world.counts[name] += 1
        unanswered = self._faults.claim_answer_lost if name == "claim" else self._faults.answer_lost
        if chance() < unanswered or world.time < self.cut_until:
            world.counts["lost acknowledgements"] += name in {"commit", "claim", "renew"}
            return
        if chance() < self._faults.kill:
            self._strike("kill")
        if chance() < self._faults.pause:
            self._strike("pause")
        if chance() < self._faults.cut:
            # For a while nothing comes back over this line, and half of what goes out still takes effect.
            world.counts["lines cut"] += 1
            self.cut_until = world.time + world.random.uniform(1.0, 8.0)
        world.after(0.0005, 0.02, lambda: self._process.deliver(lambda: _settle(answer, result, error)))


def _no_room() -> Any:
    raise StoreFull("no room")


def _settle(answer: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if answer.done():
        return
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(result)


def _give_up(answer: asyncio.Future[Any], name: str) -> None:
    if not answer.done():
        answer.set_exception(StoreUnavailable(f"no answer to {name} within {TIMEOUT} s"))
