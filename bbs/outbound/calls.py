"""All calls out of a member: what follows a committed transition, sent under the lease of the reign that decided it.

`follow_up` is called by the pipeline between two commits: it only notes, never waits and never raises. Failures are
journalled, and convergence finds what is still to be done; a client that waits for its call learns of it by `settled`.
Source: docs/reference/calls-out.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, TypeGuard, TypeVar

from bbs.configuration import BBSConfiguration
from bbs.master.clock import Clock
from bbs.master.journal import Journal
from bbs.master.lease import Lease
from bbs.master.parts import Reign
from bbs.master.serving import AnswerWithheld, NotServing
from bbs.models.auction import apart
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
from bbs.outbound.figures import CallFigures
from bbs.outbound.gate import Gate
from bbs.outbound.lane import Lane
from bbs.outbound.permit import Permit
from bbs.outbound.presences import Presences
from bbs.outbound.rep import CellAbsent, Reps

MOST_WAITING = 20_000
MOST_IN_ONE_AUCTION = 5_000
AUCTIONS_ABREAST, CELL_CALLS_ABREAST, CALLBACKS_ABREAST = 2, 50, 50
AWAITED = (RetireLRPInstance, CancelTask)
"""Calls whose end a client may wait for."""

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
        self._reps = Reps(presences, to_reps)
        self._settling: dict[int, tuple[Effect, asyncio.Future[Exception | None]]] = {}
        self._callbacks = Callbacks(to_callbacks)
        self._exchanges = (to_auctioneer, to_reps, to_callbacks)
        self._gate = Gate(clock, configuration.lock.ttl, MOST_WAITING, self._release, self._withhold)
        self._auctions = Lane(AUCTIONS_ABREAST, MOST_WAITING)
        self._cell_calls = Lane(CELL_CALLS_ABREAST, MOST_WAITING)
        self._callback_calls = Lane(CALLBACKS_ABREAST, MOST_WAITING)
        self._journal = journal
        self._clock = clock
        self.figures = CallFigures(self._open)
        self._reign: Reign | None = None
        self._closed = False

    def follow_up(self, effects: Sequence[Effect], lease: Lease) -> None:
        """Take what a confirmed transition asks for."""
        if self._closed:
            return
        for effect in effects:
            if _resolves(effect):
                self._offer(self._callback_calls, effect, partial(self._call_back, effect, lease))
            elif isinstance(effect, AWAITED):
                self._settling[id(effect)] = effect, asyncio.get_running_loop().create_future()
        gated = [effect for effect in effects if not _resolves(effect)]
        if gated and not self._gate.admit(gated, lease):
            self._journal("call-dropped", calls=len(gated), reason=f"{MOST_WAITING} wait already")
            for effect in gated:
                self._settle(effect, CallFailed("too many calls wait already"))

    async def settled(self, effect: Effect) -> Exception | None:
        """How the call of `effect` ended: the very object that a confirmed transition gave. None: well, or unknown."""
        found = self._settling.get(id(effect))
        return None if found is None else await found[1]

    def _open(self) -> int:
        lanes = (self._auctions, self._cell_calls, self._callback_calls)
        return self._gate.waiting + sum(lane.open for lane in lanes)

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
        for effect, _ in list(self._settling.values()):
            self._settle(effect, Withheld())
        await self._gate.close()
        for lane in (self._auctions, self._cell_calls, self._callback_calls):
            await lane.close()
        for exchange in self._exchanges:
            await exchange.close()

    # --- what the gate lets through, or not ---------------------------------------------------------------------------

    def _withhold(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            self._journal("call-withheld", call=_name(effect), **_fields(effect))
            self._settle(effect, Withheld())

    def _settle(self, effect: Effect | None, failure: Exception | None) -> None:
        _, waiting = self._settling.pop(id(effect), (None, None))
        if waiting is not None and not waiting.done():
            waiting.set_result(failure)

    def _release(self, effects: Sequence[Effect], permit: Permit) -> None:
        self._place(effects, permit)
        for effect in effects:
            if (call := self._cell_call(effect, permit)) is not None:
                self._offer(self._cell_calls, effect, call)
            elif isinstance(effect, CompleteTaskCallback):
                self._offer(self._callback_calls, effect, partial(self._callbacks.notify, effect, permit))

    def _place(self, effects: Sequence[Effect], permit: Permit) -> None:
        """The auctions among them: one call for LRPs per request id and one for tasks, unless they are very many."""
        if self._auctioneer is None:
            return
        lrp_auctions = [effect for effect in effects if isinstance(effect, RequestLRPAuction)]
        for trace_id in dict.fromkeys(effect.trace_id for effect in lrp_auctions):
            for lrps in _portions(apart(effect for effect in lrp_auctions if effect.trace_id == trace_id)):
                call = partial(self._auctioneer.place_lrps, lrps, permit, trace_id)
                self._auction("place-lrps", {"lrps": len(lrps)}, call)
        starts = {effect.start.task_guid: effect.start for effect in effects if isinstance(effect, RequestTaskAuction)}
        for tasks in _portions(list(starts.values())):
            self._auction("place-tasks", {"tasks": len(tasks)}, partial(self._auctioneer.place_tasks, tasks, permit))

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

    def _auction(self, name: str, fields: Fields, work: Work) -> None:
        if not self._auctions.offer(partial(self._perform, name, fields, work)):
            self._dropped(name, fields)

    def _offer(self, lane: Lane, effect: Effect, work: Work) -> None:
        name, fields = _name(effect), _fields(effect)
        if not lane.offer(partial(self._perform, name, fields, work, effect)):
            self._dropped(name, fields)
            self._settle(effect, CallFailed("too many calls wait already"))

    def _dropped(self, name: str, fields: Fields) -> None:
        self._counted(name, "dropped")
        self._journal("call-dropped", call=name, **fields, reason=f"{MOST_WAITING} wait already")

    async def _perform(self, name: str, fields: Fields, work: Work, effect: Effect | None = None) -> None:
        """The one place that says how a call ended."""
        failure: Exception | None = None
        began = self._clock.steady()
        try:
            await work()
        except (Withheld, AnswerWithheld, NotServing) as withheld:
            failure = withheld
            self._journal("call-withheld", call=name, **fields)
        except CellAbsent as absent:
            failure = absent
            self._journal("call-unneeded", call=name, **fields, reason=str(absent))
        except CallFailed as failed:
            failure = failed
            self._journal("call-failed", call=name, **fields, error=str(failed))
        except Exception as error:  # a fault of ours must be seen, and must not stop the calls behind it
            failure = error
            self._journal("call-failed", call=name, **fields, error=repr(error))
        self._counted(name, _outcome(failure), self._clock.steady() - began)
        self._settle(effect, failure)

    def _counted(self, name: str, outcome: str, seconds: float | None = None) -> None:
        self.figures.count(name, outcome, seconds)


def _resolves(effect: Effect) -> TypeGuard[CompleteTaskCallback]:
    """Whether the call begins with a commit of its own, which proves that its master is master."""
    return isinstance(effect, CompleteTaskCallback) and not effect.by_guid


def _outcome(failure: Exception | None) -> str:
    if failure is None:
        return "done"
    if isinstance(failure, Withheld | AnswerWithheld | NotServing):
        return "withheld"
    return "unneeded" if isinstance(failure, CellAbsent) else "failed"


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
