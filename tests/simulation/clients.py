"""Clients and the operator: they talk to any node over a bad network, and remember what they were told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bbs.master.pipeline import ContentRefused
from bbs.master.serving import AdminRefusal, AnswerWithheld, NotServing
from bbs.migration.attempt import OFFLINE, ONLINE
from bbs.models.records import Kind, Mutation, delete, put
from bbs.models.state import Context, Outcome, Transition, View
from tests.simulation.line import Faults
from tests.simulation.model import ABSENT, GROUP_SIZE, Model, number_of, numbered
from tests.simulation.node import Node
from tests.simulation.oracle import WatchedTables, stored_record
from tests.simulation.tables import POISON
from tests.simulation.world import Process, World

Key = tuple[Kind, str]
Answer = tuple[str, Any]
PATIENCE = 20.0


class Network:
    """Requests to nodes and their answers back; either may be lost."""

    def __init__(self, world: World, nodes: dict[str, Node], tables: WatchedTables, faults: Faults) -> None:
        self.world = world
        self.nodes = nodes
        self.tables = tables
        self.faults = faults
        self.keys: list[Key] = []

    async def ask(self, me: Process, node: Node, handle: Callable[[Node], Awaitable[Answer]]) -> Answer:
        """One request. ("unknown", None) when no answer comes back in time."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        world, target = self.world, node.process

        async def serve() -> None:
            result = await handle(node)
            if result[0] == "ok":
                if not node.member.may_answer():
                    world.counts["answers withheld"] += 1
                    return
                self._speaks(node)
            if world.random.random() >= self.faults.lost:
                world.after(0.0005, 0.02, lambda: me.deliver(lambda: _answer(answer, result)))

        def arrive() -> None:
            world.steps += 1
            target.deliver(lambda: target.loop.create_task(serve()) and None)

        if world.random.random() >= self.faults.lost:
            world.after(0.0005, 0.02, arrive)
        try:
            return await asyncio.wait_for(answer, PATIENCE)
        except TimeoutError:
            return ("unknown", None)

    def _speaks(self, node: Node) -> None:
        """Bytes leave a node at this instant: it must be the holder of the store at this instant."""
        epoch = node.member.ruler.anchor.epoch if node.member.ruler else None
        now = self.tables.anchor.epoch if self.tables.anchor else None
        self.world.counts["answers"] += 1
        self.world.promise(
            epoch == now, "no answer from a deposed master", f"{node.name} answers for epoch {epoch}, it is {now}"
        )

    def durable(self, node: Node, key: Key, seen: int, own: bool) -> None:
        """What is said is what the store holds; of another client's key, nothing newer than that."""
        stored = stored_record(self.tables, *key)
        older = not own and (seen < stored or stored == ABSENT)
        self.world.promise(
            older or seen in (stored, ABSENT), "only durable things are said", f"{key}: {seen} said, {stored} stored"
        )


def _answer(future: asyncio.Future[Answer], result: Answer) -> None:
    if not future.done():
        future.set_result(result)


async def submitted(node: Node, transition: Transition) -> Answer:
    """What a handler does with a transition."""
    try:
        return ("ok", await node.member.submit(transition))
    except NotServing:
        return ("not serving", None)
    except ContentRefused:
        return ("refused", None)
    except AnswerWithheld:
        await asyncio.sleep(1e9)
        raise


