"""How a cell is emptied without an app going away, and the valve that stops it when that can't work.

none -> gating -> evacuating -> drained, or -> aborted. Gating asks whether a BBS serves at all: without one nothing
could be handed over. Evacuating sets the latch (no new work) and lets the bulker hand over; it ends as drained when no
container is left. While the BBS takes no report the time limit stands still, and after `evacuation_watch` the cell
gives up: it works on as before, its next heartbeats take the instances back. When the pod ends in any case, it gives up
as soon as nobody is left to hand over to. Drained stays until SIGTERM: a rep that left by itself would be restarted
without its latch and take work. Source: docs/reference/cell.md, "Evacuation".
"""

from __future__ import annotations

import asyncio
import time
from enum import StrEnum

import structlog

from bbs.client import ClientError
from components.presence import Holder
from components.rep.bulker import Bulker
from components.rep.cell import Cell, Contact
from components.rep.endings import delete
from components.rep.successors import Successors

POLL_S = 0.5
GATE_PAUSE_S = 1.0

log = structlog.get_logger()


class State(StrEnum):
    """What `GET /evacuation` tells."""

    NONE = "none"
    GATING = "gating"
    EVACUATING = "evacuating"
    DRAINED = "drained"
    ABORTED = "aborted"


RUNNING = (State.GATING, State.EVACUATING)


class Evacuation:
    """One cell's evacuation; at most one runs."""

    def __init__(self, cell: Cell, bulker: Bulker, presence: Holder, successors: Successors) -> None:
        self._cell = cell
        self._bulker = bulker
        self._presence = presence
        self._successors = successors
        self._task: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self.state = State.NONE
        self.reason = ""

    def report(self) -> dict[str, object]:
        """The answer of `GET /evacuation`."""
        contact = self._cell.contact
        return {
            "state": self.state,
            "remaining": len(self._cell.ledger),
            "reason": self.reason,
            "marked": contact.marked,
            "failures": contact.failures,
        }

    def begin(self, *, leaving: bool = False) -> None:
        """Start, unless one runs or has ended drained. `leaving`: the pod ends whatever comes of it."""
        if self.state is State.DRAINED:
            return
        if self.state not in RUNNING:
            self._become(State.GATING, "")
            self._task = asyncio.create_task(self._evacuate())
        if leaving and (self._watch is None or self._watch.done()):
            self._watch = asyncio.create_task(self._until_nobody_is_left())

    async def cancel(self) -> bool:
        """Take it back; False when the cell is drained already."""
        if self.state is State.DRAINED:
            return False
        await self._stop()
        self._give_up(State.NONE, "cancelled")
        return True

    async def close(self) -> None:
        """Stop without a change of state: the process ends."""
        await self._stop()

    async def _stop(self) -> None:
        for task in (self._watch, self._task):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        self._watch = self._task = None

    async def _until_nobody_is_left(self) -> None:
        reason = await self._successors.gone()
        if self._task is not None and self.state in RUNNING:
            self._task.cancel()
            await asyncio.wait([self._task])
        # Cancelled or not, the hand-over has ended by now; what it ended as stands.
        if self.state in RUNNING:
            self._give_up(State.ABORTED, f"{reason}; do: nothing, its apps end with the pod")

    async def _evacuate(self) -> None:
        try:
            await self._hand_over()
        except Exception as error:
            log.exception("evacuation-broken")
            self._give_up(State.ABORTED, f"{type(error).__name__}: {error}; do: read the cell's log, evacuate again")

    async def _hand_over(self) -> None:
        if not await self._bbs_serves():
            limit = self._cell.configuration.evacuation_gate_timeout
            self._give_up(State.ABORTED, f"bbs_unavailable: none served within {limit:g} s; do: evacuate again later")
            return
        self._cell.contact = Contact()
        self._cell.evacuating = True
        self._become(State.EVACUATING, "")
        self._bulker.wake()
        await self._until_empty()

    async def _bbs_serves(self) -> bool:
        deadline = time.monotonic() + self._cell.configuration.evacuation_gate_timeout
        while True:
            try:
                if await self._cell.bbs.ping(within=GATE_PAUSE_S):
                    return True
            except ClientError as error:
                self.reason = str(error)
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(GATE_PAUSE_S)

    async def _until_empty(self) -> None:
        spent, last = 0.0, time.monotonic()
        settings = self._cell.configuration
        while len(self._cell.ledger):
            await asyncio.sleep(POLL_S)
            now = time.monotonic()
            failing = self._cell.contact.failing_since
            if failing is None:
                spent += now - last
            elif now - failing > settings.evacuation_watch:
                error = self._cell.contact.last_error
                self._give_up(State.ABORTED, f"bbs_unavailable for {settings.evacuation_watch:g} s: {error}")
                return
            last = now
            if spent > settings.evacuation_timeout:
                if settings.on_evacuation_timeout == "Abort":
                    self._give_up(State.ABORTED, self._timed_out())
                    return
                log.error("evacuation-timeout-kills", reason=self._timed_out())
                for container in self._cell.ledger:
                    await delete(self._cell, container)
        await self._presence.release()
        self._become(State.DRAINED, "")

    def _timed_out(self) -> str:
        apps = sorted({container.process_guid or container.guid for container in self._cell.ledger})
        shown = ", ".join(apps[:5]) + (f" and {len(apps) - 5} more" if len(apps) > 5 else "")
        limit = self._cell.configuration.evacuation_timeout
        return f"evacuation_timeout: after {limit:g} s still here: {shown}; make room on other cells and evacuate again"

    def _give_up(self, state: State, reason: str) -> None:
        self._cell.evacuating = False
        self._become(state, reason)
        self._bulker.wake()

    def _become(self, state: State, reason: str) -> None:
        self.state, self.reason = state, reason
        log.info("evacuation", state=state, remaining=len(self._cell.ledger), reason=reason)
