"""A node: one production member, its renewal on a loop of its own, and what may happen to the machine it runs on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from bbs.encryption.ciphers import PlainCipher
from bbs.encryption.keyring import KeyringError
from bbs.layouts.contract import Cipher, Layout
from bbs.layouts.registry import layouts
from bbs.master.committer import Batch
from bbs.master.follower import Follower
from bbs.master.lease import Lease, LockTimes
from bbs.master.member import Member
from bbs.master.memory import Memory
from bbs.master.parts import Parts, Settings
from bbs.master.renewal import Renewal
from bbs.master.serving import NotServing
from bbs.master.stream import FrameReader, StreamError
from bbs.migration.decide import Abilities, Identity
from bbs.models.index import index
from bbs.models.state import Context
from tests.simulation.keys import Folders
from tests.simulation.line import Faults, StoreLine
from tests.simulation.store import SimulatedStore
from tests.simulation.tables import Tables
from tests.simulation.world import Process, World

TIMES = LockTimes(ttl=5.0, renew=1.0, margin=1.0, poll=0.2)


class NoKeyring:
    """Without encryption."""

    def cipher(self, layout: Layout) -> Cipher:
        return PlainCipher()

    def active_label(self) -> str | None:
        return None

    def loaded(self) -> frozenset[str]:
        return frozenset()

    def activate(self, label: str) -> None:
        raise NotImplementedError(label)


class ProcessClock:
    """A process's clocks."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def now(self) -> int:
        return int(self._process.world.time * 1e9)

    def steady(self) -> float:
        return self._process.clock()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class WatchedFollower(Follower):
    """Says so when a standby could not keep up although nothing was missing."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def joined(self, memory: Memory) -> bool:
        moved = any(batch.reload for batch in self._early or [])
        fits = super().joined(memory)
        self._world.promise(fits or moved, "a standby that joins keeps up", f"at {memory.fence}")
        return fits

    def take_over(self, anchor: Any) -> Memory | None:
        memory = super().take_over(anchor)
        self._world.counts["warm memories kept"] += memory is not None
        return memory


class Node:
    """One machine with a BBS on it. `serves` is what its release can write."""

    def __init__(
        self,
        world: World,
        name: str,
        tables: Tables,
        faults: Faults,
        serves: frozenset[int],
        managed: bool,
        folders: Folders,
        online: bool = False,
    ) -> None:
        self.world = world
        self.name = name
        self.url = f"https://{name}"
        self.tables = tables
        self.faults = faults
        self.serves = serves
        self.managed = managed
        self.folders = folders
        self.online = online
        self.peers: Mapping[str, Node] = {}
        self.lives = 0
        self.down = False
        self.task: asyncio.Task[None] | None = None
        self.start()

    # --- life and death -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """A new process life, unless somebody keeps it down."""
        if self.down or (self.lives and self.process.alive):
            return
        random = self.world.random
        rate = random.uniform(0.97, 1.03)
        self.lives += 1
        self.keys = self.folders.loaded(self.name)
        self.process = Process(self.world, rate, random.uniform(0, 100))
        self.renewing = Process(self.world, rate, self.process.offset)
        self.process.loop.call_soon(self._boot)
        self.process.turn()

    def _boot(self) -> None:
        self.member = Member(self._parts())
        self.member._follower = WatchedFollower(self.world)
        self.task = self.process.loop.create_task(self._live())

    async def _watch_keyring(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            try:
                self.keys.reload(self.member.keys_in_use())
            except KeyringError:
                self.world.counts["keyrings not reloaded"] += 1

    async def _live(self) -> None:
        watching = self.process.loop.create_task(self._watch_keyring())
        try:
            await self.member.run()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # a member that dies of an exception is a bug
            self.world.failure = self.world.failure or error
        finally:
            watching.cancel()

    def kill(self) -> None:
        """SIGKILL; with a supervisor that writes the death certificate, or a lost node without one."""
        if not self.process.alive:
            return
        ruler = self.member.ruler if self.process.alive else None
        self.process.kill()
        self.renewing.kill()
        self.world.counts["kills"] += 1
        if ruler is not None and self.world.random.random() < 0.5:
            held = self.member._held
            assert held is not None
            self.world.after(0.05, 0.5, lambda: self.tables.release(held.anchor.epoch, held.holder))
            self.world.counts["death certificates"] += 1
        self.world.after(0.5, 15.0, self.start)

    def stop(self) -> None:
        """Somebody ends it and keeps it down."""
        self.down = True
        self.kill()

    def resume(self) -> None:
        """Somebody starts it again."""
        self.down = False
        self.start()

    def restart(self) -> None:
        """A new life at once, unless it is kept down."""
        self.kill()
        self.start()

    def pause(self) -> None:
        """SIGSTOP and SIGCONT of the whole machine, or a stall of the main loop alone."""
        # Most of them about as long as the ttl: that is where a renewal and a claim meet.
        seconds = self.world.random.choice([0.5, 3.0, 12.0] + [self.world.random.uniform(4.0, 7.0)] * 4)
        master = self.member.ruler is not None
        self.world.counts["pauses beyond the ttl"] += seconds > TIMES.ttl and master
        self.process.pause(seconds)
        if self.world.random.random() < 0.7:
            self.renewing.pause(seconds)

    def strike(self, what: str) -> None:
        """A fault hits this node."""
        if what == "kill":
            self.kill()
        elif self.process.alive:
            self.pause()

    # --- wiring -------------------------------------------------------------------------------------------------------

    def _store(self, process: Process) -> SimulatedStore:
        life = self.lives

        def caller() -> None:
            self.tables.caller = (self.name, life)  # type: ignore[attr-defined]

        def strike(what: str) -> None:
            if self.lives == life:
                self.strike(what)

        return SimulatedStore(self.tables, StoreLine(self.world, process, self.faults, strike, caller))

    def _parts(self) -> Parts:
        able = {version: layout for version, layout in layouts().items() if version in self.serves}
        can = Abilities(
            reads=frozenset(able),
            serves=frozenset(able),
            natural_roots={v: layout.natural_root for v, layout in able.items() if layout.natural_root == "v1"},
            managed=self.managed,
            initial_version=0,
            online=self.online,
        )
        life, keys = self.lives, self.keys
        return Parts(
            settings=Settings(self.name, str(life), self.url, "uid", "standalone", "0", "0", "simulated"),
            store=self._store(self.process),  # type: ignore[arg-type]
            clock=ProcessClock(self.process),
            times=TIMES,
            layouts=able,
            keys=keys,
            index=index,
            abilities=lambda: replace(can, keys=keys.loaded(), missing_initial_key=keys.missing_initial),
            identity=Identity,
            adopted=lambda _: None,
            upstream_lock=self._upstream_lock,
            renewals=Renewals(self),
            streams=Streams(self),
            new_id=lambda: f"{self.world.random.getrandbits(64):016x}",
            context=lambda since: Context(int(self.world.time * 1e9), since, lambda: "guid"),
            journal=self._journal,
        )

    @asynccontextmanager
    async def _upstream_lock(self) -> AsyncIterator[str | None]:
        yield "a Go BBS holds it" if self.tables.given is not None else None  # type: ignore[attr-defined]

    def _journal(self, event: str, **fields: Any) -> None:
        self.world.counts[f"event {event}"] += 1
        if event == "transition-failed":
            self.world.failure = self.world.failure or AssertionError(f"a transition failed: {fields}")


class Renewals:
    """Runs renewals on the node's second loop."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def start(self, lease: Lease, epoch: int, holder: str) -> SimulatedRenewal:
        return SimulatedRenewal(self._node, lease, epoch, holder)


