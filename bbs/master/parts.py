"""What a member is made of: everything it needs from outside, wired once per process (bbs.master.process)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from bbs.layouts.contract import Cipher, Layout
from bbs.master.clock import Clock
from bbs.master.committer import Batch
from bbs.master.figures import Figures
from bbs.master.journal import Journal, silent
from bbs.master.lease import Lease, LockTimes
from bbs.master.pipeline import Tell, unheard
from bbs.migration.decide import Abilities, Identity
from bbs.migration.move import Landing
from bbs.models.state import Context, Effect, Indexer, Transition, View, Watcher
from bbs.stores.anchor import Converger, Epoch
from bbs.stores.contract import Store


class Keys(Protocol):
    """The keyring as a member uses it."""

    def cipher(self, layout: Layout) -> Cipher:
        """The cipher for records of that layout, sealing with the active key."""

    def active_label(self) -> str | None:
        """The label that new records are sealed with; None without a keyring."""

    def loaded(self) -> frozenset[str]:
        """All labels that are loaded."""

    def activate(self, label: str) -> None:
        """Seal with that key from now on."""


class RunningRenewal(Protocol):
    """A renewal under way on a loop of its own."""

    async def lost(self) -> None:
        """Return when the epoch is known to be lost."""

    async def stop(self) -> None:
        """Stop renewing; returns when no renewal is under way any more."""

    def attend(self) -> None:
        """The watchdog's food: the member's own loop still turns."""


class RenewalHost(Protocol):
    """Starts renewals where a busy event loop can't delay them."""

    def start(self, lease: Lease, epoch: Epoch, holder: str) -> RunningRenewal:
        """Renew until lost or stopped."""


class StreamSource(Protocol):
    """Opens the stream of the master at a url."""

    def open(self, url: str) -> AbstractAsyncContextManager[AsyncIterator[Batch]]:
        """Subscribed once entered: every batch from then on. Raises StreamError when it can't be followed."""


@dataclass(frozen=True, slots=True)
class Reign:
    """What duties see of a serving master: a way to change records, memory to look at, and whether it still may act.

    `watch` has a watcher told of each confirmed change. `converger` is who held the external turn when it began.
    `first`: the store was empty and nobody's when the reign began.
    """

    submit: Callable[[Transition], Awaitable[bytes]]
    memory: View
    lease: Lease
    serving_since: int
    watch: Callable[[Watcher], None]
    converger: Converger | None = None
    first: bool = False


Duty = Callable[[Reign], Awaitable[None]]
"""Something that a master does of its own while it serves (convergence); cancelled when serving ends."""


@dataclass(frozen=True, slots=True)
class Settings:
    """A member's own settings. `life`: this life of the process, so that a supervisor knows whose epoch ended."""

    member: str
    life: str
    url: str
    uid: str
    owner: str
    version: str
    build: str
    store_type: str
    keep_old_roots: bool = False
    max_records_per_second: int | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """The second store of a member whose records are to move there; its parts that differ from the first one's."""

    store: Store
    renewals: RenewalHost
    engine: str
    abilities: Callable[[], Abilities]


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything from outside. `loaded` is called when all records have come into memory. `destination`: where records
    are to move from `store`; `landing`: of a member that came to `store` by such a move.
    """

    settings: Settings
    store: Store
    clock: Clock
    times: LockTimes
    layouts: Mapping[int, Layout]
    keys: Keys
    index: Indexer
    abilities: Callable[[], Abilities]
    identity: Callable[[], Identity]
    adopted: Callable[[str], None]
    renewals: RenewalHost
    streams: StreamSource
    new_id: Callable[[], str]
    context: Callable[[int], Context]
    follow_up: Callable[[Sequence[Effect], Lease], None] = lambda _, __: None
    tell: Tell = unheard
    duties: tuple[Duty, ...] = ()
    journal: Journal = silent
    loaded: Callable[[], None] = lambda: None
    notes: Callable[[], Mapping[str, object]] = field(default=dict)
    figures: Figures = field(default_factory=Figures)
    destination: Destination | None = None
    landing: Landing | None = None
    upstream_lock: Callable[[], AbstractAsyncContextManager[str | None]] = nullcontext
    """Keeps Go BBSes away while it is entered; gives the reason when it does not."""
