"""A member: standby until it may claim, master until it may not, and back, for as long as the process lives.

Implements bbs.master.serving.Serving. Losing the lock, a failed election or a refused version never end the process:
the member starts over inside it, so that no restart back-off is added to an outage.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from typing import Any, TypeVar

from bbs.master.administration import Administration
from bbs.master.candidate import Candidate
from bbs.master.committer import Batch, EpochLost
from bbs.master.destination import Crossing, source_id
from bbs.master.election import Held
from bbs.master.follower import Follower
from bbs.master.lease import Lease
from bbs.master.loading import load
from bbs.master.memory import Memory
from bbs.master.parts import Parts, RunningRenewal
from bbs.master.reigning import Ruler
from bbs.master.relocation import Relocation
from bbs.master.serving import AdminRefusal, AnswerWithheld, NotServing, Redirect, Unavailable
from bbs.master.status import status_document
from bbs.master.stream import Publisher, StreamError, Subscription, encode_batch
from bbs.master.watch import Sighting, Watch
from bbs.migration.decide import Hold, ShutDown
from bbs.migration.prepare import Verdict, prepare
from bbs.migration.reading import Place
from bbs.models.state import Transition, View
from bbs.stores.anchor import Anchor, MalformedAnchor
from bbs.stores.contract import StoreError, StoreFull, StoreMisconfigured

_T = TypeVar("_T")


class Member:
    """One BBS."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._watch = Watch(parts.store, parts.clock)
        self._candidate = Candidate(parts)
        self._follower = Follower()
        self._publisher = Publisher()
        self._held: Held | None = None
        self._ruler: Ruler | None = None
        self._administration: Administration | None = None
        self._rehearsal: asyncio.Task[None] | None = None
        self._source_id: str | None = None
        self._aside_until = 0.0
        self._leaving = False
        self.crossing: Crossing | None = None
        self._relocation: Relocation | None = None
        if parts.destination is not None:
            self.crossing = Crossing(parts.destination, parts.clock, parts.journal)
            self._relocation = Relocation(parts, self.crossing)
        self.anchor_seen: Anchor | None = None
        self.verdict: Verdict | None = None
        self.trouble: Unavailable | ShutDown | None = None

    # --- life ---------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Stand by, reign, and again; returns after `leave`, once no epoch is held."""
        looking = asyncio.ensure_future(self._look_across())
        try:
            while not self._leaving:
                held = await self._stand_by()
                if held is not None:
                    await self._reign(held)
                if self._complete():
                    self._land()
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    # --- the way to another store -------------------------------------------------------------------------------------

    async def _look_across(self) -> None:
        """Know what the other store is like; whoever is master is told, and ends its reign if all is there already."""
        if self.crossing is not None:
            await self.crossing.watch(self._store_id, self._looked_across)

    def _looked_across(self) -> None:
        if self._ruler is not None:
            (self._ruler.hand_off if self._complete() else self._ruler.reconsider)()

    async def _first_look_across(self) -> None:
        """Nobody claims etcd who has not looked whether its records are live elsewhere; a database that is away stops
        nobody."""
        if self.crossing is None or self.crossing.landed or self.crossing.looked:
            return
        await self.crossing.look(self._store_id())
        if self._complete() and self._store_id() is None:
            self._source_id = await source_id(self.parts.store)

    def _store_id(self) -> str | None:
        """The id of the store that this member is to serve, as far as that is known."""
        if self.anchor is not None:
            return self.anchor.store_id
        with suppress(StoreError):
            return self.parts.identity().store_id or self._source_id
        return self._source_id

    def _complete(self) -> bool:
        return self.crossing is not None and not self.crossing.landed and self.crossing.complete(self._store_id())

    def _land(self) -> None:
        """From now on this member works on the other store, as if it had never had this one."""
        assert self.crossing is not None
        self.parts = self.crossing.parts(self.parts)
        self.crossing.landed = True
        self._relocation = None
        self._watch = Watch(self.parts.store, self.parts.clock)
        self._candidate = Candidate(self.parts)
        self._follower = Follower()
        self.anchor_seen, self.trouble, self._aside_until = None, None, 0.0
        self.parts.journal("landed", store=self.parts.settings.store_type)

    async def _read_across(self) -> None:
        """etcd says that its records were moved: its anchor is what they are believed by."""
        async with self.parts.store.snapshot() as snapshot:
            self.anchor_seen = await snapshot.anchor()
        if self.crossing is not None:
            self.crossing.believe(self.anchor_seen)

    # --- life and memory ----------------------------------------------------------------------------------------------

    @property
    def anchor(self) -> Anchor | None:
        """As its own reign last wrote it, or else as it last saw it."""
        return self._ruler.anchor if self._ruler else self.anchor_seen

    def place_in_history(self) -> tuple[int | None, int | None]:
        """Epoch and sequence of that anchor."""
        anchor = self.anchor
        return (None, None) if anchor is None else (anchor.epoch, anchor.seq)

    def keys_in_use(self) -> tuple[str, ...]:
        """The labels of the keys that records may be sealed with, as far as this member knows."""
        return () if self.anchor is None else self.anchor.keys_in_use

    def leave(self) -> None:
        """The process is to end: hand mastership off, never claim again."""
        self._leaving = True
        if self._ruler is not None:
            self._ruler.hand_off()

    async def keep_watching(self) -> None:
        """After `run`: never claim again, but know who is master, so that who still comes is sent there."""
        while True:
            with suppress(StoreError):
                await self._watch.look()
            await self.parts.clock.sleep(self.parts.times.poll)

    async def _stand_by(self) -> Held | None:
        await self._first_look_across()
        following = asyncio.ensure_future(self._follow())
        try:
            while not self._leaving and not self._complete():
                held = await self._look()
                if held is not None:
                    return held
                await self.parts.clock.sleep(self.parts.times.poll)
            return None
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _look(self) -> Held | None:
        try:
            sighting = await self._watch.look()
            if not sighting.claimable or self.parts.clock.steady() < self._aside_until:
                await self._glance(sighting)
                return None
            outcome = await self._candidate.stand(sighting)
            if isinstance(outcome, ShutDown) and outcome.code == "StoreMoved":
                await self._read_across()
        except MalformedAnchor as error:
            self.trouble = ShutDown("MalformedAnchor", str(error), "restore the store from a backup")
            return None
        except StoreError as error:
            self.trouble = Unavailable("StoreUnavailable", str(error), "see the store's own health")
            return None
        if isinstance(outcome, Held):
            self.trouble = None
            return outcome
        self.trouble = outcome
        return None

    async def _glance(self, sighting: Sighting) -> None:
        """Somebody holds the store: keep what status shows of it up to date."""
        self.trouble = None
        if sighting.liveness is None or (
            self.anchor_seen is not None and self.anchor_seen.epoch == sighting.liveness.epoch
        ):
            return
        async with self.parts.store.snapshot() as snapshot:
            self.anchor_seen = await snapshot.anchor()

    # --- following ----------------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        """Keep memory warm from the master's stream; whatever goes wrong, begin again after a pause."""
        while True:
            liveness = self._watch.last
            if liveness is not None and not liveness.released and liveness.url != self.parts.settings.url:
                with suppress(StreamError, StoreError, MalformedAnchor, OSError, ValueError):
                    await self._follow_master(liveness.url)
            await self.parts.clock.sleep(self.parts.times.renew)

    async def _follow_master(self, url: str) -> None:
        self._follower.joining()
        async with self.parts.streams.open(url) as batches:
            taking = asyncio.ensure_future(self._take(batches))
            try:
                if await self._join():
                    await taking
            finally:
                taking.cancel()
                await asyncio.gather(taking, return_exceptions=True)

    async def _take(self, batches: AsyncIterator[Batch]) -> None:
        async for batch in batches:
            if not self._follower.receive(batch):
                return

    async def _join(self) -> bool:
        """The stream is open already: a moment read now is not older than what came before its first batch."""
        async with self.parts.store.snapshot() as snapshot:
            anchor = await snapshot.anchor()
        if anchor is None:
            return False
        self.anchor_seen = anchor
        if self._follower.resumed(anchor):
            return True
        memory = await load(self.parts.store, self._place, self.parts.index)
        self.parts.loaded()
        return memory is not None and self._follower.joined(memory)

    def _place(self, anchor: Anchor) -> Place | None:
        layout = self.parts.layouts.get(anchor.live.layout)
        return None if layout is None else Place(layout, anchor.live.root, self.parts.keys.cipher(layout))

    # --- reigning -----------------------------------------------------------------------------------------------------

    async def _reign(self, held: Held) -> None:
        parts = self.parts
        if held.anchor.active_key:
            parts.keys.activate(held.anchor.active_key)
        lease = Lease(parts.clock, parts.times, held.started)
        renewal = parts.renewals.start(lease, held.anchor.epoch, held.holder)
        memory = self._follower.take_over(held.replaced) if held.replaced is not None else None
        self._held = held
        ruler = Ruler(parts, held, lease, self._publisher, memory, self._relocation)
        self._ruler = ruler
        self._administration = Administration(parts, ruler)
        if self._leaving:
            ruler.hand_off()
        try:
            handed_off = await self._rule(ruler, renewal)
        finally:
            lease.end()
            await renewal.stop()
            self._end_of_reign()
        if handed_off:
            await self._release(held)

    async def _rule(self, ruler: Ruler, renewal: RunningRenewal) -> bool:
        """Reign until the epoch is handed off (True) or lost (False)."""
        work = asyncio.ensure_future(ruler.run())
        others = [asyncio.ensure_future(renewal.lost()), asyncio.ensure_future(self._attend(renewal))]
        try:
            await asyncio.wait([work, others[0]], return_when=asyncio.FIRST_COMPLETED)
            if not work.done() and ruler.committer.busy:
                # The store has an answer on its way to the commit in flight: it is waited for, and logged.
                await asyncio.wait([work], timeout=self.parts.times.ttl)
            if work.done():
                work.result()
                return True
        except EpochLost:
            pass
        finally:
            for task in (work, *others):
                task.cancel()
            await asyncio.gather(work, *others, return_exceptions=True)
        self.parts.journal("deposed", epoch=ruler.anchor.epoch, seq=ruler.anchor.seq)
        return False

    async def _attend(self, renewal: RunningRenewal) -> None:
        while True:
            renewal.attend()
            await self.parts.clock.sleep(self.parts.times.renew / 2)

    def _end_of_reign(self) -> None:
        if self._ruler is not None:
            self.anchor_seen = self._ruler.anchor
            if self.crossing is not None:
                self.crossing.believe(self.anchor_seen)
        self._ruler, self._administration, self._held = None, None, None
        self._publisher.end()
        self._watch.forget()

    async def _release(self, held: Held) -> None:
        """Handed off in order: everything is answered, nothing is under way; say so, last."""
        with suppress(StoreError):
            await self.parts.store.release(held.anchor.epoch, held.holder)
            self.parts.journal("released", epoch=held.anchor.epoch)
        self._aside_until = self.parts.clock.steady() + self.parts.times.ttl

    # --- bbs.master.serving.Serving -----------------------------------------------------------------------------------

    @property
    def ruler(self) -> Ruler | None:
        """The reign under way."""
        return self._ruler

    @property
    def standby_memory(self) -> Memory | None:
        """What this standby would take over with."""
        return self._follower.memory

    @property
    def watch(self) -> Watch:
        """What is known of another holder."""
        return self._watch

    def gate(self) -> Redirect | Unavailable | None:
        """See Serving."""
        ruler = self._ruler
        if ruler is not None:
            return self._master_gate(ruler)
        last = self._watch.last
        if last is not None and self._watch.alive() and last.url != self.parts.settings.url:
            return Redirect(last.url)
        if isinstance(self.trouble, ShutDown):
            return Unavailable("Refused", self.trouble.message, self.trouble.remedy)
        return self.trouble or Unavailable("NoMaster", "no member is master now", "try again")

    def _master_gate(self, ruler: Ruler) -> Unavailable | None:
        if ruler.state == "Serving":
            if ruler.lease.holds():
                return None
            return Unavailable("StoreUnavailable", "the lease lapsed: the store has not answered", "see the store")
        if ruler.state == "Migrating":
            return self._migrating(ruler)
        if isinstance(ruler.reason, Hold | ShutDown):
            code = ruler.reason.code if ruler.reason.code == "TargetNotSet" else "Held"
            return Unavailable(code, ruler.reason.message, ruler.reason.remedy, retry_after_s=30)
        return ruler.reason or Unavailable("NoMaster", "the master is loading its records", "try again")

    def _migrating(self, ruler: Ruler) -> Unavailable:
        progress = ruler.moving or ruler.progress
        if progress is None:
            return Unavailable("Migrating", "a migration is about to start", "wait")
        eta = progress.eta_s(self.parts.clock.steady())
        return Unavailable(
            "Migrating",
            f"records are being moved to {self.crossing.destination.engine}"
            if ruler.moving is not None and self.crossing is not None
            else f"records are being migrated from {progress.source} to {progress.target}",
            "wait; withdraw the wish for it to end it" if ruler.moving else "wait; set the target back to withdraw",
            progress.source,
            progress.target,
            progress.done,
            progress.total,
            eta,
            retry_after_s=max(1, min(30, round(eta or 1))),
        )

    def ready(self) -> bool:
        """See Serving."""
        return self._ruler is not None or isinstance(self.gate(), Redirect)

    def may_answer(self) -> bool:
        """See Serving."""
        return self._ruler is not None and self._ruler.lease.holds()

    def memory(self) -> View:
        """See Serving."""
        ruler = self._ruler
        if ruler is None or ruler.pipeline is None or ruler.memory is None or self.gate() is not None:
            raise NotServing(self.gate() or Unavailable("NoMaster", "the master is not serving yet", "try again"))
        return ruler.memory

    async def submit(self, transition: Transition) -> bytes:
        """See Serving."""
        self.memory()
        assert self._ruler is not None
        assert self._ruler.pipeline is not None
        return await self._ruler.pipeline.submit(transition)

    def status(self) -> dict[str, Any]:
        """See Serving."""
        return status_document(self)

    def subscribe(self) -> AsyncIterator[bytes]:
        """The stream for another member, as frames, from this call on; ends with the epoch. Raises NotServing."""
        if self._ruler is None:
            raise NotServing(self.gate() or Unavailable("NoMaster", "this member is not master", "ask another"))
        return self._frames(self._publisher.subscribe())

    async def _frames(self, subscription: Subscription) -> AsyncIterator[bytes]:
        try:
            async for batch in subscription.batches():
                yield encode_batch(batch)
        finally:
            self._publisher.leave(subscription)

    async def prepare(self, version: int) -> None:
        """See Serving."""
        target = self.parts.layouts.get(version)
        if target is None or not target.serves:
            raise AdminRefusal(422, "VersionNotServed", f"this binary does not serve {version}", "choose another")
        if self._rehearsal is not None and not self._rehearsal.done():
            raise AdminRefusal(422, "AlreadyPreparing", "a rehearsal is under way", "wait for its verdict in /status")
        self.verdict = None
        self._rehearsal = asyncio.ensure_future(self._prepare(version))

    async def _prepare(self, version: int) -> None:
        target = self.parts.layouts[version]
        while self.verdict is None:
            with suppress(StoreError, MalformedAnchor):
                async with self.parts.store.snapshot() as snapshot:
                    anchor = await snapshot.anchor()
                source = None if anchor is None else self._place(anchor)
                if source is None:
                    return
                cipher = self.parts.keys.cipher(target)
                self.verdict = await prepare(self.parts.store, self.parts.clock, source, target, cipher)
                return
            await self.parts.clock.sleep(1.0)

    async def set_target(
        self, version: int, token: str, if_generation: int, limit: int | None, mode: str | None = None
    ) -> dict[str, Any]:
        """See Serving."""
        work = self._master().set_target(version, token, if_generation, limit, mode)
        return await self.as_master(work)

    async def set_active_key(
        self, name: str, if_generation: int, if_active: str | None = None, max_records_per_second: int | None = None
    ) -> dict[str, Any]:
        """See Serving."""
        work = self._master().set_active_key(name, if_generation, if_active, max_records_per_second)
        return await self.as_master(work)

    async def set_move(self, token: str, if_generation: int, *, wanted: bool) -> dict[str, Any]:
        """See Serving."""
        return await self.as_master(self._master().set_move(token, if_generation, wanted=wanted))

    async def drop_roots(self, roots: list[str], if_generation: int) -> dict[str, Any]:
        """See Serving."""
        return await self.as_master(self._master().drop_roots(roots, if_generation))

    async def step_down(self, epoch: int) -> None:
        """See Serving."""
        ruler = self._ruler
        if ruler is None or ruler.anchor.epoch != epoch:
            raise AdminRefusal(
                412,
                "StaleEpoch",
                f"the epoch held is {ruler.anchor.epoch if ruler else None}; the call names {epoch}",
                "read /status again",
            )
        ruler.hand_off()

    def _master(self) -> Administration:
        if self._administration is None:
            raise NotServing(self.gate() or Unavailable("NoMaster", "this member is not master", "ask another"))
        return self._administration

    async def as_master(self, work: Awaitable[_T]) -> _T:
        """The result of a fenced change, once it may be said. Raises NotServing, AnswerWithheld."""
        try:
            result = await work
        except EpochLost as error:
            raise AnswerWithheld from error
        except StoreFull as error:
            raise NotServing(Unavailable("StoreFull", str(error), "make room in the store")) from error
        except (StoreMisconfigured, StoreError) as error:
            raise NotServing(Unavailable("StoreUnavailable", str(error), "see the store's own health")) from error
        if not self.may_answer():
            raise AnswerWithheld
        return result
