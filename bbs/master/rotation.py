"""Rotation: every record sealed anew with the active key, while requests are served.

The store itself says what is left to do: a pass looks at the label of each stored row, and rewrites what bears another
than the active one, through the pipeline like any change. So a rotation that was interrupted goes on with what is left.
The label record is away all the while and comes back as the last commit. Source: docs/reference/rotation.md.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from bbs.layouts.contract import Row, Undecodable
from bbs.layouts.registry import leaves_encryption
from bbs.master.clock import Clock
from bbs.master.committer import Committer, Draft
from bbs.master.journal import Journal
from bbs.master.parts import Keys
from bbs.master.pipeline import Pipeline
from bbs.master.serving import NotServing
from bbs.migration.reading import Place
from bbs.migration.throttle import Throttle
from bbs.models.account import REWRITTEN
from bbs.models.records import Kind, Record, put
from bbs.models.state import Context, Outcome, Transition, View
from bbs.stores.anchor import Anchor
from bbs.stores.contract import Snapshot, Store, StoreError

_BATCH = 50
"""Records of one batch: what a request may have to wait behind."""
_ROWS_A_TURN = 200
"""Rows that are looked at before requests get their turn."""
_AGAIN_S = 30.0
"""After a pass that left something over: a record that can't be read may have been mended, a full store emptied."""
_Name = tuple[Kind, str]


@dataclass(slots=True)
class Labels:
    """What a look at the store found. `counts`: records by label, "" for what is not encrypted."""

    counts: Counter[str] = field(default_factory=Counter)
    stale: dict[_Name, frozenset[str]] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)


async def look(snapshot: Snapshot, place: Place, active: str) -> Labels:
    """Which keys the records of a root are sealed with; stale is what bears another label than `active`."""
    found, parts = Labels(), dict[_Name, set[str]]()
    async for page in snapshot.scan(place.root):
        for number, row in enumerate(page, 1):
            _note(found, parts, place, row, active)
            if number % _ROWS_A_TURN == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(0)
    for name, labels in parts.items():
        _count(found, name, labels, active)
    return found


def _note(found: Labels, parts: dict[_Name, set[str]], place: Place, row: Row, active: str) -> None:
    name = place.layout.locate(row.key)
    try:
        labels = place.layout.sealed_with(row)
    except Undecodable:
        name = None
    if name is None:
        found.unreadable.append(row.key)
    elif len(place.layout.row_keys(*name)) > 1:
        parts.setdefault(name, set()).update(labels)
    else:
        _count(found, name, labels, active)


def _count(found: Labels, name: _Name, labels: set[str] | frozenset[str], active: str) -> None:
    found.counts.update(labels)
    if labels - {active}:
        found.stale[name] = frozenset(labels)


class Overtaken(Exception):
    """Another key was activated meanwhile, or records are on their way to another root."""


def _overtaken(anchor: Anchor, active: str) -> bool:
    return anchor.active_key != active or anchor.migrating


def sealed_with_one(active: str) -> Callable[[Anchor], Draft]:
    """The last commit of a rotation: from now on all records are known to use that key."""

    def draw(anchor: Anchor) -> Draft:
        if _overtaken(anchor, active):
            raise Overtaken
        return Draft(members={"key_label": active, "keys_in_use": (active,)})

    return draw


def activated(name: str) -> Callable[[Anchor], Draft]:
    """The first commit of a rotation: records use several keys from now on, so no label is true of all."""

    def draw(anchor: Anchor) -> Draft:
        used = {*anchor.keys_in_use, anchor.active_key, anchor.key_label or "", name} - {""}
        return Draft(members={"active_key": name, "key_label": None, "keys_in_use": tuple(sorted(used))})

    return draw