class Client:
    """Owns some keys; writes rising numbers, reads them back, and compares with what is possible."""

    def __init__(self, number: int, network: Network, model: Model) -> None:
        self.world = network.world
        self.network = network
        self.model = model
        self.process = Process(self.world)
        name = f"c{number}"
        self.keys: list[list[Key]] = [[(Kind.TASKS, f"{name}-t{i}")] for i in range(3)]
        self.keys += [[(Kind.DOMAINS, f"{name}-d{i}")] for i in range(2)]
        self.keys += [[(Kind.DESIRED_LRPS, f"{name}-p{i}")] for i in range(2)]
        self.large: list[Key] = [(Kind.TASKS, f"{name}-g{i:02d}") for i in range(GROUP_SIZE)]
        if number == 0:
            model.groups.append(self.large)
            self.keys.append(self.large)
        network.keys += [keys[0] for keys in self.keys]
        self.poison: Key = (Kind.TASKS, f"{name}-{POISON}")
        model.possible[self.poison] = {ABSENT}
        self.count = 0
        # Busy worlds find faults of the pipeline, quiet ones those of the election: a commit defeats a late claim.
        self.pause = 3.0 if self.world.seed % 3 == 0 else 0.15
        self.process.loop.call_soon(lambda: self.process.loop.create_task(self.work()) and None)
        self.process.turn()

    async def work(self) -> None:
        """For ever: a write, a read, a look that goes through the pipeline, sometimes poison."""
        random = self.world.random
        actions = [self.write] * 6 + [self.increase] * 3 + [self.read] * 4 + [self.look] * 3 + [self.remove, self.spoil]
        while True:
            await asyncio.sleep(random.uniform(0.0, self.pause))
            node = random.choice(list(self.network.nodes.values()))
            if random.random() < 0.8:
                node = next((n for n in self.network.nodes.values() if n.process.alive and n.member.ruler), node)
            if node.process.alive:
                await random.choice(actions)(node, random.choice(self.keys))

    async def write(self, node: Node, keys: list[Key]) -> None:
        self.count += 1
        number = self.count
        mutations = tuple(put(numbered(*key, number)) for key in keys)
        await self._change(node, keys, number, lambda _, __: Outcome(b"", mutations))

    async def remove(self, node: Node, keys: list[Key]) -> None:
        await self._change(node, keys, ABSENT, lambda _, __: Outcome(b"", tuple(delete(*key) for key in keys)))

    async def increase(self, node: Node, keys: list[Key]) -> None:
        """Read, then write, on the overlay: what it read must be what will stand below it."""
        self.count += 1
        number, key = self.count, keys[0]
        allowed = set(self.model.possible.get(key, {ABSENT}))
        read: list[int] = []

        def transition(view: View, _: Context) -> Outcome:
            read.append(_number(view, key))
            mutations: tuple[Mutation, ...] = tuple(put(numbered(*one, number)) for one in keys)
            return Outcome(b"", mutations)

        if await self._change(node, keys, number, transition):
            seen = read[-1]
            self.world.promise(
                seen in allowed or seen == number, "no refused write served", f"{key}: {seen} read, {sorted(allowed)}"
            )

    async def _change(self, node: Node, keys: list[Key], number: int, transition: Transition) -> bool:
        before = {key: set(self.model.possible.get(key, {ABSENT})) for key in keys}
        self.model.attempted(keys, number)
        outcome, _ = await self.network.ask(self.process, node, lambda n: submitted(n, transition))
        if outcome == "ok":
            self.model.acknowledged(keys, number)
            return True
        if outcome in {"not serving", "refused"}:
            self.world.counts[f"writes {outcome}"] += 1
            for key in keys:
                self.model.possible[key] = before[key]
        return False

    def _somebodys(self, keys: list[Key]) -> Key:
        """One's own key, or one that another client may be writing at this moment."""
        return keys[0] if self.world.random.random() < 0.5 else self.world.random.choice(self.network.keys)

    async def read(self, node: Node, keys: list[Key]) -> None:
        """A list or a get: from confirmed memory."""
        key = self._somebodys(keys)

        async def handle(at: Node) -> Answer:
            try:
                seen = _number(at.member.memory(), key)
            except NotServing:
                return ("not serving", None)
            if at.member.may_answer():
                self.network.durable(at, key, seen, self._owns(key))
            return ("ok", seen)

        self._compare(key, await self.network.ask(self.process, node, handle))

    async def look(self, node: Node, keys: list[Key]) -> None:
        """A transition that changes nothing: its answer waits for what it read."""
        key = self._somebodys(keys)

        def transition(view: View, _: Context) -> Outcome:
            return Outcome(str(_number(view, key)).encode())

        async def handle(at: Node) -> Answer:
            outcome, response = await submitted(at, transition)
            if outcome == "ok" and at.member.may_answer():
                self.network.durable(at, key, int(response), self._owns(key))
            return (outcome, int(response) if outcome == "ok" else None)

        self._compare(key, await self.network.ask(self.process, node, handle))

    def _owns(self, key: Key) -> bool:
        return any(key == keys[0] for keys in self.keys)

    def _compare(self, key: Key, answer: Answer) -> None:
        possible = self.model.possible.get(key, {ABSENT})
        if answer[0] != "ok" or not self._owns(key):
            return
        if answer[1] not in possible:
            lost = answer[1] == ABSENT or answer[1] < max(possible)
            name = "no acknowledged write lost" if lost else "no refused write served"
            self.world.promise(False, name, f"{key}: {answer[1]} read, possible {sorted(possible)}")
        # A read settles what is possible: the store held exactly this.

    async def spoil(self, node: Node, _: list[Key]) -> None:
        """What the engine refuses must fail alone."""
        kind, key = self.poison
        transition: Transition = lambda _, __: Outcome(b"", (put(numbered(kind, key, 1)),))  # noqa: E731
        outcome, _answered = await self.network.ask(self.process, node, lambda n: submitted(n, transition))
        self.world.promise(outcome != "ok", "no refused write served", f"{key} was accepted")


