"""Convergence as a duty of a serving master: when it runs, whom it asks, and how its steps reach the pipeline.

Decides nothing about records: the scans order, the transitions decide. One run at a time, each an interval after the
last one ended. What a step may know of cells is never older than `CELLS_FRESH_S`: a cell that registered while a long
run was under way must not count as missing. Source: docs/reference/convergence.md, docs/reference/calls-out.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from bbs.client.locket import LocketError
from bbs.convergence.lrps import lrp_slices
from bbs.convergence.tasks import task_slices
from bbs.convergence.timing import Timing
from bbs.master.clock import Clock
from bbs.master.journal import Journal
from bbs.master.parts import Duty, Reign
from bbs.master.serving import AnswerWithheld, NotServing
from bbs.models.state import Context, Transition

CELLS_FRESH_S = 2.0
TOGETHER = 250
"""Steps submitted at once: they share commits, and requests of clients still come in between."""


class PresentCells(Protocol):
    """Who can tell which cells are present (bbs.outbound.Presences)."""

    @property
    def configured(self) -> bool:
        """Whether there is anybody to ask."""

    async def cells(self) -> frozenset[str]:
        """The ids of all cells that are present. Raises LocketError."""


@dataclass(slots=True)
class KnownCells:
    """The cells as transitions may know them: what Locket said during a run, None outside of one."""

    cells: frozenset[str] | None = None


class Interrupted(Exception):
    """The run can't go on; the next one begins anew."""


@dataclass(slots=True)
class _Convergence:
    presences: PresentCells
    known: KnownCells
    timing: Timing
    context: Callable[[int], Context]
    clock: Clock
    journal: Journal
    asked_at: float = 0.0

    async def run(self, reign: Reign) -> None:
        """One run: LRPs and tasks. Raises Interrupted."""
        try:
            await self._ask()
            async for portion in self._portions(reign):
                if self.clock.steady() - self.asked_at > CELLS_FRESH_S:
                    await self._ask()
                await self._submit(reign, portion)
        except LocketError as error:
            raise Interrupted(str(error)) from error
        finally:
            self.known.cells = None

    async def _ask(self) -> None:
        asked_at = self.clock.steady()
        self.known.cells = await self.presences.cells()
        self.asked_at = asked_at

    async def _portions(self, reign: Reign) -> AsyncIterator[list[Transition]]:
        """The steps of the scans; between two slices everybody else has a turn, or a long scan would cost the lease."""
        context, view = self.context(reign.serving_since), reign.memory
        steps: list[Transition] = []
        for part in chain(lrp_slices(view, context, self.timing), task_slices(view, context, self.timing)):
            steps += part
            while len(steps) >= TOGETHER:
                yield steps[:TOGETHER]
                steps = steps[TOGETHER:]
            await self.clock.sleep(0)
        if steps:
            yield steps

    async def _submit(self, reign: Reign, steps: list[Transition]) -> None:
        """One bad record fails its own step; a master that can't answer ends the run."""
        results = await asyncio.gather(*(reign.submit(step) for step in steps), return_exceptions=True)
        failures = [result for result in results if isinstance(result, Exception)]
        for failure in failures:
            if isinstance(failure, NotServing | AnswerWithheld):
                raise Interrupted("this member can't answer now") from failure
        if failures:
            self.journal("convergence-steps-failed", steps=len(failures), first=repr(failures[0]))


def converge(
    interval: float,
    timing: Timing,
    presences: PresentCells,
    known: KnownCells,
    context: Callable[[int], Context],
    clock: Clock,
    journal: Journal,
) -> Duty:
    """The duty; `interval` in seconds. `context` is that of `Parts`, which must hand on `known.cells`."""

    async def duty(reign: Reign) -> None:
        if not presences.configured:
            journal("convergence-off", reason="no locket_address: which cells are present is not known")
            return
        convergence = _Convergence(presences, known, timing, context, clock, journal)
        while True:
            await clock.sleep(interval)
            try:
                await convergence.run(reign)
            except Interrupted as interruption:
                journal("convergence-interrupted", reason=str(interruption))
            except Exception as error:  # the next run must come, whatever a record did to this one
                journal("convergence-failed", error=repr(error))

    return duty
