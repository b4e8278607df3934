"""Task callbacks: Completed -> Resolving, the POST, and the deletion of a task whose callback was taken.

The commit to Resolving is the fence of the call: of two that want to send it, one loses. Whatever ends in between
leaves the task Resolving; convergence makes it Completed again and the callback is sent anew, until the task expires.
A callback by guid changes nothing here: who is called fetches, resolves and deletes; as long as the task stays
Completed convergence has it sent again, until the task expires.
Source: docs/reference/calls-out.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from bbs.client.connection import Answer
from bbs.master.parts import Reign
from bbs.models.effects import CompleteTaskCallback
from bbs.models.errors import Refused
from bbs.models.limits import readable
from bbs.models.state import Context, Outcome, View
from bbs.models.tasks import lifecycle
from bbs.outbound.exchange import Call, CallFailed, CallTimedOut, Exchange, json_body
from bbs.outbound.permit import Permit
from bbs.wire.task_pb2 import Task, TaskGuidRequest

ATTEMPTS = 3
BUSY = frozenset({503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEEPS_METHOD = frozenset({307, 308})
MOST_REQUESTS = 10
"""Of one attempt, redirects included: Go's client refuses to follow the tenth."""


@dataclass(frozen=True, slots=True)
class Resolve:
    """Takes the completed task in hand; a transition. Its response is the task, empty when it is not ours to send."""

    task_guid: str

    def __call__(self, view: View, context: Context) -> Outcome:
        try:
            outcome = lifecycle.resolving(TaskGuidRequest(task_guid=self.task_guid), view, context)
        except Refused:
            return Outcome(b"")
        (change,) = outcome.mutations
        assert change.record is not None
        return Outcome(change.record.data, outcome.mutations)


@dataclass(frozen=True, slots=True)
class Forget:
    """Deletes the resolved task, unless somebody has moved it on; a transition."""

    task_guid: str

    def __call__(self, view: View, context: Context) -> Outcome:
        try:
            return lifecycle.remove(TaskGuidRequest(task_guid=self.task_guid), view, context)
        except Refused:
            return Outcome(b"")


class Callbacks:
    """Sends callbacks with the identity of the BBS itself."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def complete(self, effect: CompleteTaskCallback, reign: Reign) -> None:
        """One callback from beginning to end. Raises CallFailed, Withheld, or what `submit` raises."""
        data = await reign.submit(Resolve(effect.task_guid))
        if not data:
            return
        call = Call("POST", effect.url, json_body(document(Task.FromString(data))))
        await self._delivered(call, Permit(reign.lease))
        await reign.submit(Forget(effect.task_guid))

    async def notify(self, effect: CompleteTaskCallback, permit: Permit) -> None:
        """One callback by guid. Raises CallFailed, Withheld."""
        await self._delivered(Call("POST", effect.url, json_body({"task_guid": effect.task_guid})), permit)

    async def _delivered(self, call: Call, permit: Permit) -> None:
        """Return once somebody answered anything but "busy": also a refusal is an answer."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = await self._followed(call, permit)
            except CallTimedOut:
                if attempt == ATTEMPTS:
                    raise
                continue
            if answer.status not in BUSY:
                return
        raise CallFailed(f"the callback answered {answer.status} {ATTEMPTS} times; convergence sends it again")

    async def _followed(self, call: Call, permit: Permit) -> Answer:
        for _ in range(MOST_REQUESTS):
            answer = await self._exchange.send(call, permit)
            location = answer.headers.get("location")
            if answer.status not in REDIRECTS or not location:
                return answer
            url = urljoin(call.url, location)
            call = Call(call.method, url, call.body) if answer.status in KEEPS_METHOD else Call("GET", url)
        raise CallFailed(f"the callback was redirected {MOST_REQUESTS} times; it has to answer sooner")


def document(task: Task) -> dict[str, Any]:
    """The body of the callback; the order of its members is that of the real BBS."""
    annotation = readable(task.task_definition.annotation)
    return {
        "task_guid": readable(task.task_guid),
        "failed": task.failed,
        "failure_reason": readable(task.failure_reason),
        "result": readable(task.result),
        **({"annotation": annotation} if annotation else {}),
        "created_at": task.created_at,
    }
