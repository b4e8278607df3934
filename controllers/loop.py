"""The loop of one Diego: observe, decide, act, write status; woken by a doorbell, a deadline, or the resync.

Nothing is remembered between passes but caches: kill the process between any two calls and the next pass goes on.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from pydantic import ValidationError

from controllers.act import Actor
from controllers.act.actor import SLOW_FACTS
from controllers.act.events import Events
from controllers.act.scene import Scene
from controllers.act.status import StatusWriter
from controllers.api import Diego
from controllers.certificates import FIRST_LABEL
from controllers.cluster import CallFailed, Cluster
from controllers.decide import Plan, decide
from controllers.decide.actions import Evacuate, Prepare
from controllers.decide.conditions import verdict_words
from controllers.decide.gates.prepared import stands
from controllers.decide.seen import Seen
from controllers.observe import Observer
from controllers.plane import Plane
from controllers.render.names import Names
from controllers.render.resolved import resolve
from controllers.render.stores import as_it_stands

RESYNC_S = 30.0
AFTER_FAILURE_S = 5.0
VERDICT_AGE_S = 30.0
"""How long a dry run that found a bad record stands before another is asked: the record may have been mended."""
PASS_DEADLINE_S = 50.0

log = logging.getLogger(__name__)


class Loop:
    """One Diego by name. `leads` tells whether this process holds the Lease."""

    def __init__(
        self, cluster: Cluster, namespace: str, name: str, uid: str, *, leads: Callable[[], bool], mark: str
    ) -> None:
        self._cluster, self._uid, self._leads, self._mark = cluster, uid, leads, mark
        self._names = Names(name, namespace)
        self._plane = Plane(self._names)
        self._observer = Observer(cluster, self._plane, self._names)
        self._events = Events(cluster)
        self._actor = Actor(self._events)
        self._writer = StatusWriter(cluster)
        self._bell = asyncio.Event()
        self._asked: dict[tuple[str, str, int, int], float] = {}
        self._said = ""
        self.passed_at = time.monotonic()

    def wake(self) -> None:
        """Look soon. Several wakes are one."""
        self._bell.set()

    async def run(self) -> None:
        """Until cancelled. A pass that fails is said and tried again; only a defect of this loop ends the process."""
        try:
            while True:
                self._bell.clear()
                pause = await self._guarded() if self._leads() else 1.0
                try:
                    async with asyncio.timeout(min(pause, RESYNC_S)):
                        await self._bell.wait()
                    await asyncio.sleep(0.2)  # events come in bursts: let a burst be one pass
                except TimeoutError:
                    continue
        finally:
            await self._plane.close()

    async def _guarded(self) -> float:
        try:
            async with asyncio.timeout(PASS_DEADLINE_S):
                pause = await self._pass()
        except (CallFailed, TimeoutError) as failed:
            log.warning("pass failed", extra={"diego": self._names.name, "why": str(failed)[:600]})
            pause = AFTER_FAILURE_S
        except Exception:
            log.exception("pass failed by a defect", extra={"diego": self._names.name})
            pause = AFTER_FAILURE_S
        self.passed_at = time.monotonic()
        return pause

    async def _pass(self) -> float:
        body = await self._cluster.get("Diego", self._names.namespace, self._names.name)
        if body is None or body["metadata"]["uid"] != self._uid:
            return RESYNC_S
        try:
            diego = Diego.parse(body)
        except ValidationError as wrong:
            fields = "; ".join(".".join(map(str, one["loc"])) + ": " + one["msg"] for one in wrong.errors())
            log.error("the resource is not understood", extra={"diego": self._names.name, "why": fields[:600]})
            await self._writer.refuse(body, fields)
            return RESYNC_S
        identity = await self._observer.identity()
        diego = as_it_stands(diego, identity.migrated_from if identity else "")
        wanted = resolve(diego, FIRST_LABEL, self._mark)
        world = await self._observer.look(wanted, identity, frozenset(self._asked), time.monotonic())
        self._forget_old_verdicts(Seen(wanted, world, time.time()))
        plan = decide(wanted, world, time.time())
        self._say(plan)
        scene = Scene(
            diego, self._names, wanted, world, self._cluster, self._plane, self._observer.addresses, self._mark
        )
        done = await self._actor.carry_out(scene, plan.actions)
        for action in done:
            if isinstance(action, Prepare):
                self._asked[(action.uid, action.role, action.epoch, action.version)] = time.monotonic()
            elif isinstance(action, Evacuate):
                self._observer.aborted.asked_again(action.pod)
        if any(isinstance(action, SLOW_FACTS) for action in done):
            self._observer.forget()
        await self._writer.write(diego, plan, time.monotonic())
        return 0.5 if len(done) == len(plan.actions) and done and not wanted.deleting else plan.wake_after

    def _forget_old_verdicts(self, seen: Seen) -> None:
        """No verdict or a bad one is asked for anew after a while; a clean one stands for its epoch."""
        bad = {one.uid for one in seen.world.members.values() if not stands(seen, one)}
        now = time.monotonic()
        for key, asked_at in list(self._asked.items()):
            if key[0] in bad and now - asked_at > VERDICT_AGE_S:
                del self._asked[key]

    def _say(self, plan: Plan) -> None:
        """The plan log: one line when anything of it changed."""
        gates = {str(gate): verdict_words(verdict) for gate, verdict in plan.gates.items()}
        actions = [repr(action) for action in plan.actions]
        said = repr((plan.step, gates, actions))
        if said != self._said:
            self._said = said
            fields = {"step": plan.step, "waiting": plan.waiting, "gates": gates, "actions": actions}
            log.info("plan", extra={"diego": self._names.name, "namespace": self._names.namespace, **fields})
