"""Outward: everything a master does beyond its store and its clients, wired from the configuration."""

from __future__ import annotations

from bbs.configuration import BBSConfiguration
from bbs.convergence.duty import Convergence
from bbs.convergence.figures import Figures
from bbs.convergence.run import KnownCells
from bbs.convergence.timing import SECOND, Timing
from bbs.convergence.turn import Turn
from bbs.master.clock import Clock
from bbs.master.external import ExternalConvergence
from bbs.master.guids import Guids
from bbs.master.journal import Journal
from bbs.master.member import Member
from bbs.master.parts import Duty
from bbs.models.state import Context
from bbs.outbound import CallsOut, Presences


class Outward:
    """Presences, calls out and convergence of one process."""

    def __init__(self, configuration: BBSConfiguration, clock: Clock, journal: Journal) -> None:
        self._clock = clock
        self._known = KnownCells()
        self._new_guid = Guids()
        self._max_task_retries = configuration.max_task_retries
        self._presences = Presences.configured_by(configuration)
        self._calls = CallsOut(configuration, self._presences, clock, journal)
        self.follow_up = self._calls.follow_up
        self.settled = self._calls.settled
        self.call_figures = self._calls.figures
        self.cells = self._presences.cells_answer
        self.rep_url = self._presences.rep_url
        self.convergence = Convergence(
            configuration.converge_repeat_interval,
            _timing(configuration),
            self._presences,
            self._known,
            self.context,
            clock,
            journal,
            Turn(clock),
            Figures(),
        )
        self.duties: tuple[Duty, ...] = (
            self._calls.attach,
            self.convergence.duty,
        )

    def external(self, member: Member) -> ExternalConvergence:
        """What an external converger may call on that member."""
        return ExternalConvergence(member, self.convergence.turn, self.convergence.timing, self._presences)

    def context(self, serving_since: int) -> Context:
        """What a transition may know."""
        return Context(
            self._clock.now(),
            serving_since,
            self._new_guid,
            self._known.cells,
            max_task_retries=self._max_task_retries,
        )

    async def close(self) -> None:
        """Send nothing more, and close what is open."""
        await self._calls.close()
        await self._presences.close()


def _timing(configuration: BBSConfiguration) -> Timing:
    return Timing(
        interval=round(configuration.converge_repeat_interval * SECOND),
        kick_task=round(configuration.kick_task_duration * SECOND),
        expire_pending_task=round(configuration.expire_pending_task_duration * SECOND),
        expire_completed_task=round(configuration.expire_completed_task_duration * SECOND),
    )
