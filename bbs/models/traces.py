"""Request ids: which calls out carry the id of the client's request that led to them.

The same few as in the real BBS; every other call out carries none. Source: docs/reference/calls-out.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bbs.models.effects import (
    CancelTask,
    RequestLRPAuction,
    RetireLRPInstance,
    StopLRPInstance,
    UpdateLRPInstance,
)
from bbs.models.state import Context, Effect, Outcome, Transition, View

HEADER = "X-Vcap-Request-Id"

Traceable = RequestLRPAuction | RetireLRPInstance | StopLRPInstance | UpdateLRPInstance | CancelTask

TRACED: dict[str, tuple[type[Effect], ...]] = {
    "/v1/desired_lrp/desire.r2": (RequestLRPAuction,),
    "/v1/desired_lrp/update": (RequestLRPAuction, StopLRPInstance, UpdateLRPInstance),
    "/v1/desired_lrp/remove": (StopLRPInstance,),
    "/v1/actual_lrps/retire": (RetireLRPInstance,),
    "/v1/tasks/cancel": (CancelTask,),
}
"""By route: the calls out that its request id is passed on with."""


@dataclass(frozen=True, slots=True)
class Traced:
    """A transition whose calls out carry the request id of its route's client; a transition."""

    transition: Transition
    path: str
    trace_id: str

    def __call__(self, view: View, context: Context) -> Outcome:
        outcome = self.transition(view, context)
        return replace(outcome, effects=tuple(self._marked(effect) for effect in outcome.effects))

    def _marked(self, effect: Effect) -> Effect:
        if isinstance(effect, Traceable) and isinstance(effect, TRACED.get(self.path, ())):
            return replace(effect, trace_id=self.trace_id)
        return effect


def passed_on(transition: Transition, path: str, trace_id: str) -> Transition:
    """`transition`, marking its calls out where its route passes request ids on."""
    return Traced(transition, path, trace_id) if trace_id and path in TRACED else transition
