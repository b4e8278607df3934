"""Calls out that the client waits for: a retirement, and a cancelled task whose cell can't be called.

Source: docs/reference/calls-out.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bbs.master.serving import AnswerWithheld
from bbs.models.effects import CancelTask, RetireLRPInstance
from bbs.models.errors import Error, ErrorType
from bbs.models.state import Context, Effect, Outcome, Transition, View
from bbs.outbound.exchange import Withheld
from bbs.outbound.rep import NoRepURL

Settled = Callable[[Effect], Awaitable[Exception | None]]
"""How the call of an effect ended: None when well (bbs.outbound.CallsOut.settled)."""

AWAITED: dict[str, type[Effect]] = {
    "/v1/actual_lrps/retire": RetireLRPInstance,
    "/v1/tasks/cancel": CancelTask,
}


class Followed:
    """A transition that remembers the call out its client waits for; a transition."""

    __slots__ = ("_of", "_transition", "effect")

    def __init__(self, transition: Transition, of: type[Effect]) -> None:
        self._transition = transition
        self._of = of
        self.effect: Effect | None = None

    def __call__(self, view: View, context: Context) -> Outcome:
        outcome = self._transition(view, context)
        self.effect = next((effect for effect in outcome.effects if isinstance(effect, self._of)), None)
        return outcome


async def answer(response: bytes, effect: Effect, settled: Settled) -> bytes:
    """The response once its call out has ended. Raises AnswerWithheld when the call may not leave any more."""
    failure = await settled(effect)
    if failure is None:
        return response
    if isinstance(effect, CancelTask) and not isinstance(failure, NoRepURL):
        return response
    if isinstance(failure, Withheld | AnswerWithheld):
        raise AnswerWithheld
    return Error(ErrorType.UNKNOWN_ERROR, str(failure)).response()


async def nothing_settles(_effect: Effect) -> Exception | None:
    """For a server without calls out."""
    return None
