"""The follower: a standby's memory, kept warm by the stream and trusted only by digest.

Memory plus at most one pending batch. A batch that follows confirms the pending one if its previous digest is
H(memory, pending); it replaces the pending one if its previous digest is memory's own (that batch was refused).
Anything else, a gap above all, and the follower must join anew. Source: docs/reference/pipeline.md.
"""

from __future__ import annotations

from bbs.master.chain import decode_changes, link
from bbs.master.committer import Batch
from bbs.master.memory import Memory
from bbs.stores.anchor import Anchor, Fence


class Follower:
    """Cold until it has joined; cold again whenever the chain does not fit."""

    def __init__(self) -> None:
        self._memory: Memory | None = None
        self._pending: Batch | None = None
        self._early: list[Batch] | None = None
        self.dropped = 0

    @property
    def memory(self) -> Memory | None:
        """The memory to take over with; None while cold."""
        return self._memory

    def joining(self) -> None:
        """A stream was opened: keep what comes until it is known where it starts."""
        self._early = []

    def resumed(self, anchor: Anchor) -> bool:
        """Go on with the memory there is, if it is what the anchor says; otherwise it is dropped and must be loaded."""
        memory = self.take_over(anchor)
        return memory is not None and self.joined(memory)

    def joined(self, memory: Memory) -> bool:
        """`memory` is of ONE moment, at memory.fence: drop what it holds already, follow the rest."""
        self._memory, self._pending = memory, None
        early, self._early = self._early or [], None
        fresh = [batch for batch in early if batch.seq > memory.fence.seq]
        self.dropped += len(early) - len(fresh)
        return all(self.receive(batch) for batch in fresh)

    def receive(self, batch: Batch) -> bool:
        """Take in the next batch; False when it does not fit and the follower went cold."""
        if self._early is not None:
            self._early.append(batch)
            return True
        if self._memory is None:
            return False
        if self._pending is not None and batch.previous_digest == _after(self._memory, self._pending):
            self._confirm(self._pending)
        if batch.reload or batch.previous_digest != self._memory.digest:
            self._memory, self._pending = None, None
            return False
        self._pending = batch
        return True

    def take_over(self, anchor: Anchor) -> Memory | None:
        """Give the memory away if it equals the anchor that a claim replaced; None: load. Cold afterwards.

        Records that could not be read are read anew: the key that they wanted may have come since.
        """
        memory, pending = self._memory, self._pending
        self._memory, self._pending = None, None
        if memory is None or memory.unreadable:
            return None
        if memory.digest != anchor.digest and pending is not None and _after(memory, pending) == anchor.digest:
            self._apply(memory, pending)
        if memory.digest != anchor.digest:
            return None
        memory.fence = anchor.fence
        return memory

    def _confirm(self, batch: Batch) -> None:
        assert self._memory is not None
        self._apply(self._memory, batch)
        self._pending = None

    @staticmethod
    def _apply(memory: Memory, batch: Batch) -> None:
        digest = _after(memory, batch)
        memory.apply(decode_changes(batch.changes))
        memory.fence = Fence(batch.epoch, batch.seq)
        memory.digest = digest


def _after(memory: Memory, batch: Batch) -> str:
    return link(memory.digest, batch.batch_id, batch.changes)