def _number(view: View, key: Key) -> int:
    entry = view.get(*key)
    if entry is None:
        return ABSENT
    from bbs.models.records import Record  # noqa: PLC0415

    return number_of(Record(entry.kind, entry.key, entry.data, entry.deadline))


class Operator:
    """Sets targets up and down, retries and withdraws; sometimes on stale knowledge."""

    def __init__(self, network: Network, versions: list[int]) -> None:
        self.world = network.world
        self.network = network
        self.versions = versions
        self.pace = (2.0, 25.0)
        self.process = Process(self.world)
        self.process.loop.call_soon(lambda: self.process.loop.create_task(self.work()) and None)
        self.process.turn()

    async def work(self) -> None:
        """For ever."""
        random = self.world.random
        number = 0
        while True:
            await asyncio.sleep(random.uniform(*self.pace))
            masters = [n for n in self.network.nodes.values() if n.process.alive and n.member.ruler]
            if not masters:
                continue
            number += 1
            node = random.choice(masters)
            generation = node.member.status()["data"]["generation"]
            if random.random() < 0.2:
                await self._drop(node, generation)
                continue
            if random.random() < 0.3:
                await asyncio.sleep(random.uniform(0, 10))
            token = f"token-{number}"
            self.network.tables.told[token] = generation
            version = random.choice(self.versions)
            how = (random.choice([None, None, 20, 60]), random.choice([OFFLINE, ONLINE]))
            await self.network.ask(
                self.process,
                node,
                lambda n, v=version, t=token, g=generation, h=how: _target(n, v, t, g, *h),  # type: ignore[misc]
            )

    async def _drop(self, node: Node, generation: int) -> None:
        roots = sorted(self.network.tables.rows)
        await self.network.ask(self.process, node, lambda n: _dropped(n, roots, generation))


async def _target(node: Node, version: int, token: str, generation: int, limit: int | None, mode: str) -> Answer:
    try:
        return ("ok", await node.member.set_target(version, token, generation, limit, mode))
    except (AdminRefusal, NotServing):
        return ("not serving", None)
    except AnswerWithheld:
        return ("unknown", None)


async def _dropped(node: Node, roots: list[str], generation: int) -> Answer:
    for root in roots:
        try:
            await node.member.drop_roots([root], generation)
        except (AdminRefusal, NotServing, AnswerWithheld):
            continue
    return ("not serving", None)
