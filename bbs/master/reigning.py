"""The reign: what a holder does with its epoch, from the first decision to the last commit.

A loop over the one decision function: abandon, migrate, hold or serve, until the epoch is lost or handed off. What is
wanted may change at any commit; whoever changes it wakes this loop. Source of the rules: docs/reference/decision.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bbs.layouts.registry import leaves_encryption
from bbs.master.committer import Committer, Draft, EpochLost
from bbs.master.election import Held
from bbs.master.encoder import Encoder
from bbs.master.intent import replay
from bbs.master.lease import Lease
from bbs.master.loading import load
from bbs.master.memory import Memory
from bbs.master.moving import Failed as MoveFailed
from bbs.master.moving import Moved
from bbs.master.moving import Order as MoveOrder
from bbs.master.parts import Parts, Reign
from bbs.master.pipeline import Pipeline
from bbs.master.relocation import Relocation
from bbs.master.rotation import Rotation, activated
from bbs.master.serving import AnswerWithheld, NotServing, Unavailable
from bbs.master.stream import Publisher
from bbs.master.upkeep import keep_up
from bbs.migration.attempt import OFFLINE, ONLINE, Failed, Flipped, Order, Withdrawn
from bbs.migration.cleanup import RootInUse, drop_root, tidy, unused
from bbs.migration.decide import Abandon, Begin, Continue, Hold, Serve, ShutDown, decide_held
from bbs.migration.move import Terms
from bbs.migration.online import OnlineRunner
from bbs.migration.progress import Progress
from bbs.migration.reading import Place
from bbs.migration.runner import Runner
from bbs.migration.throttle import Throttle
from bbs.models.records import NEVER, Kind, Nanoseconds
from bbs.models.state import Context, Watcher
from bbs.stores.anchor import Anchor, Version
from bbs.stores.contract import Space, StoreFull, StoreUnavailable

_PAUSE = 1.0


class Ruler:
    """One epoch's work. `run` ends by EpochLost, or returns after `hand_off`."""

    def __init__(
        self,
        parts: Parts,
        held: Held,
        lease: Lease,
        publisher: Publisher,
        memory: Memory | None,
        relocation: Relocation | None = None,
    ) -> None:
        """`relocation`: of a member whose records are to move to another store."""
        self._parts = parts
        self._relocation = relocation
        self._memory = memory
        self.lease = lease
        self.committer = Committer(
            parts.store,
            parts.clock,
            lease,
            held.anchor,
            parts.new_id,
            publisher.announce,
            parts.journal,
            parts.figures,
        )
        parts.figures.elections += 1
        self._throttle = Throttle(parts.clock, _pace(parts, held.anchor))
        self._runner = Runner(self.committer, parts.clock, self._throttle, self._report)
        self._reconsider = asyncio.Event()
        self._handing_off = False
        self._first = held.replaced is None
        self.pipeline: Pipeline | None = None
        self.rotation: Rotation | None = None
        self.progress: Progress | None = None
        self.moving: Progress | None = None
        self.state = "Loading"
        self.reason: Hold | ShutDown | Unavailable | None = None
        self.serving_since = 0
        self.space: Space | None = None
        self.old_roots: tuple[str, ...] = ()

    # --- what others ask ----------------------------------------------------------------------------------------------

    @property
    def anchor(self) -> Anchor:
        """The anchor as this epoch last wrote it."""
        return self.committer.anchor

    @property
    def memory(self) -> Memory | None:
        """The records, once loaded."""
        return self._memory

    def reconsider(self) -> None:
        """Something that the decision looks at has changed."""
        self._throttle.per_second = _pace(self._parts, self.anchor)
        self._reconsider.set()

    def hand_off(self) -> None:
        """Finish what is under way and end the reign."""
        self._handing_off = True
        self._reconsider.set()

    async def _tidy(self) -> None:
        """Whoever died between a flip and its clean-up, or in an attempt, left roots behind."""
        managed = self._parts.abilities().managed
        await tidy(self.committer, keep_superseded=managed or self._parts.settings.keep_old_roots)
        await self.look_at_roots()

    async def look_at_roots(self) -> None:
        """Note which roots are neither live nor staged: superseded copies, and what attempts left behind."""
        async with self._parts.store.snapshot() as snapshot:
            roots = (await snapshot.survey()).roots
        self.old_roots = tuple(sorted(unused(roots, self.anchor)))

    def place(self, anchor: Anchor) -> Place:
        """Where the live records lie."""
        layout = self._parts.layouts[anchor.live.layout]
        return Place(layout, anchor.live.root, self._parts.keys.cipher(layout))

    # --- the loop -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Decide and do, until handed off. Raises EpochLost."""
        await self._patiently(self._finish_intent)
        while not self._handing_off:
            self._reconsider.clear()
            decision = decide_held(self.anchor, self._parts.abilities())
            match decision:
                case Abandon():
                    await self._patiently(self._abandon)
                case Begin(online=False) | Continue(online=False):
                    await self._migrate(decision)
                case Hold() | ShutDown():
                    await self._hold(decision)
                case Serve() if self._move_due():
                    await self._move()
                case Serve() | Begin() | Continue():
                    await self._serve()

    async def _patiently(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it again until the store answers: a store that is away is no reason to give up an epoch."""
        while not self._handing_off:
            try:
                await work()
            except StoreUnavailable as error:
                self._unavailable("StoreUnavailable", str(error), "see the store's own health")
            except StoreFull as error:
                self._unavailable("StoreFull", str(error), "make room in the store")
            else:
                self.reason = None
                return
            await self._parts.clock.sleep(_PAUSE)

    def _unavailable(self, code: str, message: str, remedy: str) -> None:
        self.reason = Unavailable(code, message, remedy)
        self._parts.journal("store-trouble", code=code, message=message)

    async def _finish_intent(self) -> None:
        await self._name_key()
        await replay(self.committer, self._encoder())

    async def _name_key(self) -> None:
        """A keyring given to a store in the clear: its key is named before anything is sealed with it."""
        label, layout = self._parts.keys.active_label(), self.place(self.anchor).layout
        if label is not None and not self.anchor.active_key and not leaves_encryption(layout):
            await self.committer.commit(activated(label))

    def _encoder(self) -> Encoder:
        place = self.place(self.anchor)
        return Encoder(place.layout, place.root, place.cipher, self._parts.store.limits)

    async def _abandon(self) -> None:
        staged = self.anchor.migration.staged_root if self.anchor.migration else None
        self._parts.journal(
            "migration-abandoned", source=self.anchor.version.current, target=self.anchor.version.target
        )

        def draw(anchor: Anchor) -> Draft:
            # The failure stays as long as it explains a hold that is still to come.
            failure = anchor.migration.failure if anchor.migration else None
            kept = anchor.migration if failure is not None and failure.generation == anchor.generation else None
            return Draft(members={"version": Version(anchor.version.current), "migration": kept})

        await self.committer.commit(draw)
        self.progress = None
        if staged is not None:
            await self._drop(staged)

    async def _drop(self, root: str) -> None:
        """Remove a root that nobody needs; what is left of it when that fails is shown in status."""
        with suppress(RootInUse, StoreUnavailable, StoreFull):
            await drop_root(self.committer, root)

    # --- migrating ----------------------------------------------------------------------------------------------------

    def _report(self, progress: Progress) -> None:
        self.progress = progress

    async def _migrate(self, decision: Begin | Continue) -> None:
        self.state, self.reason = "Migrating", None
        # The old root does not change while it is offline: what is in memory can be served again if this is withdrawn.
        order = self._order(decision)
        self._parts.journal("migration-started", source=decision.source, target=decision.target, mode=order.mode)
        began = self._parts.clock.steady()
        try:
            outcome = await self._runner.run(order)
        except Withdrawn:
            return
        except (StoreUnavailable, StoreFull) as error:
            code = "StoreFull" if isinstance(error, StoreFull) else "StoreUnavailable"
            self._unavailable(code, str(error), "see the store's own health")
            await self._parts.clock.sleep(_PAUSE)
            return
        self._migrated(outcome, began)
        # Whoever mends a record does so in the store: what is in memory may then no longer be what is there.
        self._memory = None

    def _order(self, decision: Begin | Continue) -> Order:
        target = self._parts.layouts[decision.target]
        return Order(
            source=self.place(self.anchor),
            target=target,
            target_cipher=self._parts.keys.cipher(target),
            generation=self.anchor.generation,
            managed=self._parts.abilities().managed,
            key_label=self._parts.keys.active_label() if target.version else None,
            known_total=None if self._memory is None else sum(self._memory.count(kind) for kind in Kind),
            stale_root=self.anchor.migration.staged_root if self.anchor.migration else None,
            mode=ONLINE if decision.online else OFFLINE,
        )

    def _migrated(self, outcome: Flipped | Failed, began: float) -> None:
        if isinstance(outcome, Failed):
            failure = outcome.failure
            self._parts.journal("migration-failed", key=failure.key, reason=failure.reason, message=failure.message)
            return
        self._parts.figures.migration_duration = self._parts.clock.steady() - began
        self._parts.journal("migration-finished", records=outcome.records, root=outcome.anchor.live.root)
        self.progress = None

    def _move_due(self) -> bool:
        return self._relocation is not None and self._relocation.due(self.anchor)

    def _report_move(self, progress: Progress) -> None:
        self.moving = progress

    async def _move(self) -> None:
        """Instead of serving: once it is done, this reign is over."""
        assert self._relocation is not None
        self.state, self.reason = "Migrating", None
        known = None if self._memory is None else sum(self._memory.count(kind) for kind in Kind)
        terms = Terms.of(self.anchor)
        order = MoveOrder(self.committer, self.place(self.anchor), terms, self._throttle, known, self._report_move)
        outcome = await self._relocation.run(order)
        self.moving = None
        match outcome:
            case Moved():
                self._handing_off = True
            case MoveFailed():
                # Whoever mends the record does so in the store: what is in memory may then no longer be what is there.
                self._memory = None
            case Unavailable():
                self.reason = outcome
                await self._parts.clock.sleep(_PAUSE)

    async def _hold(self, decision: Hold | ShutDown) -> None:
        self.state, self.reason = "Held", decision
        await self._reconsider.wait()

    # --- migrating beside serving -------------------------------------------------------------------------------------

    async def _migrate_beside(self, decision: Begin | Continue) -> None:
        """One attempt while requests are served; it ends early when the epoch is to be handed off."""
        assert self.pipeline is not None
        assert self._memory is not None
        parts, order, began = self._parts, self._order(decision), self._parts.clock.steady()
        runner = OnlineRunner(self.committer, self.pipeline, self._memory, parts.clock, self._throttle, self._report)
        parts.journal("migration-started", source=decision.source, target=decision.target, mode=order.mode)
        attempt = asyncio.ensure_future(runner.run(order))
        try:
            outcome = await self._ended_early(attempt, runner)
        except Withdrawn:
            return
        except (StoreUnavailable, StoreFull, NotServing) as error:
            parts.journal("migration-interrupted", message=str(error))
            self.progress = None
            await parts.clock.sleep(_PAUSE)
            return
        if isinstance(outcome, Flipped) and self.progress is not None:
            self.progress.phase = "CleaningUp"
            await self._patiently(self._tidy)
        self._migrated(outcome, began)
        if self.rotation is not None:
            self.rotation.stir()

    async def _ended_early(self, attempt: asyncio.Future[Flipped | Failed], runner: OnlineRunner) -> Flipped | Failed:
        """What came of an attempt, which is told when it has to end."""
        try:
            while not attempt.done():
                self._reconsider.clear()
                runner.ending = self._handing_off
                reconsider = asyncio.ensure_future(self._reconsider.wait())
                either: list[asyncio.Future[Any]] = [attempt, reconsider]
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                reconsider.cancel()
            return attempt.result()
        finally:
            attempt.cancel()
            await asyncio.gather(attempt, return_exceptions=True)

    # --- serving ------------------------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        self.state, self.reason = "Loading", None
        await self._patiently(self._ensure_memory)
        await self._patiently(self._tidy)
        if self._memory is None or self._handing_off:
            return
        self.serving_since = self._since()
        self.pipeline = Pipeline(
            self._memory,
            self.committer,
            self._encoder(),
            self.lease,
            self._context,
            self._parts.follow_up,
            self._parts.journal,
            self._parts.tell,
        )
        self.rotation = self._rotation(self.pipeline)
        memory = self._memory

        def watch(watcher: Watcher) -> None:
            memory.watcher = watcher

        reign = Reign(
            self.pipeline.submit, memory, self.lease, self.serving_since, watch, self.anchor.converger, self._first
        )
        self.state = "Serving"
        upkeep = keep_up(self._parts.store, self._parts.clock, self._parts.journal, self._saw)
        works = [self.rotation.run(), upkeep, *(duty(reign) for duty in self._parts.duties)]
        duties = [asyncio.ensure_future(self._dutifully(work)) for work in works]
        writer = asyncio.ensure_future(self.pipeline.run())
        watching = asyncio.ensure_future(self._while_serving())
        try:
            await asyncio.wait([writer, watching], return_when=asyncio.FIRST_COMPLETED)
            for ended in (writer, watching):
                if ended.done():
                    ended.result()
        finally:
            self.pipeline.abandon(AnswerWithheld)
            self.pipeline, self.rotation, memory.watcher = None, None, None
            await _ended(writer, watching, *duties)

    async def _dutifully(self, work: Awaitable[None]) -> None:
        """A duty that fails must not fail in silence; whoever serves goes on without it."""
        try:
            await work
        except EpochLost:
            raise
        except Exception as error:
            self._parts.journal("duty-failed", error=repr(error))

    def _rotation(self, pipeline: Pipeline) -> Rotation:
        parts, clock = self._parts, self._parts.clock

        def place() -> Place:
            return self.place(self.anchor)

        def pace(anchor: Anchor) -> int | None:
            return anchor.rotation_pace or _pace(parts, anchor)

        throttle = Throttle(clock, pace(self.anchor))
        return Rotation(parts.store, self.committer, pipeline, place, parts.keys, clock, throttle, pace, parts.journal)

    def _saw(self, space: Space) -> None:
        self.space = space

    def _since(self) -> Nanoseconds:
        """When this master took records over; NEVER when there were none: of every later one it knows the story."""
        assert self._memory is not None
        return self._parts.clock.now() if any(self._memory.count(kind) for kind in Kind) else NEVER

    async def _ensure_memory(self) -> None:
        if self._memory is None:
            self._memory = await load(self._parts.store, self.place, self._parts.index, self._parts.journal)
            self._parts.loaded()
            if self._memory is not None and (self._memory.unreadable or any(map(self._memory.count, Kind))):
                self._first = False

    def _context(self) -> Context:
        return self._parts.context(self.serving_since)._replace(data_version=self.anchor.live.layout)

    async def _while_serving(self) -> None:
        """Serve on as long as that is the decision; then accept nothing more and finish what is under way."""
        assert self.pipeline is not None
        while not self._handing_off:
            match decision := decide_held(self.anchor, self._parts.abilities()):
                case Serve() if self._move_due():
                    break
                case Serve():
                    await self._reconsider.wait()
                case Abandon():
                    await self._patiently(self._abandon)
                case Begin(online=True) | Continue(online=True):
                    await self._migrate_beside(decision)
                case _:
                    break
            self._reconsider.clear()
        self.state = "Loading" if self._handing_off else "Migrating"
        code = "NoMaster" if self._handing_off else "Migrating"
        away = Unavailable(code, "this member stops serving", "try again")
        self.pipeline.close(lambda: NotServing(replace(away)))
        await self.pipeline.drained()
        self._reconsider.set()


def _pace(parts: Parts, anchor: Anchor) -> int | None:
    """Records a second of a migration: the declared target's, which outlives the master that took the call, or ours."""
    limit = anchor.wanted.max_records_per_second if anchor.wanted else None
    return limit or parts.settings.max_records_per_second


async def _ended(*tasks: asyncio.Future[None]) -> None:
    """Cancel and collect; what they raised was either looked at before or is the end of an epoch."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
