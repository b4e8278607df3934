"""The turn of an external converger: taken, kept and given back by fenced records, so that it survives a take-over.

Who holds it stands in the anchor. Whether its ttl is over only the master counts, from the last call that it answered;
a master that has just taken over gives the holder its whole ttl. Source: docs/reference/external-converger.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from bbs.client.locket import LocketError
from bbs.convergence.run import PresentCells
from bbs.convergence.timing import Timing
from bbs.convergence.turn import Turn
from bbs.master.committer import Draft
from bbs.master.member import Member
from bbs.master.reigning import Ruler
from bbs.master.serving import AdminRefusal, NotServing, Unavailable
from bbs.models.records import Kind
from bbs.models.state import Entry, Transition
from bbs.stores.anchor import Anchor, Converger

LONGEST_TTL_S = 600.0


class Update(Protocol):
    """One transition of an update; `applied` says afterwards whether its condition held."""

    applied: bool

    @property
    def transition(self) -> Transition:
        """What goes through the pipeline."""


class ExternalConvergence:
    """Calls of an external converger on one member. All raise AdminRefusal, NotServing, AnswerWithheld."""

    def __init__(self, member: Member, turn: Turn, timing: Timing, presences: PresentCells) -> None:
        self._member = member
        self._turn = turn
        self._timing = timing
        self._presences = presences

    async def hold(self, owner: str, ttl_s: float) -> dict[str, Any]:
        """Take the turn or keep it; answers what a run has to know. Refused (409) while another has it."""
        ruler = self._serving()
        if not owner or not 1 <= ttl_s <= LONGEST_TTL_S:
            message = f"owner {owner!r} and ttl_s {ttl_s}; wanted are a name and 1 to {LONGEST_TTL_S:.0f} seconds"
            raise AdminRefusal(422, "MalformedRequest", message, "see docs/reference/external-converger.md")
        holder = self._turn.holder()
        if self._turn.taking or (holder is not None and holder.owner != owner):
            name = holder.owner if holder else "another converger"
            raise AdminRefusal(409, "ConvergenceHeld", f"{name} has the turn", "wait until it gives it back")
        if holder is None and self._turn.running:
            raise AdminRefusal(409, "ConvergenceRunning", "the BBS itself converges now", "ask again in a moment")
        await self._write(ruler, Converger(owner, ttl_s))
        return await self._facts(ruler)

    async def release(self, owner: str) -> dict[str, Any]:
        """Give the turn back; fine when it was lost already."""
        ruler = self._serving()
        holder = self._turn.holder()
        if holder is not None and holder.owner == owner:
            await self._write(ruler, None)
        return {}

    async def update(self, owner: str, epoch: int, steps: Sequence[Update]) -> dict[str, Any]:
        """Apply each step whose records are still as they were fetched. Refused (412) to whoever has not the turn."""
        self._require_turn(owner, epoch)
        submitted = (self._member.submit(step.transition) for step in steps)
        results = await asyncio.gather(*submitted, return_exceptions=True)
        failed = [repr(result) for result in results if isinstance(result, Exception)]
        for result in results:
            if isinstance(result, NotServing):
                raise result
        applied = sum(step.applied for step, result in zip(steps, results, strict=True) if isinstance(result, bytes))
        return {"applied": applied, "stale": len(steps) - applied - len(failed), "failed": failed[:10]}

    def records(self, kind: Kind) -> list[Entry]:
        """All confirmed records of a kind, as they are now."""
        return list(self._member.memory().entries(kind))

    async def ask(self) -> dict[str, Any]:
        """Have the BBS itself converge soon; of many that ask while it does, one run follows."""
        self._serving()
        if self._turn.holder() is not None:
            raise AdminRefusal(409, "ConvergenceHeld", "an external converger has the turn", "ask it")
        return {"queued": self._turn.ask(), "running": self._turn.running}

    def _serving(self) -> Ruler:
        self._member.memory()
        ruler = self._member.ruler
        assert ruler is not None
        return ruler

    def _require_turn(self, owner: str, epoch: int) -> None:
        ruler = self._serving()
        if ruler.anchor.epoch != epoch:
            message = f"the epoch is {ruler.anchor.epoch}; the call was decided in {epoch}"
            raise AdminRefusal(412, "StaleEpoch", message, "take the turn again and fetch anew")
        holder = self._turn.holder()
        if holder is None or holder.owner != owner:
            message = f"the turn is {holder.owner if holder else 'nobody'}'s, not {owner}'s"
            raise AdminRefusal(412, "NotYourTurn", message, "take the turn again and fetch anew")
        self._turn.hold(holder)

    async def _write(self, ruler: Ruler, wanted: Converger | None) -> None:
        """Kept in the anchor before it counts; a renewal that changes nothing there is not written."""
        self._turn.taking = True
        try:
            if ruler.anchor.converger != wanted:
                await self._member.as_master(ruler.committer.commit(_draw(wanted)))
            self._turn.hold(wanted)
        finally:
            self._turn.taking = False

    async def _facts(self, ruler: Ruler) -> dict[str, Any]:
        timing = asdict(self._timing)
        timing["presences"] = self._presences.configured
        return {
            "epoch": ruler.anchor.epoch,
            "serving_since": ruler.serving_since,
            "now": self._member.parts.clock.now(),
            "timing": timing,
            "cells": await self._cells(),
        }

    async def _cells(self) -> list[str] | None:
        if not self._presences.configured:
            return None
        try:
            return sorted(await self._presences.cells())
        except LocketError as error:
            remedy = "see Locket's own health"
            raise NotServing(Unavailable("StoreUnavailable", str(error), remedy)) from error


def _draw(wanted: Converger | None) -> Callable[[Anchor], Draft]:
    return lambda _anchor: Draft(members={"converger": wanted})
