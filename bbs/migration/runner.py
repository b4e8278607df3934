"""The runner: one attempt to move every record from the live root to a root of its own in another layout.

Scan, decode, encode, stage in fenced batches, read back, compare by digest, flip. Until the flip, which is one commit
that moves one pointer, the old root is whole and nothing but it is served. An attempt trusts nothing that an earlier
one staged. Source of the rules: docs/reference/migration.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bbs.interchange.digest import RecordDigest
from bbs.layouts.contract import Cipher, Layout, Row, Undecodable, Unrepresentable
from bbs.master.clock import Clock
from bbs.master.committer import Committer, Draft
from bbs.master.encoder import slices
from bbs.migration.cleanup import drop_root
from bbs.migration.progress import Progress
from bbs.migration.reading import Place, RowDigest, Unread, read_records
from bbs.migration.sizes import oversized
from bbs.migration.throttle import Throttle
from bbs.models.records import Record
from bbs.stores.anchor import Anchor, Failure, Live, MigrationState, Version, Wanted
from bbs.stores.contract import PutRow, StoreRefused, Write


class Withdrawn(Exception):
    """Another target was set since this attempt began; nothing of it may become live."""


class _Stopped(Exception):
    """This attempt can't go on; the text says why."""

    def __init__(self, key: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.key = key
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done. `generation`: the wanted one it was decided on. `managed`: each flip writes `wanted`.

    `stale_root`: what an earlier attempt staged; it is trusted by no one and makes room for this one.
    """

    source: Place
    target: Layout
    target_cipher: Cipher
    generation: int
    managed: bool
    key_label: str | None
    stale_root: str | None = None
    mode: str = "Offline"
    known_total: int | None = None


@dataclass(slots=True)
class _Attempt:
    name: str
    root: str
    digest: RecordDigest = field(default_factory=RecordDigest)
    source: RowDigest = field(default_factory=RowDigest)


@dataclass(frozen=True, slots=True)
class Flipped:
    """The new root is live. `old_root` is no longer served and may be dropped."""

    anchor: Anchor
    old_root: str
    records: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A durable failure record stands in the anchor; a person has to look."""

    failure: Failure


class Runner:
    """Runs attempts. Progress may be read at any time."""

    def __init__(
        self, committer: Committer, clock: Clock, throttle: Throttle, report: Callable[[Progress], None]
    ) -> None:
        """`report` is handed the progress object of each attempt at its start; it changes as the attempt goes on."""
        self._committer = committer
        self._clock = clock
        self._throttle = throttle
        self._report = report

    async def run(self, order: Order) -> Flipped | Failed:
        """One attempt. Raises Withdrawn, EpochLost, StoreUnavailable, StoreFull; a later attempt starts anew."""
        attempt = await self._begin(order)
        progress = self._progress(order, attempt)
        if order.stale_root is not None:
            await drop_root(self._committer, order.stale_root, lambda anchor: _still_wanted(anchor, order))
        try:
            await self._stage(order, attempt, progress)
            await self._verify(order, attempt, progress)
            await self._unchanged(order, attempt)
        except _Stopped as stopped:
            return await self._fail(order, attempt, stopped, progress)
        return await self._flip(order, attempt)

    def _progress(self, order: Order, attempt: _Attempt) -> Progress:
        progress = Progress(
            attempt.name,
            order.source.layout.version,
            order.target.version,
            order.mode,
            "Staging",
            self._clock.now(),
            self._clock.steady(),
            total=order.known_total,
        )
        self._report(progress)
        return progress

    async def _begin(self, order: Order) -> _Attempt:
        def draw(anchor: Anchor) -> Draft:
            _still_wanted(anchor, order)
            number = anchor.attempts + 1
            name = f"{anchor.epoch}-{number}"
            state = MigrationState(name, f"v{order.target.version}@{name}", "staging")
            version = Version(anchor.version.current, order.target.version)
            return Draft(members={"attempts": number, "version": version, "migration": state})

        anchor = await self._committer.commit(draw)
        assert anchor.migration is not None
        return _Attempt(anchor.migration.attempt, anchor.migration.staged_root)

    # --- staging ------------------------------------------------------------------------------------------------------

    async def _stage(self, order: Order, attempt: _Attempt, progress: Progress) -> None:
        waiting: list[Write] = []
        read = 0
        async with self._committer.store.snapshot() as snapshot:
            async for page in read_records(snapshot, order.source, attempt.source):
                for found in page:
                    rows = self._carried(order, attempt, found)
                    waiting += [PutRow(attempt.root, row) for row in rows]
                read += len(page)
                *full, last = self._pieces(waiting)
                for piece in full:
                    await self._put(order, piece)
                    # Rows and records differ by a small factor; what has been read is the measure at each page's end.
                    progress.done = min(read, progress.done + len(piece))
                    await self._throttle.passed(len(piece))
                waiting = list(last)
        for piece in self._pieces(waiting):
            await self._put(order, piece)
        progress.done = read

    def _pieces(self, writes: Sequence[Write]) -> list[tuple[Write, ...]]:
        limits = self._committer.store.limits
        return slices(writes, limits._replace(operations=self._throttle.at_most(limits.operations)))

    def _carried(self, order: Order, attempt: _Attempt, found: Record | Unread) -> Sequence[Row]:
        """The rows of one record in the target layout; what they will be read as goes into the digest."""
        if isinstance(found, Unread):
            raise _Stopped(found.name, "UndecodableRecord", found.reason)
        name = f"{found.kind.value}/{found.key}"
        loss = order.target.loses(found)
        if loss is not None and loss.refused:
            raise _Stopped(name, "RecordWouldLose", f"data version {order.target.version} can't hold {loss.what}")
        try:
            rows = order.target.encode(found, order.target_cipher)
            if rows:
                attempt.digest.add(order.target.decode(found.kind, found.key, rows, order.target_cipher))
        except (Unrepresentable, Undecodable) as error:
            raise _Stopped(name, "UnrepresentableRecord", str(error)) from error
        excess = oversized(rows, self._committer.store.limits)
        if excess is not None:
            raise _Stopped(name, "RecordTooLarge", excess)
        return rows

    async def _put(self, order: Order, writes: tuple[Write, ...]) -> None:
        def draw(anchor: Anchor) -> Draft:
            _still_wanted(anchor, order)
            return Draft(writes=writes)

        if not writes:
            return
        try:
            await self._committer.commit(draw)
        except StoreRefused as refusal:
            if len(writes) == 1:
                raise _Stopped(_record_of(order.target, writes[0]), "StoreRefusedRecord", str(refusal)) from refusal
            # Somebody will be told to mend this record: it must be the one that is refused, not its neighbour.
            await self._put(order, writes[: len(writes) // 2])
            await self._put(order, writes[len(writes) // 2 :])

    # --- verification -------------------------------------------------------------------------------------------------

    async def _verify(self, order: Order, attempt: _Attempt, progress: Progress) -> None:
        progress.phase = "Verifying"
        staged = Place(order.target, attempt.root, order.target_cipher)
        seen = RecordDigest()
        async with self._committer.store.snapshot() as snapshot:
            async for page in read_records(snapshot, staged):
                for found in page:
                    if isinstance(found, Unread):
                        raise _Stopped(found.name, "StagedRecordUnreadable", found.reason)
                    seen.add(found)
        if (seen.count, seen.value) != (attempt.digest.count, attempt.digest.value):
            message = f"staged {attempt.digest.count} records, read back {seen.count}; the digests differ"
            raise _Stopped("", "DigestMismatch", message)

    async def _unchanged(self, order: Order, attempt: _Attempt) -> None:
        """Whoever holds the epoch has not written there since; what a stranger put would be left behind in silence."""
        now = RowDigest()
        async with self._committer.store.snapshot() as snapshot:
            async for page in snapshot.scan(order.source.root):
                now.add(page)
                await asyncio.sleep(0)
            if now == attempt.source:
                return
            async for records in read_records(snapshot, order.source):
                for found in records:
                    if isinstance(found, Unread):
                        raise _Stopped(found.name, "UndecodableRecord", found.reason)
        message = (
            f"{attempt.source.count} rows lay below {order.source.root} when it was read, now others do: {now.count}"
        )
        raise _Stopped("", "SourceChanged", message)

    # --- the end of an attempt ----------------------------------------------------------------------------------------

    async def _flip(self, order: Order, attempt: _Attempt) -> Flipped:
        old = order.source.root

        def draw(anchor: Anchor) -> Draft:
            _still_wanted(anchor, order)
            wanted = anchor.wanted or (Wanted(order.target.version, 0) if order.managed else None)
            if wanted is not None:
                wanted = replace(wanted, version=order.target.version, generation=wanted.generation + 1)
            return Draft(
                members={
                    "live": Live(order.target.version, attempt.root),
                    "version": Version(order.target.version),
                    "migration": None,
                    "wanted": wanted,
                    **_keys(order, anchor),
                    "superseded": (*anchor.superseded, old),
                },
                reload=True,
            )

        anchor = await self._committer.commit(draw)
        return Flipped(anchor, old, attempt.digest.count)

    async def _fail(self, order: Order, attempt: _Attempt, stopped: _Stopped, progress: Progress) -> Failed:
        progress.phase = "Failed"
        failure = Failure(
            source=order.source.layout.version,
            target=order.target.version,
            key=stopped.key,
            reason=stopped.reason,
            message=stopped.message,
            attempt=attempt.name,
            generation=order.generation,
        )

        def draw(anchor: Anchor) -> Draft:
            state = MigrationState(attempt.name, attempt.root, "failed", failure)
            return Draft(members={"migration": state})

        await self._committer.commit(draw)
        return Failed(failure)


def _record_of(layout: Layout, write: Write) -> str:
    """The name of the record that a staged row belongs to."""
    assert isinstance(write, PutRow)
    located = layout.locate(write.row.key)
    return write.row.key if located is None else f"{located[0].value}/{located[1]}"


def _keys(order: Order, anchor: Anchor) -> dict[str, Any]:
    """Another key may have been activated while this was staged: then no label is true of all records."""
    if order.key_label is None or order.key_label != anchor.active_key:
        return {"key_label": None}
    return {"key_label": order.key_label, "keys_in_use": (order.key_label,)}


def _still_wanted(anchor: Anchor, order: Order) -> None:
    """Every commit of an attempt looks: a target set since it was decided on ends it, the flip above all."""
    if anchor.generation != order.generation:
        raise Withdrawn
