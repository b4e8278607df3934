"""Whole members in one process: production parts over a simulated store, a virtual clock, streams by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from bbs.layouts.registry import layouts
from bbs.master.committer import Batch
from bbs.master.lease import Lease
from bbs.master.member import Member
from bbs.master.parts import Destination, Keys, Parts, Settings
from bbs.master.renewal import Renewal
from bbs.master.serving import NotServing
from bbs.master.stream import FrameReader, StreamError
from bbs.migration.decide import Abilities, Identity
from bbs.models.index import index
from bbs.models.state import Context
from tests.master.reign import OURS, TIMES, Line
from tests.master.virtual import VirtualClock
from tests.simulation.node import NoKeyring
from tests.simulation.store import SimulatedStore
from tests.simulation.tables import Tables


class LoopRenewal:
    """A renewal on the member's own loop: with a virtual clock no loop is ever too busy."""

    def __init__(self, renewal: Renewal) -> None:
        self._task = asyncio.ensure_future(renewal.run())

    async def lost(self) -> None:
        await asyncio.shield(self._task)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def attend(self) -> None:
        """Nobody stalls here."""


class Deployment:
    """Members by name, over one store and one clock."""

    def __init__(self, tables: Tables | None = None) -> None:
        self.tables = tables or Tables()
        self.clock = VirtualClock()
        self.members: dict[str, Member] = {}
        self.lines: dict[str, Line] = {}
        self.second_lines: dict[str, Line] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.events: list[tuple[str, str, dict[str, Any]]] = []
        self.adopted: list[str] = []
        self._ids = count(1)

    def start(
        self,
        name: str,
        serves: tuple[int, ...] = (0, 1451635200, OURS),
        managed: bool = False,
        identity: Identity | None = None,
        keys: Keys | None = None,
        initial: int | None = None,
        tables: Tables | None = None,
        destination: Tables | None = None,
        lines: tuple[Line, Line] | None = None,
    ) -> Member:
        """A member begins to live; `tables`: on another store than most, `destination`: with a second one; `lines`: the
        ways to its first and to its second."""
        keyring = keys or NoKeyring()
        able = {version: layout for version, layout in layouts().items() if version in serves}
        can = Abilities(
            reads=frozenset(able),
            serves=frozenset(able),
            natural_roots={v: layout.natural_root for v, layout in able.items() if layout.natural_root == "v1"},
            managed=managed,
            keys=keyring.loaded(),
            initial_version=initial,
        )
        line, second_line = lines or (Line(), Line())
        store: Any = SimulatedStore(tables or self.tables, line)
        there = None
        if destination is not None:
            second: Any = SimulatedStore(destination, second_line)
            self.second_lines[name] = second_line
            there = Destination(second, Renewals(second, self.clock), "postgresql", lambda: can)

        def note(event: str, **fields: Any) -> None:
            self.events.append((name, event, fields))

        parts = Parts(
            settings=Settings(name, "life", f"https://{name}", f"uid-{name}", "standalone", "0.2.0", "b", "simulated"),
            store=store,
            clock=self.clock,
            times=TIMES,
            layouts=able,
            keys=keyring,
            index=index,
            abilities=lambda: can,
            identity=lambda: identity or Identity(),
            adopted=self.adopted.append,
            renewals=Renewals(store, self.clock),
            streams=Streams(self),
            new_id=lambda: f"id-{next(self._ids)}",
            context=lambda since: Context(self.clock.now(), since, lambda: "guid"),
            journal=note,
            destination=there,
        )
        member = Member(parts)
        self.members[name], self.lines[name] = member, line
        self.tasks[name] = asyncio.ensure_future(member.run())
        return member

    async def kill(self, name: str) -> None:
        """The process is gone, and nobody writes a release for it."""
        self.members.pop(name)
        self.tasks[name].cancel()
        await asyncio.gather(self.tasks.pop(name), return_exceptions=True)

    async def serving(self, *names: str) -> Member:
        """The member that serves, once one of them does."""
        asked = [self.members[name] for name in names or self.members]
        await self.clock.until(lambda: any(member.gate() is None for member in asked))
        return next(member for member in asked if member.gate() is None)

    def said(self, event: str) -> list[str]:
        """Which members noted that event, in order."""
        return [name for name, noted, _ in self.events if noted == event]


class Renewals:
    """See RenewalHost."""

    def __init__(self, store: Any, clock: VirtualClock) -> None:
        self._store = store
        self._clock = clock

    def start(self, lease: Lease, epoch: int, holder: str) -> LoopRenewal:
        return LoopRenewal(Renewal(self._store, self._clock, lease, TIMES, epoch, holder))


class Streams:
    """See StreamSource: through the frames, as over the wire."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[AsyncIterator[Batch]]:
        master = self._deployment.members.get(url.removeprefix("https://"))
        if master is None:
            raise StreamError("no such member")
        try:
            frames = master.subscribe()
        except NotServing as error:
            raise StreamError("not master") from error
        yield self._batches(frames)

    @staticmethod
    async def _batches(frames: AsyncIterator[bytes]) -> AsyncIterator[Batch]:
        reader = FrameReader()
        async for frame in frames:
            for batch in reader.feed(frame):
                yield batch


@asynccontextmanager
async def deployment(tables: Tables | None = None) -> AsyncIterator[Deployment]:
    """A deployment whose members all end with it."""
    found = Deployment(tables)
    try:
        yield found
    finally:
        for task in found.tasks.values():
            task.cancel()
        await asyncio.gather(*found.tasks.values(), return_exceptions=True)
