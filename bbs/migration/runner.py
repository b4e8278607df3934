"""The runner: one attempt to move every record from the live root to a root of its own in another layout.

Scan, decode, encode, stage in fenced batches, read back, compare by digest, flip. Until the flip, which is one commit
that moves one pointer, the old root is whole and nothing but it is served. An attempt trusts nothing that an earlier
one staged. Source of the rules: docs/reference/migration.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Self

from bbs.layouts.contract import Layout, Row
from bbs.master.clock import Clock
from bbs.master.committer import Committer, Draft
from bbs.master.encoder import slices
from bbs.migration.attempt import (
    Attempt,
    Failed,
    Flipped,
    Order,
    Seals,
    Stopped,
    begin,
    begun,
    carried,
    fail,
    flip,
    still_wanted,
)
from bbs.migration.cleanup import drop_root
from bbs.migration.progress import Progress
from bbs.migration.reading import Place, RowDigest, Unread, read_records
from bbs.migration.throttle import Throttle
from bbs.models.records import Record
from bbs.stores.anchor import Anchor
from bbs.stores.contract import PutRow, RootChanged, StoreRefused, Unchanged, Write


class _Copy:
    """What one attempt has read and what it has staged: digests of the rows on either side, a count of records."""

    def __init__(self, order: Order, attempt: Attempt) -> None:
        self.root = attempt.root
        self.source = RowDigest()
        self.staged = RowDigest()
        self.records = 0
        self.read_at: Unchanged | None = None
        self.seals = Seals(order.target)


class _Behind:
    """One piece of work beside the caller's own; however the caller ends, it has ended too."""

    def __init__(self) -> None:
        self._work: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._work is not None:
            await asyncio.gather(self._work, return_exceptions=True)

    def start(self, work: Coroutine[None, None, None]) -> None:
        """The one before must be done."""
        assert self._work is None
        self._work = asyncio.ensure_future(work)

    async def done(self) -> None:
        """Wait for it. Raises what it raised."""
        work, self._work = self._work, None
        if work is not None:
            await work


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
        attempt = await begin(self._committer, order)
        progress = begun(order, attempt, self._clock)
        self._report(progress)
        if order.stale_root is not None:
            await drop_root(self._committer, order.stale_root, lambda anchor: still_wanted(anchor, order))
        copy = _Copy(order, attempt)
        try:
            await self._stage(order, copy, progress)
            await self._verify(order, copy, progress)
            await self._unchanged(order, copy)
            return await self._flip(order, attempt, copy)
        except Stopped as stopped:
            progress.phase = "Failed"
            return await fail(self._committer, order, attempt, stopped)

    # --- staging ------------------------------------------------------------------------------------------------------

    async def _stage(self, order: Order, copy: _Copy, progress: Progress) -> None:
        waiting: list[Write] = []
        ready: list[tuple[Write, ...]] = []
        async with self._committer.store.snapshot() as snapshot, _Behind() as behind:
            if snapshot.revision is not None:
                copy.read_at = Unchanged(order.source.root, snapshot.revision)
            async for some in read_records(snapshot, order.source, copy.source):
                # The store writes one page's rows while the next is decoded, but is not read meanwhile: what it is
                # asked comes in the same order in each attempt.
                if ready and some:
                    behind.start(self._put_all(order, ready, progress))
                    ready = []
                rows = [row for found in some for row in self._carried(order, copy, found)]
                copy.staged.add(rows)
                waiting += [PutRow(copy.root, row) for row in rows]
                if not some:
                    await behind.done()
                    *full, last = self._pieces(waiting)
                    ready, waiting = [*ready, *full], list(last)
            await behind.done()
        *full, last = [*ready, *self._pieces(waiting)]
        await self._put_all(order, full, progress)
        await self._put(order, last)
        progress.done = copy.records

    async def _put_all(self, order: Order, pieces: Sequence[tuple[Write, ...]], progress: Progress) -> None:
        for piece in pieces:
            await self._put(order, piece)
            # Rows and records differ by a small factor.
            progress.done = min(progress.total or progress.done + len(piece), progress.done + len(piece))
            await self._throttle.passed(len(piece))

    def _pieces(self, writes: Sequence[Write]) -> list[tuple[Write, ...]]:
        limits = self._committer.store.limits
        return slices(writes, limits._replace(operations=self._throttle.at_most(limits.operations)))

    def _carried(self, order: Order, copy: _Copy, found: Record | Unread) -> Sequence[Row]:
        """The rows of one record in the target layout; they were read back once before they are staged."""
        rows, record = carried(order, self._committer.store.limits, found)
        copy.records += record is not None
        return rows

    async def _put(self, order: Order, writes: tuple[Write, ...]) -> None:
        def draw(anchor: Anchor) -> Draft:
            still_wanted(anchor, order)
            return Draft(writes=writes)

        if not writes:
            return
        try:
            await self._committer.commit(draw)
        except StoreRefused as refusal:
            if len(writes) == 1:
                raise Stopped(_record_of(order.target, writes[0]), "StoreRefusedRecord", str(refusal)) from refusal
            # Somebody will be told to mend this record: it must be the one that is refused, not its neighbour.
            await self._put(order, writes[: len(writes) // 2])
            await self._put(order, writes[len(writes) // 2 :])

    # --- verification -------------------------------------------------------------------------------------------------

    async def _verify(self, order: Order, copy: _Copy, progress: Progress) -> None:
        """The staged rows are those that were encoded, byte for byte: what these are read as was seen before."""
        progress.phase = "Verifying"
        staged = RowDigest()
        async with self._committer.store.snapshot() as snapshot:
            async for page in snapshot.scan(copy.root):
                staged.add(page)
                copy.seals.add(page)
                await asyncio.sleep(0)
            if staged == copy.staged:
                return
            async for records in read_records(snapshot, Place(order.target, copy.root, order.target_cipher)):
                for found in records:
                    if isinstance(found, Unread):
                        raise Stopped(found.name, "StagedRecordUnreadable", found.reason)
        message = f"staged {copy.staged.count} rows, read back {staged.count}; the digests differ"
        raise Stopped("", "DigestMismatch", message)

    async def _unchanged(self, order: Order, copy: _Copy) -> None:
        """Whoever holds the epoch has not written there since; what a stranger put would be left behind in silence."""
        now = RowDigest()
        async with self._committer.store.snapshot() as snapshot:
            async for page in snapshot.scan(order.source.root):
                now.add(page)
                await asyncio.sleep(0)
            if now == copy.source:
                return
            async for records in read_records(snapshot, order.source):
                for found in records:
                    if isinstance(found, Unread):
                        raise Stopped(found.name, "UndecodableRecord", found.reason)
        message = f"{copy.source.count} rows lay below {order.source.root} when it was read, now others do: {now.count}"
        raise Stopped("", "SourceChanged", message)

    async def _flip(self, order: Order, attempt: Attempt, copy: _Copy) -> Flipped:
        draw = flip(order, attempt, copy.seals.labels)
        try:
            # Where the store can tell, nobody gets in between that second look and this commit either.
            anchor = await self._committer.commit(lambda anchor: replace(draw(anchor), unchanged=copy.read_at))
        except RootChanged as changed:
            raise Stopped("", "SourceChanged", str(changed)) from changed
        return Flipped(anchor, order.source.root, copy.records)


def _record_of(layout: Layout, write: Write) -> str:
    """The name of the record that a staged row belongs to."""
    assert isinstance(write, PutRow)
    located = layout.locate(write.row.key)
    return write.row.key if located is None else f"{located[0].value}/{located[1]}"
