"""All calls out of a member: what follows a committed transition, sent under the lease of the reign that decided it.

`follow_up` is called by the pipeline between two commits: it only notes, never waits and never raises. Failures are
journalled and nothing else: convergence finds what is still to be done. Source: docs/reference/calls-out.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, TypeVar

from bbs.configuration import BBSConfiguration
from bbs.master.clock import Clock
from bbs.master.journal import Journal
from bbs.master.lease import Lease
from bbs.master.parts import Reign
from bbs.master.serving import AnswerWithheld, NotServing
from bbs.models.auction import merged
from bbs.models.effects import (
    CancelTask,
    CompleteTaskCallback,
    RequestLRPAuction,
    RequestTaskAuction,
    RetireLRPInstance,
    StopLRPInstance,
    UpdateLRPInstance,
)
from bbs.models.state import Effect
from bbs.outbound.auctioneer import Auctioneer
from bbs.outbound.callbacks import Callbacks
from bbs.outbound.exchange import CallFailed, Exchange, Withheld
from bbs.outbound.gate import Gate
from bbs.outbound.lane import Lane
from bbs.outbound.permit import Permit
from bbs.outbound.presences import Presences
from bbs.outbound.rep import CellAbsent, Reps

MOST_WAITING = 20_000
MOST_IN_ONE_AUCTION = 5_000
AUCTIONS_ABREAST, CELL_CALLS_ABREAST, CALLBACKS_ABREAST = 2, 50, 50

Work = Callable[[], Coroutine[None, None, None]]
Fields = dict[str, Any]
Start = TypeVar("Start")


class CallsOut:
    """One per process. `follow_up` is `Parts.follow_up`; `attach` is a duty, so that callbacks can change records."""

    def __init__(self, configuration: BBSConfiguration, presences: Presences, clock: Clock, journal: Journal) -> None:
        timeout = configuration.communication_timeout
        to_auctioneer = Exchange(configuration.auctioneer_tls, timeout)
        to_reps = Exchange(configuration.rep_tls, timeout)
        to_callbacks = Exchange(configuration.tls, timeout)
        address = configuration.auctioneer_address
        self._auctioneer = Auctioneer(address, to_auctioneer) if address else None
        self._reps = Reps(presences, to_reps, clock)
        self._callbacks = Callbacks(to_callbacks)
        self._exchanges = (to_auctioneer, to_reps, to_callbacks)
        self._gate = Gate(clock, configuration.lock.ttl, MOST_WAITING, self._release, self._withhold)
        self._auctions = Lane(AUCTIONS_ABREAST, MOST_WAITING)
        self._cell_calls = Lane(CELL_CALLS_ABREAST, MOST_WAITING)
        self._callback_calls = Lane(CALLBACKS_ABREAST, MOST_WAITING)
        self._journal = journal
        self._reign: Reign | None = None
        self._closed = False

    def follow_up(self, effects: Sequence[Effect], lease: Lease) -> None:
        """Take what a confirmed transition asks for."""
        if self._closed:
            return
        for effect in effects:
            if isinstance(effect, CompleteTaskCallback):
                self._offer(
                    self._callback_calls, _name(effect), _fields(effect), partial(self._call_back, effect, lease)
                )
        gated = [effect for effect in effects if not isinstance(effect, CompleteTaskCallback)]
        if gated and not self._gate.admit(gated, lease):
            self._journal("call-dropped", calls=len(gated), reason=f"{MOST_WAITING} wait already")

    async def attach(self, reign: Reign) -> None:
        """Let callbacks change records through this reign, until cancelled."""
        self._reign = reign
        try:
            await asyncio.Event().wait()
        finally:
            self._reign = None

    async def close(self) -> None:
        """Send nothing more; returns when nothing is under way."""
        self._closed = True
        await self._gate.close()
        for lane in (self._auctions, self._cell_calls, self._callback_calls):
            await lane.close()
        for exchange in self._exchanges:
            await exchange.close()

    # --- what the gate lets through, or not ---------------------------------------------------------------------------

    def _withhold(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            self._journal("call-withheld", call=_name(effect), **_fields(effect))

    def _release(self, effects: Sequence[Effect], permit: Permit) -> None:
        self._place(effects, permit)
        for effect in effects:
            if (call := self._cell_call(effect, permit)) is not None:
                self._offer(self._cell_calls, _name(effect), _fields(effect), call)

    def _place(self, effects: Sequence[Effect], permit: Permit) -> None:
        """The auctions among them: one call for LRPs and one for tasks, unless they are very many."""
        if self._auctioneer is None:
            return
        for lrps in _portions(merged(effects)):
            call = partial(self._auctioneer.place_lrps, lrps, permit)
            self._offer(self._auctions, "place-lrps", {"lrps": len(lrps)}, call)
        starts = {effect.start.task_guid: effect.start for effect in effects if isinstance(effect, RequestTaskAuction)}
        for tasks in _portions(list(starts.values())):
            call = partial(self._auctioneer.place_tasks, tasks, permit)
            self._offer(self._auctions, "place-tasks", {"tasks": len(tasks)}, call)

    def _cell_call(self, effect: Effect, permit: Permit) -> Work | None:
        match effect:
            case RetireLRPInstance():
                return partial(self._reps.retire, effect, permit)
            case StopLRPInstance():
                return partial(self._reps.stop, effect, permit)
            case UpdateLRPInstance():
                return partial(self._reps.update, effect, permit)
            case CancelTask():
                return partial(self._reps.cancel, effect, permit)
        return None

    async def _call_back(self, effect: CompleteTaskCallback, lease: Lease) -> None:
        """Only through the reign that completed the task: another has its own convergence to send it."""
        if self._reign is None or self._reign.lease is not lease:
            raise Withheld
        await self._callbacks.complete(effect, self._reign)

    # --- performing one call ------------------------------------------------------------------------------------------

    def _offer(self, lane: Lane, name: str, fields: Fields, work: Work) -> None:
        if not lane.offer(partial(self._perform, name, fields, work)):
            self._journal("call-dropped", call=name, **fields, reason=f"{MOST_WAITING} wait already")

    async def _perform(self, name: str, fields: Fields, work: Work) -> None:
        """The one place that says how a call ended."""
        try:
            await work()
        except (Withheld, AnswerWithheld, NotServing):
            self._journal("call-withheld", call=name, **fields)
        except CellAbsent as absent:
            self._journal("call-unneeded", call=name, **fields, reason=str(absent))
        except CallFailed as failure:
            self._journal("call-failed", call=name, **fields, error=str(failure))
        except Exception as error:  # a fault of ours must be seen, and must not stop the calls behind it
            self._journal("call-failed", call=name, **fields, error=repr(error))


def _portions(starts: list[Start]) -> list[list[Start]]:
    return [starts[at : at + MOST_IN_ONE_AUCTION] for at in range(0, len(starts), MOST_IN_ONE_AUCTION)]


def _name(effect: Effect) -> str:
    return _NAMES.get(type(effect), type(effect).__name__)


def _fields(effect: Effect) -> Fields:
    """What tells one call from another in the log; never a URL, which may hold a password."""
    subject = effect.start if isinstance(effect, RequestLRPAuction | RequestTaskAuction) else effect
    return {name: getattr(subject, name) for name in _TELLING if hasattr(subject, name)}


_TELLING = ("process_guid", "index", "indices", "instance_guid", "task_guid", "cell_id")
_NAMES: dict[type[Effect], str] = {
    RequestLRPAuction: "place-lrps",
    RequestTaskAuction: "place-tasks",
    StopLRPInstance: "stop",
    RetireLRPInstance: "retire",
    UpdateLRPInstance: "update",
    CancelTask: "cancel-task",
    CompleteTaskCallback: "complete-task",
}
