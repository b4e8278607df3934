"""The mover: one attempt to move all records from etcd, which its caller holds and does not serve, into a database.

Claim the database, announce, clear, stage, read back, look again, and one etcd transaction that is the commit point.
Before it nothing has changed in etcd but what the attempt noted of itself. Making the database live is the next claim's
(bbs.master.candidate), whoever makes it. Source of the rules and of their order: docs/reference/move.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from bbs.layouts.contract import Row
from bbs.master.committer import Committer, Draft, EpochLost
from bbs.master.destination import examine
from bbs.master.election import claim, first_liveness
from bbs.master.encoder import slices
from bbs.master.lease import Lease
from bbs.master.parts import Destination, Parts
from bbs.migration import move
from bbs.migration.attempt import Stopped, Withdrawn
from bbs.migration.cleanup import drop_root, unused
from bbs.migration.progress import Progress
from bbs.migration.reading import Place, RowDigest, Unread, read_records
from bbs.migration.throttle import Throttle
from bbs.stores.anchor import Anchor, MalformedAnchor, MoveFailure
from bbs.stores.contract import (
    Claim,
    PutRow,
    RootChanged,
    StoreError,
    StoreFull,
    StoreRefused,
    Unchanged,
    Write,
)

PATIENCE_S = 10.0
"""How long the database may leave a commit unanswered while nobody is served."""


_REFUSED = "DestinationRefused"


class DestinationLost(Exception):
    """The database does not answer, or is somebody else's now. Nothing has changed; try again when it answers."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The commit point is passed. `anchor`: etcd's last one."""

    anchor: Anchor
    records: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A durable failure stands in etcd's anchor; a person has to look."""

    failure: MoveFailure


@dataclass(frozen=True, slots=True)
class Order:
    """What is moved: the live root of `source`, which the caller holds."""

    source: Committer
    place: Place
    terms: move.Terms
    throttle: Throttle
    known_total: int | None
    report: Callable[[Progress], None]


class Mover:
    """Makes attempts on behalf of one member or command."""

    def __init__(self, parts: Parts, destination: Destination) -> None:
        self._parts = parts
        self._destination = destination
        self._claims = 0

    async def run(self, order: Order) -> Moved | Failed:
        """One attempt. Raises DestinationLost, Withdrawn; EpochLost, StoreUnavailable and StoreFull mean etcd."""
        self._claims += 1
        holder = f"{self._parts.settings.member}/{self._parts.settings.life}/move-{self._claims}"
        try:
            anchor = await self._claimed(order, holder)
        except Stopped as stopped:
            return await _fail(order, "", stopped)
        try:
            return await _Attempt(self._parts, self._destination, order, anchor).run()
        finally:
            # Whoever comes next would wait for this claim to fall silent once the records count.
            with suppress(StoreError):
                await self._destination.store.release(anchor.epoch, holder)

    async def _claimed(self, order: Order, holder: str) -> Anchor:
        """Step 1. At once, whoever had claimed it before: nobody serves a database that records still arrive in."""
        parts, store = self._parts, self._destination.store
        with _of_destination():
            seen = await examine(store)
            obstacle = move.in_the_way(seen, order.source.anchor.store_id)
            if obstacle is not None:
                raise DestinationLost(obstacle.message)
            if move.landed(seen, order.source.anchor.store_id):
                raise DestinationLost("the records are live in the database already")
            anchor = move.taken(order.source.anchor, seen.anchor)
            liveness = first_liveness(anchor, holder, parts.settings.url, parts.times.ttl)
            held = await claim(store, parts.clock, Claim(seen.anchor, seen.liveness, anchor, liveness))
        if held is None:
            raise DestinationLost("the database was claimed by somebody else at this moment")
        return held.anchor


