"""The renewal: tells every watcher, again and again, that the holder of this epoch is alive.

A coroutine over (store, clock). In production it runs on a loop of its own in a thread of its own, with a connection
of its own: an event loop that is busy with a load must not lose the lock. But a loop that is stalled for longer than
the lease has nobody who could notice the loss, so the watchdog then stops renewing. Source: docs/reference/fence.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bbs.master.clock import Clock
from bbs.master.journal import Journal, silent
from bbs.master.lease import Lease, LockTimes
from bbs.stores.anchor import Epoch
from bbs.stores.contract import Deposed, Renewed, StoreError


class LivenessWriter(Protocol):
    """The one call of a store that a renewal needs."""

    async def renew(self, epoch: Epoch, holder: str, counter: int) -> Renewed | Deposed:
        """See bbs.stores.contract.Store.renew."""


class Renewal:
    """Keeps one epoch's liveness value moving, and the lease with it."""

    def __init__(
        self,
        store: LivenessWriter,
        clock: Clock,
        lease: Lease,
        times: LockTimes,
        epoch: Epoch,
        holder: str,
        attended: Callable[[], bool] = lambda: True,
        journal: Journal = silent,
    ) -> None:
        """`attended`: the watchdog's word that somebody would notice the loss of this epoch."""
        self._store = store
        self._clock = clock
        self._lease = lease
        self._times = times
        self._epoch = epoch
        self._holder = holder
        self._attended = attended
        self._counter = 0
        self._first_sent: float | None = None
        self._journal = journal

    async def run(self) -> Deposed:
        """Renew until another epoch, another holder or a release stands there; the lease is ended then."""
        while True:
            await self._clock.sleep(self._times.renew)
            if not self._attended():
                continue
            lost = await self._renew()
            if lost is not None:
                self._lease.end()
                return lost

    async def _renew(self) -> Deposed | None:
        sent = self._clock.steady()
        if self._first_sent is None:
            self._first_sent = sent
        try:
            outcome = await self._store.renew(self._epoch, self._holder, self._counter)
        except StoreError:
            # Unknown: it may have been applied, at any time since it was first sent. The same counter goes out again.
            return None
        match outcome:
            case Deposed():
                return outcome
            case Renewed(repeated=repeated):
                # Found already applied: all that is known is that it happened after the FIRST sending.
                lapsed = not self._lease.holds()
                self._lease.renewed(self._first_sent if repeated else sent)
                if lapsed and self._lease.holds():
                    self._journal("renewed-late", epoch=self._epoch)
                self._counter += 1
                self._first_sent = None
        return None