class SimulatedRenewal:
    """One epoch's renewal."""

    def __init__(self, node: Node, lease: Lease, epoch: int, holder: str) -> None:
        self._main, self._own = node.process, node.renewing
        self._lost: asyncio.Future[None] = self._main.loop.create_future()
        self._attended = self._main.clock()
        clock = ProcessClock(self._own)
        store: Any = node._store(self._own)
        self.renewal = Renewal(store, clock, lease, TIMES, epoch, holder, self._is_attended)
        self._task: asyncio.Task[Any] | None = None
        self._own.deliver(self._begin)

    def _is_attended(self) -> bool:
        return self._own.clock() - self._attended < TIMES.ttl

    def _begin(self) -> None:
        self._task = self._own.loop.create_task(self._run())

    async def _run(self) -> None:
        await self.renewal.run()
        self._main.deliver(lambda: self._lost.done() or self._lost.set_result(None))

    def attend(self) -> None:
        self._attended = self._main.clock()

    async def lost(self) -> None:
        await self._lost

    async def stop(self) -> None:
        self._own.deliver(lambda: self._task and self._task.cancel())


class Streams:
    """Streams between nodes: in order, sometimes cut."""

    def __init__(self, node: Node) -> None:
        self._node = node

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[AsyncIterator[Batch]]:
        world, mine = self._node.world, self._node.process
        master = next((peer for peer in self._node.peers.values() if peer.url == url), None)
        if master is None or not master.process.alive:
            raise StreamError("no such node")
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        opened: asyncio.Future[bool] = mine.loop.create_future()
        serving = master.process
        ended = False
        line_time = 0.0

        def send(deliver: Callable[[], None]) -> None:
            nonlocal line_time
            # Now and then the line stalls, and what was sent arrives late, still in order.
            stall = world.random.uniform(0.5, 6.0) if world.random.random() < self._node.faults.stall else 0.0
            line_time = max(line_time + 1e-6, world.time + world.random.uniform(0.0005, 0.02) + stall)
            world.at(line_time, lambda: _count(world) or mine.deliver(deliver))

        async def pump() -> None:
            try:
                frames = master.member.subscribe()
            except NotServing:
                send(lambda: opened.done() or opened.set_result(False))
                return
            send(lambda: opened.done() or opened.set_result(True))
            async for frame in frames:
                if ended or world.random.random() < 0.01 * (master.faults.lost > 0):
                    break
                send(lambda frame=frame: queue.put_nowait(frame))  # type: ignore[misc]
            send(lambda: queue.put_nowait(None))

        world.after(0.0005, 0.02, lambda: serving.deliver(lambda: serving.loop.create_task(pump()) and None))
        if not await asyncio.wait_for(opened, 2.0):
            raise StreamError("not master")
        try:
            yield self._batches(queue, serving)
        finally:
            ended = True

    @staticmethod
    async def _batches(queue: asyncio.Queue[bytes | None], serving: Process) -> AsyncIterator[Batch]:
        reader = FrameReader()
        while True:
            try:
                frame = await asyncio.wait_for(queue.get(), 1.0)
            except TimeoutError:
                if not serving.alive:
                    raise StreamError("the peer died") from None
                continue
            if frame is None:
                return
            for batch in reader.feed(frame):
                yield batch


def _count(world: World) -> None:
    world.steps += 1
