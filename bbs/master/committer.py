"""The committer: the one way in which a holder changes its store.

One commit at a time, each comparing exactly the fence that the one before it left. An unknown outcome is never
guessed and never concluded from a read: the same commit, with the same batch id, goes out again until the store says
applied or conflict, or the epoch is given up. Source: docs/reference/fence.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bbs.master.chain import link
from bbs.master.clock import Clock
from bbs.master.figures import Figures
from bbs.master.journal import Journal, silent
from bbs.master.lease import Lease
from bbs.stores.anchor import Anchor
from bbs.stores.contract import (
    Applied,
    AppliedAndDeposed,
    Commit,
    CommitOutcome,
    Conflict,
    Store,
    StoreFull,
    StoreUnavailable,
    Unchanged,
    Write,
)

_PAUSE = 0.05


class EpochLost(Exception):
    """Another holder has the store. `applied`: what is known of the last commit; None = its outcome stays unknown."""

    def __init__(self, applied: bool | None, seen: Anchor | None) -> None:
        super().__init__("the epoch is lost")
        self.applied = applied
        self.seen = seen


@dataclass(frozen=True, slots=True)
class Draft:
    """A commit before it has its place in the chain: writes, encoded record changes, and anchor members to replace.

    `reload`: memory of whoever follows is not what it was (the live root moved): they load anew. `unchanged`: nobody
    else may have written there since; else the commit fails by RootChanged, and whoever made it commits that it did.
    """

    writes: tuple[Write, ...] = ()
    changes: bytes = b""
    members: dict[str, Any] = field(default_factory=dict)
    reload: bool = False
    unchanged: Unchanged | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A commit as standbys hear of it: before or beside the store, never before the one ahead of it is confirmed."""

    epoch: int
    seq: int
    batch_id: str
    previous_digest: str
    changes: bytes
    reload: bool = False


class Committer:
    """Holds the anchor as this epoch last wrote it, and the line of those who want to change it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        lease: Lease,
        anchor: Anchor,
        new_id: Callable[[], str],
        announce: Callable[[Batch], None] = lambda _: None,
        journal: Journal = silent,
        figures: Figures | None = None,
    ) -> None:
        """`announce` is told of every batch as it is sent to the store."""
        self._figures = figures or Figures()
        self.store = store
        self.anchor = anchor
        self.new_id = new_id
        self._clock = clock
        self._lease = lease
        self._announce = announce
        self._journal = journal
        self._line = asyncio.Lock()

    @property
    def busy(self) -> bool:
        """Whether a commit is on its way."""
        return self._line.locked()

    async def commit(self, draw: Callable[[Anchor], Draft]) -> Anchor:
        """Draw a draft from the anchor as it then is, and make it durable. Returns the anchor that stands after it.

        Raises EpochLost, StoreRefused, RootChanged and StoreFull (nothing was written), and whatever `draw` raises.
        """
        async with self._line:
            return await self._commit(draw)

    @asynccontextmanager
    async def undivided(self) -> AsyncIterator[Callable[[Callable[[Anchor], Draft]], Awaitable[Anchor]]]:
        """Several commits that nobody else's comes between; gives the way to make them."""
        async with self._line:
            yield self._commit

    async def _commit(self, draw: Callable[[Anchor], Draft]) -> Anchor:
        draft = draw(self.anchor)
        commit = self._placed(draft)
        previous = self.anchor
        after = commit.anchor
        self._announce(Batch(after.epoch, after.seq, after.batch_id, previous.digest, draft.changes, draft.reload))
        await self._until_known(commit)
        self.anchor = after
        return after

    async def pause(self) -> None:
        """Wait a little before trying again."""
        await self._clock.sleep(_PAUSE)

    def _placed(self, draft: Draft) -> Commit:
        expected = self.anchor
        batch_id = self.new_id()
        anchor = expected.change(
            seq=expected.seq + 1,
            batch_id=batch_id,
            digest=link(expected.digest, batch_id, draft.changes),
            **draft.members,
        )
        return Commit(expected, anchor, draft.writes, unchanged=draft.unchanged)

    async def _until_known(self, commit: Commit) -> None:
        unknown = False
        while True:
            # Also when the renewal has learned already that the epoch is lost: the store is asked once more, so that
            # what became of the commit is known and logged if it can be.
            last = self._lease.ended
            try:
                outcome = await self._sent(commit)
            except StoreFull:
                # Nothing came of THIS sending; of an earlier one without an answer something still may.
                if not unknown:
                    raise
                if last:
                    raise EpochLost(None, None) from None
                await self.pause()
                continue
            except StoreUnavailable:
                # It may be applied, or still be on its way: only the same commit can find out.
                unknown = True
                if last:
                    raise EpochLost(None, None) from None
                await self.pause()
                continue
            match outcome:
                case Applied():
                    return
                case AppliedAndDeposed(seen=seen):
                    self._lost(commit, applied=True, seen=seen)
                case Conflict(seen=seen):
                    self._lost(commit, applied=None, seen=seen)

    async def _sent(self, commit: Commit) -> CommitOutcome:
        began, applied = self._clock.steady(), False
        self._figures.sent()
        try:
            outcome = await self.store.commit(commit)
            applied = isinstance(outcome, Applied | AppliedAndDeposed)
            return outcome
        finally:
            self._figures.ended(self._clock.steady() - began, applied=applied)

    def _lost(self, commit: Commit, applied: bool | None, seen: Anchor | None) -> None:
        self._lease.end()
        self._journal(
            "fenced",
            epoch=commit.anchor.epoch,
            seq=commit.anchor.seq,
            batch_id=commit.anchor.batch_id,
            applied=applied,
            seen_epoch=seen.epoch if seen else None,
            seen_seq=seen.seq if seen else None,
        )
        raise EpochLost(applied, seen)
