"""The contract that every store keeps: a durable, fenced place for the last value of each row.

Who calls has decided already; a store only compares and writes. All comparisons are exact and all writes of one call
are one transaction. Two kinds of failure exist and are never mixed up: a *definite* answer (an outcome or Refused) and
an *unknown* one (StoreUnavailable: the call may still take effect later). Source: docs/reference/fence.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from bbs.layouts.contract import Row
from bbs.stores.anchor import Anchor, Epoch

# --- failures ---------------------------------------------------------------------------------------------------------


class StoreError(Exception):
    """Base of all failures of a store; the text says what was seen and what to do, and holds no secret."""


class StoreUnavailable(StoreError):
    """The outcome is unknown: time-out, cut connection, server away. The call may have been applied, or may yet be."""


class StoreRefused(StoreError):
    """The engine refuses this content, whatever the time: it depends on batch and state alone. Nothing was written."""


class StoreFull(StoreError):
    """No space, quota reached or read-only server. Nothing came of this call, and nobody is the offender."""


class RootChanged(StoreError):
    """Somebody else wrote below the root that the commit says is unchanged. Nothing was written by this sending; an
    earlier one of the same commit without an answer is settled by whatever the fence lets through next."""


class StoreMisconfigured(StoreError):
    """Wrong server, version, credentials or path: said at once, at the first connection."""


# --- values -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Liveness:
    """Who holds the store and still breathes. `holder` is used once: member, process life, claim attempt.

    `ttl` in seconds: how long a watcher must see this same value before it may claim. `released`: claim at once.
    """

    epoch: Epoch
    holder: str
    url: str
    counter: int
    ttl: float
    released: bool = False


class PutRow(NamedTuple):
    """Write one row of a root."""

    root: str
    row: Row


class DeleteRow(NamedTuple):
    """Remove one row of a root; absent is fine."""

    root: str
    key: str


class DeleteRange(NamedTuple):
    """Remove all rows of a root with first <= key <= last. Counts as one operation."""

    root: str
    first: str
    last: str


class DropRoot(NamedTuple):
    """Remove what is left of a root (its table where the engine has one); its rows were deleted before.

    The anchor on which the commit was decided must name the root in `dropping`: not every engine can make this a part
    of the commit, so that it may happen although the commit does not, or late.
    """

    root: str


class DeleteIntent(NamedTuple):
    """Remove the chunks of an intent."""

    name: str


Write = PutRow | DeleteRow | DeleteRange | DropRoot | DeleteIntent


class Unchanged(NamedTuple):
    """A condition: nothing below `root` was written after the store's revision `since` (what was deleted isn't seen).

    Only for a store whose snapshots have a revision.
    """

    root: str
    since: int


@dataclass(frozen=True, slots=True)
class Commit:
    """One durable change: from `expected` (compared by its fence) to `anchor` (seq + 1), with its writes.

    `unchanged` must hold too (RootChanged otherwise): it sees those who do not know the fence.
    `touched` replaces the record of recently touched keys when given. The store keeps the version record and the label
    record equal to `anchor` in the same transaction.
    """

    expected: Anchor
    anchor: Anchor
    writes: tuple[Write, ...] = ()
    touched: bytes | None = None
    unchanged: Unchanged | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Take the store: compares the anchor (None: absent) AND the liveness value that was watched, replaces both."""

    expected_anchor: Anchor | None
    expected_liveness: Liveness | None
    anchor: Anchor
    liveness: Liveness


# --- outcomes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Applied:
    """The commit stands; also the answer to a repetition of the same commit."""


@dataclass(frozen=True, slots=True)
class AppliedAndDeposed:
    """The commit stands, but a later epoch holds the store."""

    seen: Anchor


@dataclass(frozen=True, slots=True)
class Conflict:
    """The fence was another one. The epoch is lost; whether an earlier sending was applied stays unknown."""

    seen: Anchor | None


CommitOutcome = Applied | AppliedAndDeposed | Conflict


@dataclass(frozen=True, slots=True)
class Claimed:
    """The store is ours from this epoch on."""


@dataclass(frozen=True, slots=True)
class NotClaimed:
    """Something moved since it was watched; watch anew."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """`repeated`: the value stood already (own epoch and holder, counter + 1): count from the FIRST attempt's start."""

    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Deposed:
    """Another epoch or holder, or a release, stands in the liveness record."""

    seen: Liveness | None


