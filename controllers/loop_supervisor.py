"""All loops of this process: one task per resource uid in one supervised group, and whether they are alive."""

import asyncio
import logging
import time
from collections.abc import Callable

from controllers.cluster import Cluster
from controllers.loop import RESYNC_S, Loop

STALE_S = 3 * RESYNC_S
Doorstep = tuple[int, str, str]

log = logging.getLogger(__name__)


class Supervisor:
    """Wakes loops, starts them for new uids, ends them for deleted ones."""

    def __init__(self, cluster: Cluster, *, leads: Callable[[], bool], mark: str = "") -> None:
        self._cluster, self._leads, self._mark = cluster, leads, mark
        self._group: asyncio.TaskGroup | None = None
        self._loops: dict[str, tuple[Loop, asyncio.Task[None]]] = {}
        self._by_name: dict[tuple[str, str], str] = {}
        self._doorstep: dict[str, Doorstep] = {}

    async def run(self) -> None:
        """Until cancelled; a loop that ends by a defect ends all, and with them the process."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            await asyncio.Event().wait()

    def visited(self, uid: str, namespace: str, name: str, generation: int, deletion: str, annotations: str) -> None:
        """A Diego was seen in a watch. Our own status writes change none of the three and wake nobody."""
        doorstep = (generation, deletion, annotations)
        if uid not in self._loops:
            self._start(uid, namespace, name)
        elif self._doorstep.get(uid) != doorstep:
            self._loops[uid][0].wake()
        self._doorstep[uid] = doorstep

    def gone(self, uid: str) -> None:
        """A Diego was deleted."""
        self._doorstep.pop(uid, None)
        if found := self._loops.pop(uid, None):
            found[1].cancel()

    def child_changed(self, namespace: str, name: str) -> None:
        """A pod or StatefulSet of the Diego of that name has changed."""
        uid = self._by_name.get((namespace, name))
        if uid in self._loops:
            self._loops[uid][0].wake()

    def stale(self) -> list[str]:
        """Loops whose last pass is too long ago. Without the Lease none is."""
        if not self._leads():
            return []
        now = time.monotonic()
        return [uid for uid, (loop, _) in self._loops.items() if now - loop.passed_at > STALE_S]

    def _start(self, uid: str, namespace: str, name: str) -> None:
        if self._group is None:
            return
        if former := self._by_name.get((namespace, name)):
            self.gone(former)
        loop = Loop(self._cluster, namespace, name, uid, leads=self._leads, mark=self._mark)
        self._loops[uid] = (loop, self._group.create_task(loop.run(), name=f"diego/{namespace}/{name}"))
        self._by_name[(namespace, name)] = uid
        log.info("loop started", extra={"diego": name, "namespace": namespace})
