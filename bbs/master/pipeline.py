"""The pipeline: requests in, one durable commit for all that came together, answers out.

A transition runs as soon as it arrives, on an overlay of what is under way. Its answer leaves when its own changes,
and every change it read, are durable; a transition that changes nothing and read nothing unconfirmed is answered at
once and never waits. One batch is in flight, one is being built. If a batch is not confirmed, both are discarded
whole, and their transitions run again or are given up. Source: docs/reference/pipeline.md.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from bbs.layouts.contract import Unrepresentable
from bbs.master.chain import encode_changes
from bbs.master.committer import Committer, Draft, EpochLost
from bbs.master.encoder import Encoded, Encoder, fits, last_writes
from bbs.master.intent import commit_large
from bbs.master.journal import Journal, silent
from bbs.master.lease import Lease
from bbs.master.memory import Memory, Unreadable
from bbs.master.overlay import Layer, Overlay
from bbs.master.serving import AnswerWithheld, NotServing, Unavailable
from bbs.models.account import PLAIN
from bbs.models.events import Placed
from bbs.models.records import Kind
from bbs.models.state import Context, Effect, Outcome, Transition, View
from bbs.stores.contract import StoreFull, StoreRefused

_MANY = 1 << 30

Copy = Callable[[View], Encoded]
"""Writes that follow from records as they are once everything accepted before is durable; it may be asked again."""


class Mirror(Protocol):
    """A second root that changes go to as well (bbs.migration.mirror)."""

    def beside(self, encoded: Encoded) -> Encoded:
        """The same changes, with what the second root needs of them."""


Tell = Callable[[View, Sequence[Placed], Outcome], None]
"""Takes one confirmed outcome, while the view still shows the time before what it places."""


def unheard(_before: View, _placed: Sequence[Placed], _outcome: Outcome) -> None:
    """For a pipeline whose events nobody wants."""


class ContentRefused(Exception):
    """The store refuses what this one transition wanted to write; its neighbours are not affected."""


class _Item:
    """One submitted transition on its way to an answer; or a copy, whose writes change no record."""

    __slots__ = ("answer", "copy", "transition")

    def __init__(self, transition: Transition, copy: Copy | None = None) -> None:
        self.transition = transition
        self.copy = copy
        self.answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def succeed(self, outcome: Outcome) -> None:
        if not self.answer.done():
            self.answer.set_result(outcome)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class _Batch:
    """What one commit will carry, and who waits for it. A rider changes nothing but read what the batch changes."""

    __slots__ = ("items", "layer", "operations", "parts", "payload_bytes", "riders")

    def __init__(self) -> None:
        self.layer = Layer()
        self.items: list[tuple[_Item, Outcome, tuple[Placed, ...]]] = []
        self.riders: list[tuple[_Item, Outcome | Exception]] = []
        self.parts: list[Encoded] = []
        self.operations = 0
        self.payload_bytes = 0

    def waiting(self) -> list[_Item]:
        return [*(item for item, _, _ in self.items), *(item for item, _ in self.riders)]


def _nothing(_view: View, _context: Context) -> Outcome:
    """The transition of what only waits for its turn."""
    return Outcome(b"")


class Pipeline:
    """The one writer of records. `submit` from any task; `run` is the writer itself. `encoder` writes the live root,
    `mirror` what is to become live."""

    def __init__(
        self,
        memory: Memory,
        committer: Committer,
        encoder: Encoder,
        lease: Lease,
        context: Callable[[], Context],
        follow_up: Callable[[Sequence[Effect], Lease], None] = lambda _, __: None,
        journal: Journal = silent,
        tell: Tell = unheard,
    ) -> None:
        """`follow_up` is given the effects of confirmed transitions, `tell` all that their events may need."""
        self._memory = memory
        self._committer = committer
        self.encoder = encoder
        self.mirror: Mirror | None = None
        self._lease = lease
        self._context = context
        self._follow_up = follow_up
        self._journal = journal
        self._tell = tell
        self._building = _Batch()
        self._in_flight: _Batch | None = None
        self._backlog: deque[_Item] = deque()
        self._cap = _MANY
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed: Callable[[], Exception] | None = None
        self._later: list[_Item] | None = None

    # --- requests -----------------------------------------------------------------------------------------------------

    async def submit(self, transition: Transition) -> bytes:
        """Run a transition; return its response once it may be said.

        Raises NotServing, AnswerWithheld, Unreadable, Unrepresentable, ContentRefused, or what the transition raises.
        """
        if self._closed is not None:
            raise self._closed()
        outcome = await self._accepted(_Item(transition))
        if not self._lease.holds():
            raise AnswerWithheld
        return outcome.response

    def size_of(self, kind: Kind, key: str) -> int:
        """Bytes of a confirmed record; 0 when there is none that can be read."""
        entry = None if (kind, key) in self._memory.unreadable else self._memory.get(kind, key)
        return 0 if entry is None else len(entry.data)

    async def copy(self, copy: Copy) -> None:
        """Make writes durable that change no record, in their turn among those that do. Raises as `submit`, and what
        `copy` raises."""
        if self._closed is not None:
            raise self._closed()
        await self._accepted(_Item(_nothing, copy))

    async def _accepted(self, item: _Item) -> Outcome:
        if self._later is not None:
            self._later.append(item)
        elif self._backlog or not self._place(item):
            self._backlog.append(item)
            self._stir()
        return await item.answer

    @asynccontextmanager
    async def standstill(self) -> AsyncIterator[None]:
        """In here nothing is under way, and what is submitted waits; memory is read on. `encoder` may be replaced."""
        self._later = []
        try:
            while self._building.items or self._backlog or self._in_flight is not None:
                await self.settled()
                await asyncio.sleep(0)
            yield
        finally:
            self._backlog.extend(self._later)
            self._later = None
            self._stir()

    def close(self, reason: Callable[[], Exception]) -> None:
        """Accept nothing more; what was accepted is finished. `reason` is what later callers get."""
        self._closed = reason

    async def drained(self) -> None:
        """Wait until nothing that was accepted is under way."""
        await self._idle.wait()

    async def settled(self) -> None:
        """Wait until all that is encoded by now is durable, or was given up: later encodings may use another key, or
        go elsewhere. Raises AnswerWithheld when the epoch is lost meanwhile."""
        batch = self._building if self._building.items else self._in_flight
        if batch is not None:
            item = _Item(_nothing)
            batch.riders.append((item, Outcome(b"")))
            with suppress(NotServing):
                await item.answer

    def abandon(self, error: Callable[[], Exception]) -> None:
        """Give up everything under way: the epoch is lost or the process stops."""
        self.close(error)
        batches = [self._building] if self._in_flight is None else [self._in_flight, self._building]
        for item in (*(item for batch in batches for item in batch.waiting()), *self._backlog, *(self._later or ())):
            item.fail(error())
        self._backlog.clear()
        self._later = None if self._later is None else []
        self._building, self._in_flight = _Batch(), None
        self._idle.set()

    # --- running a transition -----------------------------------------------------------------------------------------

    def _place(self, item: _Item) -> bool:
        """Run a transition and put it where it waits; False when the batch being built has no room for it."""
        layers = [batch.layer for batch in (self._in_flight, self._building) if batch is not None]
        overlay = Overlay(self._memory, layers)
        try:
            if item.copy is not None:
                return self._join(item, Outcome(b""), item.copy(overlay), (), overlay)
            outcome = item.transition(overlay, self._context())
            if not outcome.mutations:
                self._ride(item, outcome, overlay)
                return True
            for mutation in outcome.mutations:
                if (mutation.kind, mutation.key) in self._memory.unreadable:
                    raise Unreadable(mutation.key, self._memory.unreadable[mutation.kind, mutation.key])
            encoded = self.encoder.encode(outcome.mutations)
            placed = tuple(
                (m.kind, m.key, None if m.record is None else self._memory.indexed(m.record)) for m in encoded.mutations
            )
            if self.mirror is not None:
                encoded = self.mirror.beside(encoded)
        except Exception as error:  # a failing transition is its caller's affair, never its neighbours'
            if item.copy is None and not isinstance(error, Unreadable | Unrepresentable):
                self._journal("transition-failed", error=repr(error))
            self._ride(item, error, overlay)
            return True
        return self._join(item, outcome, encoded, placed, overlay)

    def _ride(self, item: _Item, outcome: Outcome | Exception, overlay: Overlay) -> None:
        for batch in (self._building, self._in_flight):
            if batch is not None and overlay.depends_on(batch.layer):
                batch.riders.append((item, outcome))
                return
        self._answered(item, outcome)

    def _join(
        self, item: _Item, outcome: Outcome, encoded: Encoded, placed: tuple[Placed, ...], overlay: Overlay
    ) -> bool:
        batch, limits = self._building, self._committer.store.limits
        if batch.items and (
            len(batch.items) >= self._cap
            or batch.operations + len(encoded.writes) > limits.operations
            or batch.payload_bytes + encoded.payload_bytes > limits.payload_bytes
        ):
            return False
        for kind, key, entry in placed:
            batch.layer.put(kind, key, overlay.get(kind, key), entry)
        batch.items.append((item, outcome, placed))
        batch.parts.append(encoded)
        batch.operations += len(encoded.writes)
        batch.payload_bytes += encoded.payload_bytes
        self._stir()
        return True

    def _stir(self) -> None:
        self._idle.clear()
        self._work.set()

    # --- the writer ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Commit batch after batch, until the epoch is lost. Raises EpochLost."""
        while True:
            await self._work.wait()
            self._work.clear()
            while self._building.items or self._backlog:
                await self._turn()
            self._idle.set()

    async def _turn(self) -> None:
        self._refill()
        batch, self._building = self._building, _Batch()
        if not batch.items:
            return
        self._in_flight = batch
        self._refill()
        try:
            await self._commit(batch)
        except StoreRefused as refusal:
            self._divide(batch, refusal)
        except StoreFull as full:
            self._give_up(NotServing(Unavailable("StoreFull", str(full), "make room in the store")))
        except EpochLost:
            self.abandon(AnswerWithheld)
            raise
        else:
            self._confirm(batch)

    def _refill(self) -> None:
        while self._backlog and self._place(self._backlog[0]):
            self._backlog.popleft()

    async def _commit(self, batch: _Batch) -> None:
        mutations = tuple(mutation for part in batch.parts for mutation in part.mutations)
        writes = last_writes(write for part in batch.parts for write in part.writes)
        whole = Encoded(mutations, writes, batch.payload_bytes)
        if fits(whole, self._committer.store.limits):
            await self._committer.commit(lambda _: Draft(writes, encode_changes(mutations)))
        else:
            await commit_large(self._committer, whole)

    def _confirm(self, batch: _Batch) -> None:
        # One after the other, so that each is told against the time before it; only here, so that a commit that is
        # not confirmed is never told.
        for _, outcome, placed in batch.items:
            self._tell(self._memory, placed, outcome)
            for kind, key, entry in placed:
                self._memory.place(kind, key, entry)
        self._in_flight = None
        self._cap = min(self._cap * 2, _MANY)
        for item, outcome, _ in batch.items:
            self._answered(item, outcome)
        for rider, answer in batch.riders:
            self._answered(rider, answer)

    def _answered(self, item: _Item, outcome: Outcome | Exception) -> None:
        if isinstance(outcome, Exception):
            item.fail(outcome)
            return
        item.succeed(outcome)
        if not outcome.mutations and outcome.account is not PLAIN:
            self._tell(self._memory, (), outcome)
        if outcome.effects:
            self._follow_up(outcome.effects, self._lease)

    def _divide(self, batch: _Batch, refusal: StoreRefused) -> None:
        """A definite refusal of content: everything runs again in smaller batches, until the offender is alone."""
        if len(batch.items) == 1:
            batch.items[0][0].fail(ContentRefused(str(refusal)))
            batch.items.clear()
        self._cap = max(1, len(batch.items) // 2)
        again = [*batch.waiting(), *self._building.waiting()]
        self._building, self._in_flight = _Batch(), None
        self._backlog.extendleft(reversed(again))

    def _give_up(self, error: Exception) -> None:
        waiting = self._building.waiting() if self._in_flight is None else self._in_flight.waiting()
        again = self._building.waiting()
        self._building, self._in_flight = _Batch(), None
        for item in waiting:
            item.fail(error)
        self._backlog.extendleft(reversed(again))
