"""The gate: effects wait here for a renewal that began after their decision.

Owns the order of decisions and their end, performs nothing. Effects that one renewal lets through leave together, so
that the auctions of many transitions become one call.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bbs.master.clock import Clock
from bbs.master.lease import Lease
from bbs.models.state import Effect
from bbs.outbound.permit import Permit

LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class _Decision:
    effects: tuple[Effect, ...]
    permit: Permit


class Gate:
    """`release` gets what may leave, `withhold` what may not any more. `patience`: seconds, the ttl of the lock."""

    def __init__(
        self,
        clock: Clock,
        patience: float,
        limit: int,
        release: Callable[[Sequence[Effect], Permit], None],
        withhold: Callable[[Sequence[Effect]], None],
    ) -> None:
        self._clock = clock
        self._patience = patience
        self._limit = limit
        self._release = release
        self._withhold = withhold
        self._decisions: deque[_Decision] = deque()
        self._waiting = 0
        self._watch: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Effects that wait."""
        return self._waiting

    def admit(self, effects: Sequence[Effect], lease: Lease) -> bool:
        """Let them wait; False when there is no room for so many."""
        if self._waiting + len(effects) > self._limit:
            return False
        self._waiting += len(effects)
        self._decisions.append(_Decision(tuple(effects), Permit(lease, self._clock.steady())))
        if self._watch is None or self._watch.done():
            self._watch = asyncio.get_running_loop().create_task(self._watching())
        return True

    async def close(self) -> None:
        """Forget what waits."""
        self._decisions.clear()
        self._waiting = 0
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])

    async def _watching(self) -> None:
        while self._decisions:
            await self._clock.sleep(LOOK_S)
            self._sort()

    def _sort(self) -> None:
        """Decisions lie in the order of their instants: the first that must wait on ends the look."""
        leaving: list[_Decision] = []
        while self._decisions and (allowed := self._verdict(self._decisions[0].permit)) is not None:
            decision = self._decisions.popleft()
            self._waiting -= len(decision.effects)
            if allowed:
                leaving.append(decision)
            else:
                self._withhold(decision.effects)
        for _, together in groupby(leaving, key=lambda decision: id(decision.permit.lease)):
            self._leave(list(together))

    def _leave(self, decisions: list[_Decision]) -> None:
        """Under the permit of the newest, which is the strictest."""
        self._release([effect for decision in decisions for effect in decision.effects], decisions[-1].permit)

    def _verdict(self, permit: Permit) -> bool | None:
        if permit.holds():
            return True
        late = self._clock.steady() > permit.since + self._patience
        return False if late or permit.lease.ended else None