class _Patience(Lease):
    """The lease of a claim that nobody watches: it is over when the database has left a commit unanswered for long."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.clock, parts.times, parts.clock.steady())

    @property
    def ended(self) -> bool:
        """See Lease."""
        return super().ended or self.age() > PATIENCE_S


class _Attempt:
    """Steps 2 to 7 under one claim of the database."""

    def __init__(self, parts: Parts, destination: Destination, order: Order, anchor: Anchor) -> None:
        self._clock = parts.clock
        self._destination = destination
        self._order = order
        self._patience = _Patience(parts)
        self._target = Committer(destination.store, parts.clock, self._patience, anchor, parts.new_id)
        self._arrival = move.next_arrival(order.source.anchor, anchor)
        self._read_at: Unchanged | None = None
        now, steady = parts.clock.now(), parts.clock.steady()
        version = order.place.layout.version
        self._progress = Progress(
            self._arrival.attempt, version, version, "Move", "Staging", now, steady, total=order.known_total
        )

    async def run(self) -> Moved | Failed:
        """The attempt, or its failure written down."""
        order = self._order
        await order.source.commit(lambda anchor: self._drawn(anchor, move.announced(anchor, self._arrival.attempt)))
        order.report(self._progress)
        try:
            await self._clear()
            copied = await self._stage()
            await self._verify(copied)
            await self._unchanged(copied)
            return await self._commit()
        except Stopped as stopped:
            self._progress.phase = "Failed"
            return await _fail(order, self._arrival.attempt, stopped)

    def _drawn(self, anchor: Anchor, members: dict[str, object], unchanged: Unchanged | None = None) -> Draft:
        """A commit on etcd, as long as what was decided on stands."""
        self._still_wanted(anchor)
        return Draft(members=members, unchanged=unchanged)

    def _still_wanted(self, anchor: Anchor) -> None:
        if move.Terms.of(anchor) != self._order.terms:
            raise Withdrawn

    # --- in the database ----------------------------------------------------------------------------------------------

    async def _clear(self) -> None:
        """Step 3."""
        with _of_destination():
            await self._note_arrival()
            async with self._destination.store.snapshot() as snapshot:
                roots = (await snapshot.survey()).roots
            for root in sorted(unused(roots, self._target.anchor)):
                if "@" in root:
                    await drop_root(self._target, root)

    async def _stage(self) -> RowDigest:
        """Step 4. Rows go over as they are; each is decoded on the way, so that a bad record is found."""
        copied = _Passing()
        async with self._order.source.store.snapshot() as snapshot:
            if snapshot.revision is not None:
                self._read_at = Unchanged(self._order.place.root, snapshot.revision)
            async for records in read_records(snapshot, self._order.place, copied):
                for found in records:
                    if isinstance(found, Unread):
                        raise Stopped(found.name, "UndecodableRecord", found.reason)
                if not records:
                    await self._put(copied.take())
        return copied

    async def _put(self, page: Sequence[Row]) -> None:
        limits = self._destination.store.limits
        narrow = limits._replace(operations=self._order.throttle.at_most(limits.operations))
        for piece in slices([PutRow(self._arrival.root, row) for row in page], narrow):
            if piece:
                await self._put_piece(piece)
                self._progress.done += len(piece)
                await self._order.throttle.passed(len(piece))

    async def _put_piece(self, piece: tuple[Write, ...]) -> None:
        self._still_wanted(self._order.source.anchor)
        try:
            with _of_destination():
                await self._write(Draft(writes=piece))
        except Stopped as stopped:
            if stopped.reason != _REFUSED:
                raise
            if len(piece) == 1:
                assert isinstance(piece[0], PutRow)
                raise Stopped(piece[0].row.key, "StoreRefusedRecord", stopped.message) from stopped
            await self._put_piece(piece[: len(piece) // 2])
            await self._put_piece(piece[len(piece) // 2 :])

    async def _note_arrival(self) -> None:
        await self._write(Draft(members=move.begun(self._order.source.anchor, self._target.anchor, self._arrival)))

    async def _write(self, draft: Draft) -> None:
        self._patience.renewed(self._clock.steady())
        await self._target.commit(lambda _: draft)

    async def _verify(self, copied: RowDigest) -> None:
        """Step 5."""
        self._progress.phase = "Verifying"
        seen = RowDigest()
        with _of_destination():
            async with self._destination.store.snapshot() as snapshot:
                async for page in snapshot.scan(self._arrival.root):
                    seen.add(page)
                    await asyncio.sleep(0)
        if seen != copied:
            raise Stopped("", "DigestMismatch", f"{copied.count} rows were staged, {seen.count} read back")
        digest = f"{copied.value:032x}"
        self._arrival = replace(self._arrival, count=copied.count, digest=digest, complete=True)
        with _of_destination():
            await self._note_arrival()

    # --- in etcd ------------------------------------------------------------------------------------------------------

    async def _unchanged(self, copied: RowDigest) -> None:
        """Step 6: what was deleted meanwhile, which step 7 can't see."""
        now = RowDigest()
        async with self._order.source.store.snapshot() as snapshot:
            async for page in snapshot.scan(self._order.place.root):
                now.add(page)
                await asyncio.sleep(0)
        if now != copied:
            message = f"{copied.count} rows lay in etcd when they were copied, now others do: {now.count}"
            raise Stopped("", "SourceChanged", message)

    async def _commit(self) -> Moved:
        """Step 7."""
        engine, arrival = self._destination.engine, self._arrival

        def draw(anchor: Anchor) -> Draft:
            return self._drawn(anchor, move.committed(anchor, arrival, engine), self._read_at)

        try:
            anchor = await self._order.source.commit(draw)
        except RootChanged as changed:
            raise Stopped("", "SourceChanged", str(changed)) from changed
        return Moved(anchor, arrival.count)


async def _fail(order: Order, attempt: str, stopped: Stopped) -> Failed:
    failure = MoveFailure(stopped.key, stopped.reason, stopped.message, attempt, order.terms.generation)
    await order.source.commit(lambda anchor: Draft(members=move.failed(anchor, failure)))
    return Failed(failure)


class _Passing(RowDigest):
    """The digest of rows as they pass, and those that have not been staged yet."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[Row] = []

    def add(self, page: Sequence[Row]) -> None:
        """See RowDigest."""
        super().add(page)
        self._waiting += page

    def take(self) -> list[Row]:
        """The rows that came since this was last asked."""
        taken, self._waiting = self._waiting, []
        return taken


@contextmanager
def _of_destination() -> Iterator[None]:
    """What goes wrong in the database, told apart from what goes wrong in etcd."""
    try:
        yield
    except StoreFull as full:
        raise Stopped("", "DestinationFull", str(full)) from full
    except EpochLost as lost:
        raise DestinationLost("a commit was not answered in time, or the database was claimed by another") from lost
    except StoreRefused as refusal:
        raise Stopped("", _REFUSED, str(refusal)) from refusal
    except (StoreError, MalformedAnchor) as error:
        raise DestinationLost(str(error)) from error