class Rotation:
    """The rotations of one reign, one after the other. `counts` is what was last seen, less what was rewritten since:
    for every key but the active one never too low, so that a key at 0 is not needed any more. `duration`: seconds that
    the last rotation took."""

    def __init__(
        self,
        store: Store,
        committer: Committer,
        pipeline: Pipeline,
        place: Callable[[], Place],
        keys: Keys,
        clock: Clock,
        throttle: Throttle,
        pace: Callable[[Anchor], int | None],
        journal: Journal,
    ) -> None:
        """`pace`: how many records a second, asked of the anchor before each batch."""
        self._store = store
        self._committer = committer
        self._pipeline = pipeline
        self._place = place
        self._keys = keys
        self._clock = clock
        self._throttle = throttle
        self._pace = pace
        self._journal = journal
        self._stirred = asyncio.Event()
        self._activations = 0
        self._counts: Counter[str] | None = None
        self._counted: str | None = None
        self.duration = 0.0

    @property
    def counts(self) -> Counter[str] | None:
        """Records by label; None until somebody looked at what is live now."""
        return self._counts if self._counted == self._place().root else None

    def stir(self) -> None:
        """Another key was activated: what was written with the last one since the last look is not counted."""
        self._counts = None
        self._activations += 1
        self._stirred.set()

    async def run(self) -> None:
        """Rotate whenever there is something to rotate; for ever. Raises EpochLost."""
        while True:
            self._stirred.clear()
            try:
                done = await self._rotated()
            except (StoreError, NotServing) as error:
                self._journal("rotation-interrupted", message=str(error))
                done = False
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), None if done else _AGAIN_S)

    async def _rotated(self) -> bool:
        """One pass; whether nothing is left to do."""
        if self._keys.active_label() is None or leaves_encryption(self._place().layout):
            return True
        anchor = self._committer.anchor
        if not anchor.active_key:
            # A keyring was configured for a store that had none: what is written has been sealed with its key since.
            anchor = await self._committer.commit(activated(self._keys.active_label() or ""))
        active = anchor.active_key
        if anchor.key_label == active:
            return True
        if anchor.migrating:
            # The copy under way is sealed with the active key; what is left is looked at when it is live or given up.
            return False
        began = self._clock.steady()
        labels = await self._look(active)
        if labels.stale:
            self._journal("rotation-started", key=active, stale=len(labels.stale))
            await self._rewrite(labels, active)
            labels = await self._look(active)
        if labels.stale or labels.unreadable:
            left = [f"{kind.value}/{key}" for kind, key in labels.stale] + labels.unreadable
            self._journal("rotation-incomplete", key=active, left=len(left), first=left[0])
            return False
        try:
            await self._committer.commit(sealed_with_one(active))
        except Overtaken:
            return False
        self.duration = self._clock.steady() - began
        self._journal("rotation-finished", key=active, records=labels.counts.total())
        return True

    async def _look(self, active: str) -> Labels:
        """What is in the store, once everything is there that was sealed before that key was active."""
        activations = self._activations
        await self._pipeline.settled()
        place = self._place()
        async with self._store.snapshot() as snapshot:
            labels = await look(snapshot, place, active)
        if activations == self._activations:  # else it does not count what was written up to the activation
            self._counts, self._counted = labels.counts, place.root
        return labels

    async def _rewrite(self, labels: Labels, active: str) -> None:
        left = list(reversed(labels.stale))
        while left and not _overtaken(self._committer.anchor, active):
            batch = self._some(left)
            self._throttle.per_second = self._pace(self._committer.anchor)
            await self._throttle.passed(len(batch))
            began = self._clock.steady()
            for name in await self._sealed(batch):
                labels.counts.subtract(labels.stale[name])
                labels.counts[active] += 1
            # Half as long again for whoever else wants something of the store.
            await self._clock.sleep((self._clock.steady() - began) / 2)

    def _some(self, left: list[_Name]) -> list[_Name]:
        """Takes off the end what one commit surely carries: anything larger would become an intent."""
        limits, rows, size = self._committer.store.limits, 0, 0
        batch: list[_Name] = []
        while left and len(batch) < _BATCH:
            rows += len(self._place().layout.row_keys(*left[-1]))
            size += self._pipeline.size_of(*left[-1])
            if batch and (rows > min(_BATCH, limits.operations) or size > limits.payload_bytes // 4):
                break
            batch.append(left.pop())
        return batch

    async def _sealed(self, batch: Sequence[_Name]) -> Sequence[_Name]:
        """Those that were written: all in one, or each for itself when one of them can't be. What is left over is found
        again by the look that follows."""
        try:
            await self._pipeline.submit(sealed_anew(batch))
        except NotServing:
            raise
        except Exception:  # of one record, whichever: its neighbours are not affected
            if len(batch) == 1:
                return ()
            return [name for one in batch for name in await self._sealed((one,))]
        return batch


def sealed_anew(names: Sequence[_Name]) -> Transition:
    """The records as they then are; whatever was removed meanwhile stays away. No event tells of them."""

    def transition(view: View, _: Context) -> Outcome:
        entries = (view.get(kind, key) for kind, key in names)
        rewritten = tuple(put(Record(e.kind, e.key, e.data, e.deadline)) for e in entries if e is not None)
        return Outcome(b"", rewritten, account=REWRITTEN) if rewritten else Outcome(b"")

    return transition
