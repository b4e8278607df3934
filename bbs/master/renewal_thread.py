"""Renewals in threads: each on an event loop, and with a store client, of its own.

The member's loop may be busy with a load for seconds; its lock must not be lost for that. Two loops share one Lease,
whose reads and writes are single attribute accesses.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable

from bbs.master.clock import Clock
from bbs.master.journal import Journal
from bbs.master.lease import Lease, LockTimes
from bbs.master.renewal import Renewal
from bbs.stores.anchor import Epoch
from bbs.stores.contract import Store


class ThreadedRenewals:
    """Starts one thread per reign."""

    def __init__(self, open_store: Callable[[], Store], clock: Clock, times: LockTimes, journal: Journal) -> None:
        """`open_store` gives a client that only the calling thread will use."""
        self._open_store = open_store
        self._clock = clock
        self._times = times
        self._journal = journal

    def start(self, lease: Lease, epoch: Epoch, holder: str) -> ThreadedRenewal:
        """See RenewalHost."""
        return ThreadedRenewal(self._open_store, self._clock, self._times, self._journal, lease, epoch, holder)


class ThreadedRenewal:
    """One epoch's renewal in its thread."""

    def __init__(
        self,
        open_store: Callable[[], Store],
        clock: Clock,
        times: LockTimes,
        journal: Journal,
        lease: Lease,
        epoch: Epoch,
        holder: str,
    ) -> None:
        self._open_store = open_store
        self._clock = clock
        self._times = times
        self._journal = journal
        self._lease = lease
        self._epoch = epoch
        self._holder = holder
        self._main = asyncio.get_running_loop()
        self._lost = asyncio.Event()
        self._ended = asyncio.Event()
        self._attended = clock.steady()
        self._own: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        self._stopping = False
        threading.Thread(target=self._thread, name=f"renewal-{epoch}", daemon=True).start()

    # --- the member's loop --------------------------------------------------------------------------------------------

    def attend(self) -> None:
        """See RunningRenewal."""
        self._attended = self._clock.steady()

    async def lost(self) -> None:
        """See RunningRenewal."""
        await self._lost.wait()

    async def stop(self) -> None:
        """See RunningRenewal. A renewal that hangs in a call is left to its time limit after a while."""
        self._stopping = True
        if self._own is not None:
            with contextlib.suppress(RuntimeError):  # that loop may have ended by itself meanwhile
                self._own.call_soon_threadsafe(self._cancel)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), self._times.ttl)

    # --- the renewal's loop -------------------------------------------------------------------------------------------

    def _thread(self) -> None:
        try:
            asyncio.run(self._run())
        finally:
            with contextlib.suppress(RuntimeError):  # the process ends
                self._main.call_soon_threadsafe(self._ended.set)

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()

    async def _run(self) -> None:
        self._own = asyncio.get_running_loop()
        self._work = asyncio.current_task()
        if self._stopping:
            return
        store = self._open_store()
        renewal = Renewal(
            store, self._clock, self._lease, self._times, self._epoch, self._holder, self._is_attended, self._journal
        )
        try:
            await renewal.run()
            self._main.call_soon_threadsafe(self._lost.set)
        except asyncio.CancelledError:
            pass
        finally:
            await store.close()

    def _is_attended(self) -> bool:
        return self._clock.steady() - self._attended < self._times.ttl