@dataclass(frozen=True, slots=True)
class Survey:
    """What lies in a store beside the anchor, read without changing anything.

    `roots`: every root with at least one row or a table of its own, natural ones (`v1`) included. `foreign`: keys or
    tables of layouts that this store's engine holds but no root names (upstream relational tables).
    """

    roots: frozenset[str]
    version_record: bytes | None
    key_label: bytes | None
    foreign: tuple[str, ...] = ()


class Limits(NamedTuple):
    """How much one commit may carry; more than that in ONE transition becomes a durable intent.

    `row_bytes`: the value of one row, which nothing can cut. One that is above `payload_bytes` goes alone.
    """

    operations: int
    payload_bytes: int
    key_bytes: int
    row_bytes: int


class Space(NamedTuple):
    """Bytes in use and the server's quota (0: not told, etcd before 3.6), and whether it ran out (NOSPACE alarm)."""

    used: int
    quota: int
    full: bool

    def has_room_for(self, more: int) -> bool:
        """Whether that many bytes more are sure to be taken; an unknown quota is no obstacle."""
        return not self.full and (not self.quota or self.used + more <= self.quota)


# --- the contract -----------------------------------------------------------------------------------------------------


class Snapshot(Protocol):
    """One consistent state of the store; everything read through it is of one moment. Raises StoreUnavailable."""

    @property
    def revision(self) -> int | None:
        """The store's own number of that moment, for `Unchanged`; None in an engine that has none."""

    async def anchor(self) -> Anchor | None:
        """The anchor at that moment. Raises MalformedAnchor."""

    async def liveness(self) -> Liveness | None:
        """The liveness value at that moment."""

    async def survey(self) -> Survey:
        """What else lies there."""

    def scan(self, root: str) -> AsyncIterator[list[Row]]:
        """All rows of a root in key order, in pages of bounded size."""

    async def rows(self, root: str, keys: Sequence[str]) -> list[Row]:
        """Those of the named rows that exist."""

    async def chunks(self, intent: str) -> list[bytes]:
        """The chunks of an intent in order."""

    async def intents(self) -> frozenset[str]:
        """The names of all intents with chunks."""

    async def touched(self) -> bytes | None:
        """The record of recently touched keys."""


class Store(Protocol):
    """A store as the BBS uses it. Every method has a time limit of its own and raises StoreError kinds only.

    `holds_by_lock`: liveness is a lock of the operating system (SQLite): a dead holder is seen at once as released, a
    paused one blocks and is never stolen from.
    """

    engine: str
    limits: Limits
    holds_by_lock: bool

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """A linearizable read of one moment: it sees every commit acknowledged before it began."""

    async def read_liveness(self) -> Liveness | None:
        """A linearizable read of the liveness value. A SQLite holder that died reads as released."""

    async def claim(self, claim: Claim) -> Claimed | NotClaimed:
        """Compare and replace anchor and liveness; None expected = absent."""

    async def renew(self, epoch: Epoch, holder: str, counter: int) -> Renewed | Deposed:
        """Raise the counter from `counter` to `counter + 1`; compares (epoch, holder, counter, not released)."""

    async def release(self, epoch: Epoch, holder: str) -> Renewed | Deposed:
        """Mark the liveness value released; compares (epoch, holder). Repeating it is fine."""

    async def commit(self, commit: Commit) -> CommitOutcome:
        """Compare the fence and write all, or nothing.

        Raises StoreRefused, RootChanged, StoreFull, StoreUnavailable.
        """

    async def put_chunk(self, intent: str, index: int, chunk: bytes) -> None:
        """Write one chunk of an intent, unfenced, under a name that is used once."""

    async def close(self) -> None:
        """Give connections and locks back; later calls raise StoreUnavailable."""


@runtime_checkable
class Returnable(Protocol):
    """A store that a Go BBS can take: it may lie under upstream's own names, without a table of ours."""

    async def give_upstream_names(self, root: str) -> None:
        """The tables of a copy get upstream's own names. Safe to repeat."""

    async def forget(self) -> None:
        """Takes away every table of ours. Raises StoreRefused unless the store was handed back."""


@runtime_checkable
class SpaceLimited(Protocol):
    """A store that keeps a history of every write, and takes none any more once a quota is used up."""

    async def space(self) -> Space:
        """How full it is."""

    async def forget_history(self) -> None:
        """Drop the history up to the last call; a snapshot younger than that stays readable."""
