"""A holder's reign over a simulated store: what pipeline, intent and runner tests share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, TypeVar

from bbs.encryption.ciphers import PlainCipher
from bbs.layouts.registry import layouts
from bbs.master.committer import Batch, Committer
from bbs.master.election import Held, claim, first_anchor, first_liveness, next_epoch
from bbs.master.encoder import Encoder
from bbs.master.lease import Lease, LockTimes
from bbs.master.loading import load
from bbs.master.memory import Memory
from bbs.master.pipeline import Pipeline, Tell, unheard
from bbs.migration.reading import Place
from bbs.models.index import index
from bbs.models.records import Kind, Record
from bbs.models.state import Context, Effect
from bbs.stores.anchor import Anchor, Version
from bbs.stores.contract import Claim, StoreFull, StoreUnavailable
from tests.master.virtual import VirtualClock
from tests.simulation.model import numbered
from tests.simulation.store import SimulatedStore
from tests.simulation.tables import Tables

_T = TypeVar("_T")
OURS = 4_000_000_001
TIMES = LockTimes(ttl=5.0, renew=1.0, margin=1.0, poll=0.2)


class Line:
    """A line to the store on which a test decides what happens to each call: rules by name, used up in order.

    "full": refused for want of room. "lost": no answer, nothing done. "unanswered": done, but no answer. A future: done
    when the future is.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.rules: dict[str, list[str | asyncio.Future[None]]] = {}

    def next(self, name: str, *rules: str | asyncio.Future[None]) -> None:
        """What happens to the next calls of that name; "ok" lets one pass."""
        self.rules.setdefault(name, []).extend(rules)

    def hold(self, name: str) -> asyncio.Future[None]:
        """The next call of that name waits until the future given back is set."""
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.next(name, gate)
        return gate

    async def call(self, name: str, operation: Callable[[], _T]) -> _T:
        self.calls.append(name)
        rule = self.rules[name].pop(0) if self.rules.get(name) else "ok"
        if isinstance(rule, asyncio.Future):
            await rule
        if rule == "lost":
            raise StoreUnavailable(name)
        if rule == "full":
            raise StoreFull(name)
        answer = operation()
        if rule == "unanswered":
            raise StoreUnavailable(name)
        return answer


def place(anchor: Anchor) -> Place:
    """Where the live records lie."""
    return Place(layouts()[anchor.live.layout], anchor.live.root, PlainCipher())


class Reign:
    """One epoch: tables, the line to them, lease and committer. Its memory and pipeline come with `serving`."""

    def __init__(self, tables: Tables, held: Held, clock: VirtualClock, line: Line) -> None:
        self.tables = tables
        self.clock = clock
        self.line = line
        self.store: Any = SimulatedStore(tables, line)
        self.lease = Lease(clock, TIMES, held.started)
        self.announced: list[Batch] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.effects: list[Effect] = []
        numbers = count(1)
        self.committer = Committer(
            self.store,
            clock,
            self.lease,
            held.anchor,
            lambda: f"b{held.anchor.epoch}-{next(numbers)}",
            self.announced.append,
            self._note,
        )
        self.memory = Memory(index)
        self.tell: Tell = unheard

    def _note(self, event: str, **fields: Any) -> None:
        self.events.append((event, fields))

    @property
    def encoder(self) -> Encoder:
        """Writes the live root."""
        where = place(self.committer.anchor)
        return Encoder(where.layout, where.root, where.cipher, self.committer.store.limits)

    async def loaded(self) -> Memory:
        """What a reload gives now."""
        memory = await load(SimulatedStore(self.tables), place, index)
        assert memory is not None
        return memory

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Pipeline]:
        """A pipeline over what the store holds; its writer runs."""
        self.memory = await self.loaded()
        pipeline = Pipeline(
            self.memory,
            self.committer,
            self.encoder,
            self.lease,
            lambda: Context(self.clock.now(), 0, lambda: "guid"),
            lambda effects, _: self.effects.extend(effects),
            self._note,
            self.tell,
        )
        writer = asyncio.ensure_future(pipeline.run())
        try:
            yield pipeline
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def commits(self) -> int:
        """How many commits were sent."""
        return self.line.calls.count("commit")


async def reign(version: int = OURS, tables: Tables | None = None) -> Reign:
    """Take an empty store, or the one given from whoever held it."""
    tables, clock, line = tables or Tables(), VirtualClock(), Line()
    old = tables.anchor
    if old is None:
        root = layouts()[version].natural_root or f"v{version}@1-0"
        anchor = first_anchor("store-1", "standalone", Version(version), root, "")
    else:
        anchor = next_epoch(old, "standalone")
    liveness = first_liveness(anchor, f"bbs/{anchor.epoch}", "https://bbs", TIMES.ttl)
    store: Any = SimulatedStore(tables)
    held = await claim(store, clock, Claim(old, tables.liveness, anchor, liveness))
    assert held is not None
    return Reign(tables, held, clock, line)


def fill(tables: Tables, records: list[Record]) -> None:
    """Put records under the live root, as a holder before us would have left them."""
    assert tables.anchor is not None
    where = place(tables.anchor)
    for record in records:
        for row in where.layout.encode(record, where.cipher):
            tables.rows.setdefault(where.root, {})[row.key] = row


def mixed(number: int) -> list[Record]:
    """That many records, of three kinds."""
    kinds = (Kind.TASKS, Kind.DESIRED_LRPS, Kind.DOMAINS)
    return [numbered(kinds[i % 3], f"r-{i:03d}", i) for i in range(number)]


def contents(memory: Memory) -> set[tuple[str, str, bytes, int]]:
    """What a memory holds, comparable."""
    return {(record.kind.value, record.key, record.data, record.deadline) for record in memory.records()}
