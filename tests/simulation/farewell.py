"""The end of some worlds: their store is handed back to a Go BBS, while members are started by mistake.

`bbs handback` is a process like any other here: it is paused and killed at its store operations, and run again until
nothing of ours is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from bbs.layouts.contract import Row
from bbs.layouts.upstream_tables import NEWEST
from bbs.master.committer import EpochLost
from bbs.master.handback import give_back
from bbs.master.holder import claimed
from bbs.master.serving import AdminRefusal, AnswerWithheld, NotServing
from bbs.stores.contract import StoreError
from bbs.stores.roots import TABLES
from tests.simulation.line import Faults
from tests.simulation.node import Node
from tests.simulation.oracle import WatchedTables, content
from tests.simulation.world import World

_WITHIN_S = 900.0


class HandBack(Node):
    """The command, run anew after each end that was not the last."""

    def _boot(self) -> None:
        self.task = self.process.loop.create_task(self._live())

    async def _live(self) -> None:
        parts = self._parts()
        able = replace(parts.abilities(), hands_back=True)
        parts = replace(parts, abilities=lambda: able)
        try:
            async with claimed(parts) as committer:
                await give_back(parts, committer)
            await parts.store.forget()  # type: ignore[attr-defined]
        except (StoreError, EpochLost):
            self.world.counts["hand-backs begun again"] += 1
        self.world.after(0.5, 5.0, self.kill)

    def kill(self) -> None:
        """SIGKILL, or its end: somebody runs it again."""
        if self.process.alive:
            self.process.kill()
            self.renewing.kill()
            self.world.after(0.5, 5.0, self.start)

    def pause(self) -> None:
        """Both loops stand still, or the main one alone."""
        seconds = self.world.random.uniform(0.5, 8.0)
        self.process.pause(seconds)
        if self.world.random.random() < 0.5:
            self.renewing.pause(seconds)


class Farewell:
    """From a world that is served to a store that is a Go BBS's."""

    def __init__(self, world: World, tables: WatchedTables, nodes: Mapping[str, Node], faults: Faults) -> None:
        self.world = world
        self.tables = tables
        self.nodes = nodes
        self.faults = faults

    def said(self) -> None:
        """Play it. Raises BrokenPromise."""
        if not self._ready_to_go():
            self.world.counts["worlds not ready to be handed back"] += 1
            return
        for node in self.nodes.values():
            node.stop()
        if self.world.random.random() < 0.5:
            # It was a Go BBS's before, and was adopted in place: the old tables are still there.
            rows = self.tables.rows[self.tables.anchor.live.root] if self.tables.anchor else {}
            self.tables.rows[TABLES] = {key: Row(*row) for key, row in list(rows.items())[:9]}
        self.faults.late, self.faults.answer_lost, self.faults.kill, self.faults.pause = 0.003, 0.005, 0.01, 0.005
        some = next(iter(self.nodes.values()))
        command = HandBack(
            self.world, "command", self.tables, self.faults, self.nodes["new"].serves, some.managed, some.folders
        )
        command.peers = {}
        self._mistaken()
        ended = self.world.run_until(lambda: self.tables.anchor is None, _WITHIN_S)
        self.world.promise(ended, "a hand-back ends", f"after {_WITHIN_S} s: {self.tables.anchor}")
        self._nobody_takes_it(command)

    def _ready_to_go(self) -> bool:
        """At the version that a Go BBS reads, all sealed with one key: what a person sees to first."""
        self.nodes["old"].stop()
        for node in self.nodes.values():
            node.restart()

        async def ask(node: Node) -> None:
            number = 0
            while True:
                await asyncio.sleep(3.0)
                number += 1
                ruler = node.member.ruler
                if ruler is not None and ruler.anchor.version.current != NEWEST:
                    try:
                        generation = ruler.anchor.generation
                        self.tables.told[f"farewell-{number}"] = generation
                        await node.member.set_target(NEWEST, f"farewell-{number}", generation, None)
                    except (AdminRefusal, NotServing, AnswerWithheld, StoreError):
                        continue

        for node in self.nodes.values():
            if node.process.alive:
                node.process.deliver(lambda node=node: node.process.loop.create_task(ask(node)) and None)
        return self.world.run_until(self._ready, 240.0)

    def _ready(self) -> bool:
        anchor = self.tables.anchor
        return (
            anchor is not None and anchor.live.layout == NEWEST and anchor.key_label is not None and not anchor.intent
        )

    def _mistaken(self) -> None:
        """Somebody starts a member, sees what it says, and stops it again."""

        def start() -> None:
            if self.tables.anchor is not None:
                node = self.nodes[self.world.random.choice(["new", "newer"])]
                node.resume()
                self.world.after(1.0, 12.0, node.stop)
                self._mistaken()

        self.world.after(5.0, 40.0, start)

    def _nobody_takes_it(self, command: Node) -> None:
        """What a Go BBS finds stays as it is, whoever of ours is started."""
        self.world.counts["stores handed back"] += 1
        command.stop()
        before = content(self.tables.rows[TABLES].values(), NEWEST)
        self.world.promise(before == self.tables.given, "a Go BBS finds its records", f"{len(before)} records")
        for node in self.nodes.values():
            node.resume()
        self.world.run_until(lambda: False, 20.0)
        after = content(self.tables.rows.get(TABLES, {}).values(), NEWEST)
        alone = self.tables.anchor is None and after == before
        self.world.promise(alone, "nobody serves what was given away", f"{self.tables.anchor}")
