"""One run: asks who is present, has the agenda order steps, and gathers their auctions into one call at the end.

What a step may know of cells is never older than `CELLS_FRESH_S`: a cell that registered while a long run was under way
must not count as missing. Source: docs/reference/convergence.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from bbs.client.locket import LocketError
from bbs.convergence.agenda import Agenda
from bbs.convergence.scan import Scan
from bbs.convergence.slices import Slices
from bbs.convergence.tasks import RESOLVING, ConvergeTask, kicked
from bbs.convergence.timing import Timing
from bbs.master.clock import Clock
from bbs.master.journal import Journal
from bbs.master.parts import Reign
from bbs.master.serving import AnswerWithheld, NotServing
from bbs.models.auction import apart
from bbs.models.effects import RequestLRPAuction, RequestTaskAuction
from bbs.models.state import Context, Effect, Outcome, Transition, View

CELLS_FRESH_S = 2.0
PORTION, BETWEEN_PORTIONS_S = 5_000, 0.5
"""Auctions handed on at once. The gate holds 20,000 until the next renewal, and what it can't hold is lost."""
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


class Gathered:
    """A step whose auctions wait for the end of the run; a transition."""

    __slots__ = ("auctions", "forgotten", "kicked", "reopened", "step")

    def __init__(self, step: Transition) -> None:
        self.step = step
        self.auctions: tuple[Effect, ...] = ()
        self.kicked = self.forgotten = self.reopened = False

    def __call__(self, view: View, context: Context) -> Outcome:
        before = self.step.seen(view) if isinstance(self.step, ConvergeTask) else None
        outcome = self.step(view, context)
        self.auctions = tuple(effect for effect in outcome.effects if isinstance(effect, _AUCTIONS))
        if before is not None:
            self.forgotten = any(change.record is None for change in outcome.mutations)
            self.kicked = kicked(before, outcome)
            self.reopened = before.state == RESOLVING and bool(outcome.mutations)
        others = tuple(effect for effect in outcome.effects if not isinstance(effect, _AUCTIONS))
        return replace(outcome, effects=others)


_AUCTIONS = (RequestLRPAuction, RequestTaskAuction)


@dataclass(slots=True)
class Run:
    """`context` is that of `Parts`, which must hand on `known.cells`."""

    reign: Reign
    agenda: Agenda
    presences: PresentCells
    known: KnownCells
    timing: Timing
    context: Callable[[int], Context]
    clock: Clock
    journal: Journal
    asked_at: float = 0.0
    auctions: list[Effect] = field(default_factory=list)

    async def converge(self) -> None:
        """LRPs, then tasks, then their auctions. Raises Interrupted."""
        try:
            await self._ask()
            scan = Scan(self.reign.memory, self.context(self.reign.serving_since), self.timing)
            figures = self.agenda.figures
            figures.present_cells = len(scan.cells or ())
            began = self.clock.steady()
            await self._submitted(scan, self.agenda.lrp_slices(scan))
            figures.lrp_runs, figures.lrp_duration = figures.lrp_runs + 1, self.clock.steady() - began
            began = self.clock.steady()
            await self._submitted(scan, self.agenda.task_slices(scan))
            figures.task_runs, figures.task_duration = figures.task_runs + 1, self.clock.steady() - began
        except LocketError as error:
            raise Interrupted(str(error)) from error
        finally:
            self.known.cells = None
            await self._place()

    async def _ask(self) -> None:
        if not self.presences.configured:
            return
        asked_at = self.clock.steady()
        self.known.cells = await self.presences.cells()
        self.asked_at = asked_at

    async def _submitted(self, scan: Scan, slices: Slices) -> None:
        """Between two slices everybody else has a turn, or a long scan would cost the lease."""
        steps: list[Transition] = []
        for part in slices:
            steps += part
            while len(steps) >= TOGETHER:
                await self._submit(scan, steps[:TOGETHER])
                steps = steps[TOGETHER:]
            await self.clock.sleep(0)
        if steps:
            await self._submit(scan, steps)

    async def _submit(self, scan: Scan, steps: list[Transition]) -> None:
        """One bad record fails its own step; a master that can't answer ends the run."""
        if self.clock.steady() - self.asked_at > CELLS_FRESH_S:
            await self._ask()
            scan.cells = self.known.cells
            self.agenda.see(scan.cells)
        gathered = [Gathered(step) for step in steps]
        results = await asyncio.gather(*(self.reign.submit(step) for step in gathered), return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        for step, result in zip(gathered, results, strict=True):
            if not isinstance(result, BaseException):
                self._done(step)
        for failure in failures:
            if isinstance(failure, NotServing | AnswerWithheld):
                raise Interrupted("this member can't answer now") from failure
        if reopened := [step.step for step in gathered if step.reopened]:
            await self._submit(scan, reopened)  # a task that is completed again is called back or forgotten at once
        if failures:
            self.journal("convergence-steps-failed", steps=len(failures), first=repr(failures[0]))

    def _done(self, step: Gathered) -> None:
        self.auctions += step.auctions
        self.agenda.figures.tasks_pruned += step.forgotten
        self.agenda.figures.tasks_kicked += step.kicked

    async def _place(self) -> None:
        """One call for the LRPs of the run and one for its tasks; very many in portions, which the gate can hold."""
        tasks = [effect for effect in self.auctions if isinstance(effect, RequestTaskAuction)]
        effects = (*(RequestLRPAuction(start) for start in apart(self.auctions)), *tasks)
        self.auctions = []
        for at in range(0, len(effects), PORTION):
            if at:
                await self.clock.sleep(BETWEEN_PORTIONS_S)
            portion = Outcome(b"", effects=effects[at : at + PORTION])
            # A member that can't answer calls nobody; the next run asks again.
            with suppress(NotServing, AnswerWithheld):
                await self.reign.submit(partial(_given, portion))


def _given(outcome: Outcome, _view: View, _context: Context) -> Outcome:
    """The transition of a decision that was made already."""
    return outcome
