"""The online runner: one attempt to move every record to another layout while requests are served.

Records are copied from memory, slice by slice, as items of the one writer, and what is written meanwhile goes to both
roots (bbs.migration.mirror). Then the copy and the live root are read back and compared with memory; what was written
during a look is looked at again. The last few are compared, and the flip is made, while the writer stands still: the
only moment that a request can notice. Until then the old root is whole. Source: docs/reference/migration.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from bbs.interchange.digest import records_equal
from bbs.master.clock import Clock
from bbs.master.committer import Committer
from bbs.master.encoder import Encoder
from bbs.master.memory import Memory
from bbs.master.pipeline import ContentRefused, Pipeline
from bbs.migration.attempt import (
    Attempt,
    Failed,
    Flipped,
    Order,
    Stopped,
    Withdrawn,
    begin,
    begun,
    carried,
    fail,
    flip,
    still_wanted,
)
from bbs.migration.cleanup import drop_root
from bbs.migration.mirror import Mirror, Name, fingerprint
from bbs.migration.progress import Progress
from bbs.migration.reading import Place, Unread, read_records
from bbs.migration.throttle import Throttle
from bbs.models.records import Record
from bbs.stores.contract import Snapshot

_RECORDS = 50
"""Of one slice: what a request may have to wait behind."""
_BYTES = 256 * 1024
"""Of one slice, unless one record alone is larger."""
_PLACED = 500
"""Records of memory that are replaced between two turns of the loop."""
_FEW = 100
"""So many are compared while the writer stands still."""
_LOOKS = 20
"""After so many the rest is compared while the writer stands still, however many they are."""


class OnlineRunner:
    """Runs attempts beside the pipeline that serves. `ending` set: the one under way ends as if it were withdrawn."""

    def __init__(
        self,
        committer: Committer,
        pipeline: Pipeline,
        memory: Memory,
        clock: Clock,
        throttle: Throttle,
        report: Callable[[Progress], None],
    ) -> None:
        """`report` is handed the progress object of each attempt at its start; it changes as the attempt goes on."""
        self._committer = committer
        self._pipeline = pipeline
        self._memory = memory
        self._clock = clock
        self._throttle = throttle
        self._report = report
        self.ending = False

    async def run(self, order: Order) -> Flipped | Failed:
        """One attempt. Raises Withdrawn, NotServing (no room), EpochLost, StoreError; a later attempt starts anew."""
        attempt = await begin(self._committer, order)
        progress = begun(order, attempt, self._clock)
        self._report(progress)
        if order.stale_root is not None:
            await drop_root(self._committer, order.stale_root, lambda anchor: still_wanted(anchor, order))
        work = _Work(self, order, attempt, progress)
        self._pipeline.mirror = work.mirror
        try:
            return await work.done()
        except Stopped as stopped:
            progress.phase = "Failed"
            await work.left()
            return await fail(self._committer, order, attempt, stopped)
        finally:
            await work.left()


class _Work:
    """What one attempt does between its first commit and its end."""

    def __init__(self, runner: OnlineRunner, order: Order, attempt: Attempt, progress: Progress) -> None:
        self._runner = runner
        self._order = order
        self._attempt = attempt
        self._progress = progress
        self._committer = runner._committer
        self._pipeline = runner._pipeline
        self._memory = runner._memory
        self._copied = Place(order.target, attempt.root, order.target_cipher)
        self._names: list[Name] = []
        carry = partial(carried, order, self._committer.store.limits)
        self.mirror = Mirror(carry, order.target, attempt.root)

    async def done(self) -> Flipped:
        self._readable()
        # What is under way by now goes to the live root alone: it has to be in memory when the names are taken.
        await self._pipeline.settled()
        self._names = list(self._memory.names())
        self.mirror.expect(self._names)
        await self._copy()
        self._progress.phase = "Verifying"
        unseen = await self._look_at_all()
        for _ in range(_LOOKS):
            unseen |= self.mirror.taken()
            if len(unseen) <= _FEW:
                break
            unseen = await self._look_again(unseen)
        async with self._pipeline.standstill():
            await self._look_again(unseen | self.mirror.taken())
            return await self._flip()

    async def left(self) -> None:
        """Nothing is written to the copy any more by the end of this."""
        if self._pipeline.mirror is self.mirror:
            self._pipeline.mirror = None
            await self._pipeline.settled()

    def _readable(self) -> None:
        for (kind, key), reason in self._memory.unreadable.items():
            raise Stopped(f"{kind.value}/{key}", "UndecodableRecord", reason)

    def _go_on(self) -> None:
        still_wanted(self._committer.anchor, self._order)
        if self._runner.ending:
            raise Withdrawn
        if self.mirror.broken is not None:
            raise self.mirror.broken

    async def _breathe(self, began: float) -> None:
        """As long again for whoever is served."""
        await self._runner._clock.sleep(self._runner._clock.steady() - began)

    # --- copying ------------------------------------------------------------------------------------------------------

    async def _copy(self) -> None:
        for names in self._slices():
            self._go_on()
            began = self._runner._clock.steady()
            await self._copied_together(names)
            self._progress.done += len(names)
            await self._runner._throttle.passed(len(names))
            await self._breathe(began)

    def _slices(self) -> Iterator[list[Name]]:
        names: list[Name] = []
        size = 0
        for name in self._names:
            entry = self._memory.get(*name)
            weight = 0 if entry is None else len(entry.data)
            if names and (len(names) >= self._runner._throttle.at_most(_RECORDS) or size + weight > _BYTES):
                yield names
                names, size = [], 0
            names.append(name)
            size += weight
        if names:
            yield names

    async def _copied_together(self, names: list[Name]) -> None:
        try:
            await self._pipeline.copy(partial(self.mirror.copy, names))
        except ContentRefused as refusal:
            if len(names) == 1:
                kind, key = names[0]
                raise Stopped(f"{kind.value}/{key}", "StoreRefusedRecord", str(refusal)) from refusal
            # Somebody will be told to mend this record: it must be the one that is refused, not its neighbour.
            await self._copied_together(names[: len(names) // 2])
            await self._copied_together(names[len(names) // 2 :])

    # --- looking at what was copied -----------------------------------------------------------------------------------

    async def _look_at_all(self) -> set[Name]:
        """Both roots as they are at one moment; gives what was written before it, or since, which is to be seen yet."""
        before = self.mirror.taken()
        await self._pipeline.settled()
        async with self._committer.store.snapshot() as snapshot:
            copied = await self._each(snapshot, self._copied, "StagedRecordUnreadable", before, self._same_as_written)
            self._nothing_missing(copied, before)
            live = await self._each(snapshot, self._order.source, "UndecodableRecord", before, self._same_as_served)
            for kind, key in set(self._memory.names()) - live - before - self.mirror.written:
                raise Stopped(f"{kind.value}/{key}", "SourceChanged", "it is served and its rows are gone")
        return before

    def _nothing_missing(self, copied: set[Name], before: set[Name]) -> None:
        """Each record was staged, and is there unless the copy has no row for it."""
        expected = self.mirror.fingerprints
        for kind, key in set(self._memory.names()) - before - self.mirror.written:
            if (kind, key) not in expected:
                raise Stopped(f"{kind.value}/{key}", "DigestMismatch", "it was never staged")
            if expected[kind, key] is not None and (kind, key) not in copied:
                raise Stopped(f"{kind.value}/{key}", "DigestMismatch", "it was staged and is not there")

    async def _each(
        self, snapshot: Snapshot, place: Place, unread: str, before: set[Name], check: Callable[[Record], None]
    ) -> set[Name]:
        """Check every record of a root that was not written before or since; gives the names of all."""
        seen: set[Name] = set()
        began = self._runner._clock.steady()
        async for page in read_records(snapshot, place, at_once=_RECORDS):
            self._go_on()
            for found in page:
                if isinstance(found, Unread):
                    raise Stopped(found.name, unread, found.reason)
                name = (found.kind, found.key)
                seen.add(name)
                if name not in before and name not in self.mirror.written:
                    check(found)
            await self._breathe(began)
            began = self._runner._clock.steady()
        return seen

    def _same_as_written(self, found: Record) -> None:
        if self.mirror.fingerprints.get((found.kind, found.key)) != fingerprint(found):
            raise _mismatch(found.kind.value, found.key)

    def _same_as_served(self, found: Record) -> None:
        entry = self._memory.get(found.kind, found.key)
        served = None if entry is None else Record(found.kind, found.key, entry.data, entry.deadline)
        if served is None or not records_equal(served, found):
            message = "its rows in the store are not what is served: somebody else writes there"
            raise Stopped(f"{found.kind.value}/{found.key}", "SourceChanged", message)

    async def _look_again(self, names: set[Name]) -> set[Name]:
        """The copies of what was written, compared with memory; gives what was written once more meanwhile."""
        await self._pipeline.settled()
        some = sorted(names)
        async with self._committer.store.snapshot() as snapshot:
            for start in range(0, len(some), _RECORDS):
                self._go_on()
                await self._compare(snapshot, some[start : start + _RECORDS])
        return self.mirror.taken()

    async def _compare(self, snapshot: Snapshot, names: Sequence[Name]) -> None:
        layout, cipher = self._copied.layout, self._copied.cipher
        keys = {name: layout.row_keys(*name) for name in names}
        present = await snapshot.rows(self._copied.root, [key for each in keys.values() for key in each])
        rows = {row.key: row for row in present}
        for name in names:
            if name in self.mirror.written:
                continue
            found = [rows[key] for key in keys[name] if key in rows]
            entry = self._memory.get(*name)
            wanted = self.mirror.note(name, None if entry is None else Record(*name, entry.data, entry.deadline)).record
            read = layout.decode(*name, found, cipher) if found else None
            if read != wanted:
                raise _mismatch(name[0].value, name[1])

    # --- the end ------------------------------------------------------------------------------------------------------

    async def _flip(self) -> Flipped:
        self._go_on()
        order = self._order
        anchor = await self._committer.commit(flip(order, self._attempt, self.mirror.seals.labels))
        self._pipeline.encoder = Encoder(
            order.target, self._attempt.root, order.target_cipher, self._committer.store.limits
        )
        self._pipeline.mirror = None
        # What a reload would give: the writer stands still until memory is that.
        for number, (name, record) in enumerate(self.mirror.differs.items()):
            self._memory.place(*name, None if record is None else self._memory.indexed(record))
            if number % _PLACED == 0:
                await asyncio.sleep(0)
        return Flipped(anchor, order.source.root, len(self._names))


def _mismatch(kind: str, key: str) -> Stopped:
    return Stopped(f"{kind}/{key}", "DigestMismatch", "what was read back is not what was staged")
