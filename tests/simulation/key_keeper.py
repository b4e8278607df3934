"""Whoever keeps the keys: distributes, activates, removes; sometimes on stale knowledge, sometimes too early."""

from __future__ import annotations

import asyncio

from bbs.master.serving import AdminRefusal, AnswerWithheld, NotServing
from tests.simulation.clients import Answer, Network
from tests.simulation.keys import LABELS, Folders
from tests.simulation.node import Node
from tests.simulation.world import Process


class KeyKeeper:
    """The operator's part of a rotation, and a person who does not wait for it."""

    def __init__(self, network: Network, folders: Folders) -> None:
        self.world = network.world
        self.network = network
        self.folders = folders
        self.resting = False
        self.process = Process(self.world)
        self.process.loop.call_soon(lambda: self.process.loop.create_task(self.work()) and None)
        self.process.turn()

    async def work(self) -> None:
        """For ever."""
        random = self.world.random
        while True:
            await asyncio.sleep(random.uniform(0.5, 5.0))
            masters = [node for node in self.network.nodes.values() if node.process.alive and node.member.ruler]
            if self.resting or not self.folders.sealed or not masters:
                continue
            await random.choice([*[self._distribute] * 3, *[self._activate] * 3, self._tidy, self._spoil])(masters[0])

    async def _distribute(self, _: Node) -> None:
        """One node at a time, so that a key is on some only."""
        for label in LABELS:
            without = [name for name in self.folders.names if label not in self.folders.labels(name)]
            if without:
                self.folders.add(self.world.random.choice(without), label)
                return

    async def _activate(self, node: Node) -> None:
        random = self.world.random
        early = random.random() < 0.15
        choices = sorted(set(LABELS) if early else self.folders.everywhere())
        status = node.member.status()
        active, generation = status["keys"]["active"], status["data"]["generation"]
        name = random.choice(choices)
        if random.random() < 0.3:
            await asyncio.sleep(random.uniform(0, 10))
        if name == active:
            return
        self.network.tables.decided_on.setdefault(name, set()).add(active)
        pace = random.choice([None, None, 5, 50])

        async def handle(at: Node) -> Answer:
            try:
                return ("ok", await at.member.set_active_key(name, generation, active, pace))
            except (AdminRefusal, NotServing):
                return ("not serving", None)
            except AnswerWithheld:
                return ("unknown", None)

        outcome, _ = await self.network.ask(self.process, node, handle)
        self.world.counts["keys activated"] += outcome == "ok"

    async def _tidy(self, node: Node) -> None:
        """A key that the master says nobody needs goes away everywhere."""
        keys = node.member.status()["keys"]
        if keys["stored"] is None or keys["stored"] != keys["active"] or not keys["counts"]:
            return
        for label in LABELS:
            if label != keys["active"] and not keys["counts"].get(label):
                for name in self.folders.names:
                    self.folders.remove(name, label)

    async def _spoil(self, _: Node) -> None:
        """Somebody takes a key from one node although it is needed, and puts it back after a while."""
        random = self.world.random
        name, label = random.choice(self.folders.names), random.choice(LABELS)
        if label in self.folders.labels(name):
            self.folders.remove(name, label)
            self.world.counts["keys taken too early"] += 1
            self.world.after(5.0, 40.0, lambda: self.folders.add(name, label))
