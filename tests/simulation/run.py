"""Runs the world: `python -m tests.simulation.run [--seed N] [--steps N]`. A failing seed is printed and replays."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from bbs.cli.progress import progress
from bbs.layouts.contract import Row
from bbs.layouts.registry import layouts, leaves_encryption, served
from tests.simulation.clients import Client, Network, Operator
from tests.simulation.farewell import Farewell
from tests.simulation.key_keeper import KeyKeeper
from tests.simulation.keys import LABELS, Folders
from tests.simulation.line import Faults
from tests.simulation.model import Model
from tests.simulation.node import Node
from tests.simulation.oracle import (
    WatchedTables,
    counts_are_never_too_low,
    reload_equals_memory,
    standbys_hold_what_they_claim,
)
from tests.simulation.world import BrokenPromise, World

STEPS_PER_WORLD = 10_000
COUNTED = (
    "claims",
    "deposed commits refused",
    "lost acknowledgements",
    "pauses beyond the ttl",
    "migrations flipped",
    "migrations flipped online",
    "writes beside a migration",
    "migrations abandoned",
    "migrations held",
    "keys activated",
    "rotations finished",
    "stores handed back",
)


class Simulation:
    """Three BBSes of different releases, four clients and an operator around one store; every fourth without one
    that manages the target (`target: newest`): then the newest release migrates of its own accord, half of them
    online. What the operator wants, it wants online as often as not."""

    def __init__(self, seed: int) -> None:
        self.world = World(seed)
        self.model = Model()
        self.faults = Faults()
        self.tables = WatchedTables(self.world, self.model)
        self.tables.tampering = 0.02
        # Every fifth world begins in the clear, and is given a keyring on the way.
        self.folders = Folders(("old", "new", "newer"), sealed=seed % 5 != 0)
        every = frozenset(served())
        old = frozenset(version for version in every if version <= 1451635200)
        self.tables.online = online = seed % 8 == 0
        self.nodes = {
            name: Node(self.world, name, self.tables, self.faults, serves, seed % 4 != 0, self.folders, online=online)
            for name, serves in (("old", old), ("new", every), ("newer", every))
        }
        self.tables.nodes = dict(self.nodes)
        for node in self.nodes.values():
            node.peers = self.nodes
        network = Network(self.world, self.nodes, self.tables, self.faults)
        self.clients = [Client(number, network, self.model) for number in range(4)]
        self.operator = Operator(network, sorted(every))
        self.keeper = KeyKeeper(network, self.folders)
        self.world.after(30.0, 200.0, lambda: setattr(self.folders, "sealed", True))
        self._spoil_later()

    def _spoil_later(self) -> None:
        """Somebody puts a malformed record beside ours, and mends it after a while."""

        def spoil() -> None:
            anchor = self.tables.anchor
            if anchor is not None:
                root = anchor.live.root
                key = "tasks/bad" if anchor.live.layout > 4_000_000_000 else "task/bad"
                self.tables.rows.setdefault(root, {})[key] = Row(key, b"{not a record", 0)
                self.world.after(5.0, 30.0, lambda: self.tables.rows.get(root, {}).pop(key, None) and None)
            self._spoil_later()

        self.world.after(60.0, 200.0, spoil)

    def run(self, steps: int) -> None:
        """Turn, and look from outside every now and then; at the end everything must come to rest."""
        goal = self.world.steps + steps
        while self.world.steps < goal:
            self.world.run(min(100, goal - self.world.steps))
            if self.tables.anchor is not None and self.tables.anchor.intent is None:
                self.model.check(self.tables.live(), self.world.promise)
            reload_equals_memory(self.tables, self.world)
            standbys_hold_what_they_claim(self.tables, self.world)
            counts_are_never_too_low(self.tables, self.world)
        self._rests()
        if self.world.seed % 3 == 1:
            Farewell(self.world, self.tables, self.nodes, self.faults).said()

    def _rests(self) -> None:
        """Without faults a master serves before long, and standbys of its release are warm."""
        self.faults.heal()
        self.tables.tampering = 0.0
        self.operator.pace = (1e9, 1e9)
        self.keeper.resting = True
        world = self.world
        for name in self.folders.names:
            for label in LABELS:
                self.folders.add(name, label)

        def served() -> bool:
            return any(n.process.alive and n.member.ruler and n.member.ruler.pipeline for n in self.nodes.values())

        def held() -> bool:
            return any(
                n.process.alive and n.member.ruler and n.member.ruler.state == "Held" for n in self.nodes.values()
            )

        reached = world.run_until(lambda: served() or held(), 120.0)
        world.promise(reached, "a healed world is served", "no master serves or holds after 120 s")
        world.run_until(lambda: False, 5.0)
        if served():
            rotated = world.run_until(lambda: self._rotated() or held(), 180.0)
            world.promise(rotated, "a rotation ends", f"after 180 s: {self.tables.labels()}, {self.tables.anchor}")
        if self.tables.anchor is not None and self.tables.anchor.intent is None:
            self.model.check(self.tables.live(), world.promise)

    def _rotated(self) -> bool:
        """Whether all records are known to bear the active key; where there is a keyring, and encryption at all."""
        anchor = self.tables.anchor
        assert anchor is not None
        rulers = [node for node in self.nodes.values() if node.process.alive and node.member.ruler]
        without = any(node.keys.active_label() is None for node in rulers)
        return without or leaves_encryption(layouts()[anchor.live.layout]) or anchor.key_label == anchor.active_key


def simulate(seed: int, steps: int, counts: Counter[str]) -> None:
    """One world. Raises BrokenPromise."""
    simulation = Simulation(seed)
    try:
        simulation.run(steps)
    finally:
        simulation.folders.close()
        counts.update(simulation.world.counts)
        counts["steps"] += simulation.world.steps


def played(seed: int, steps: int) -> tuple[Counter[str], str | None]:
    """What one world counted, and the promise that it broke."""
    # When a world is over, its coroutines are collected half-way through; what they complain of then means nothing.
    sys.unraisablehook = lambda _: None
    counts: Counter[str] = Counter()
    try:
        simulate(seed, steps, counts)
    except BrokenPromise as broken:
        return counts, str(broken)
    return counts, None


def worlds(first: int, steps: int, workers: int) -> Iterator[tuple[int, Counter[str], str | None]]:
    """Worlds from that seed on, side by side but told of in order, until that many steps are made."""
    each, told = min(STEPS_PER_WORLD, steps), 0
    pool = ProcessPoolExecutor(workers)
    try:
        waiting = deque((seed, pool.submit(played, seed, each)) for seed in range(first, first + 2 * workers))
        while told < steps:
            seed, world = waiting.popleft()
            counts, broken = world.result()
            told += counts["steps"]
            yield seed, counts, broken
            waiting.append((seed + 2 * workers, pool.submit(played, seed + 2 * workers, each)))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def main() -> int:
    """Worlds, until that many steps are made or a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="worlds that run side by side")
    parser.add_argument("--all", action="store_true", help="print every counter")
    arguments = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":  # a seed replays only if sets are walked in the same order
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.simulation.run", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    counts: Counter[str] = Counter()
    started, done = time.monotonic(), 0
    with progress("simulation") as shown:
        for seed, counted, broken in worlds(arguments.seed, arguments.steps, arguments.workers):
            counts.update(counted)
            done += 1
            shown(counts["steps"], arguments.steps)
            if broken is not None:
                print(f"seed {seed}: {broken}")
                print(f"replay: make simulate SEED={seed} STEPS={STEPS_PER_WORLD}", flush=True)
                return 1
    if arguments.all:
        for name, count in sorted(counts.items()):
            print(f"{count:10} {name}")
    print(f"{done} worlds in {time.monotonic() - started:.0f} s")
    line = ", ".join(f"{counts[name]} {name}" for name in COUNTED)
    print(f"{counts['steps']} steps, {line}")
    # A short run may well be spared a fault; over 100,000 steps a counter that stands at none has proved nothing.
    enough = counts["steps"] >= 100_000
    missing = [name for name in COUNTED if enough and counts[name] * 100_000 < counts["steps"]]
    if missing:
        print(f"too few of: {', '.join(missing)}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
