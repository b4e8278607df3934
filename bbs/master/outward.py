"""Outward: everything a master does beyond its store and its clients, wired from the configuration."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from bbs.configuration import BBSConfiguration
from bbs.master.clock import Clock
from bbs.master.journal import Journal
from bbs.master.lease import Lease
from bbs.master.parts import Duty
from bbs.models.cells import cells_response
from bbs.models.state import Context, Effect


class Outward:
    """Presences, calls out and convergence of one process."""

    def __init__(self, configuration: BBSConfiguration, clock: Clock, journal: Journal) -> None:
        self._clock = clock
        self.duties: tuple[Duty, ...] = ()

    def context(self, serving_since: int) -> Context:
        """What a transition may know."""
        return Context(self._clock.now(), serving_since, lambda: str(uuid.uuid4()))

    async def cells(self) -> bytes:
        """The answer of `/v1/cells/list.r1`."""
        return cells_response([])

    def follow_up(self, effects: Sequence[Effect], lease: Lease) -> None:
        """Start the calls that a confirmed transition asks for."""

    async def close(self) -> None:
        """End everything."""
