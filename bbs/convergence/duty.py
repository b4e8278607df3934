"""Convergence as a duty of a serving master: when it runs, and that its own runs and an external converger exclude
each other.

One run at a time, each an interval after the last one ended, sooner when asked for. Decides nothing about records.
Source: docs/reference/convergence.md, docs/reference/calls-out.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bbs.convergence.agenda import Agenda
from bbs.convergence.domains import prune_domains
from bbs.convergence.figures import Figures
from bbs.convergence.run import Interrupted, KnownCells, PresentCells, Run
from bbs.convergence.timing import Timing
from bbs.convergence.turn import Turn
from bbs.master.clock import Clock
from bbs.master.journal import Journal
from bbs.master.parts import Reign
from bbs.models.state import Context

NO_PRESENCES = "no locket_address: which cells are present is not known"


@dataclass(slots=True)
class Convergence:
    """One per process; `interval` in seconds. `duty` is the duty, `turn` is shared with who takes external turns."""

    interval: float
    timing: Timing
    presences: PresentCells
    known: KnownCells
    context: Callable[[int], Context]
    clock: Clock
    journal: Journal
    turn: Turn
    figures: Figures

    def status(self) -> dict[str, Any]:
        """What `/status` says of convergence."""
        holder = self.turn.holder()
        return {
            "presences": self.presences.configured,
            "off": [] if self.presences.configured else ["evacuating", "suspect", "retire", "update", "tasks on cells"],
            "running": self.turn.running,
            "asked": self.turn.asked,
            "external": holder.owner if holder else None,
            "lrp_runs": self.figures.lrp_runs,
            "task_runs": self.figures.task_runs,
            "last_lrp_run_ms": round(self.figures.lrp_duration * 1000, 1),
            "last_task_run_ms": round(self.figures.task_duration * 1000, 1),
        }

    async def duty(self, reign: Reign) -> None:
        """Converge while the reign lasts."""
        if not self.presences.configured:
            self.journal("convergence-without-presences", reason=NO_PRESENCES)
        timing = replace(self.timing, presences=self.presences.configured, first=reign.first)
        agenda = Agenda(self.figures)
        reign.watch(agenda.note)
        self.turn.hold(reign.converger)
        while True:
            await self.turn.come(self.interval)
            if not self.turn.ours:
                await prune_domains(reign, timing, self.context)
                continue
            self.turn.running = True
            try:
                run = Run(reign, agenda, self.presences, self.known, timing, self.context, self.clock, self.journal)
                await run.converge()
            except Interrupted as interruption:
                self.journal("convergence-interrupted", reason=str(interruption))
            except Exception as error:  # the next run must come, whatever a record did to this one
                self.journal("convergence-failed", error=repr(error))
            finally:
                self.turn.running = False
