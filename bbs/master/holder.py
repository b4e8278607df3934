"""A command of the CLI as the holder of a store: it claims, commits and releases like any other holder.

So it is fenced, and fences; and it is refused while another holder lives.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, replace
from typing import Any

from bbs.client.tls import ClientTLS
from bbs.configuration import BBSConfiguration
from bbs.layouts.contract import Layout
from bbs.layouts.registry import layouts, leaves_encryption
from bbs.master.candidate import Candidate
from bbs.master.chain import encode_changes
from bbs.master.clock import SystemClock
from bbs.master.committer import Committer, Draft
from bbs.master.destination import examine
from bbs.master.election import Held
from bbs.master.encoder import Encoded, Encoder, fits, last_writes
from bbs.master.intent import commit_large, replay
from bbs.master.lease import Lease
from bbs.master.life import life_of
from bbs.master.loading import load
from bbs.master.parts import Parts, Settings
from bbs.master.renewal_thread import ThreadedRenewals
from bbs.master.rotation import Labels, activated, look, sealed_with_one
from bbs.master.stream_client import StreamClient
from bbs.master.watch import Watch
from bbs.master.wiring import (
    FileKeys,
    abilities,
    lock_times,
    read_identity,
    record_identity,
    source_config,
    start_logs,
    store_config,
)
from bbs.migration.attempt import Failed, Order
from bbs.migration.cleanup import tidy
from bbs.migration.decide import ShutDown
from bbs.migration.move import Landing, landed
from bbs.migration.prepare import prepare
from bbs.migration.progress import Progress
from bbs.migration.reading import Place
from bbs.migration.runner import Runner
from bbs.migration.throttle import Throttle
from bbs.models.index import index
from bbs.models.records import Record, put
from bbs.models.state import Context
from bbs.outbound.upstream_lock import upstream_lock
from bbs.stores.anchor import Anchor, Version, Wanted
from bbs.stores.contract import Store, StoreError
from bbs.stores.opening import StoreConfig, open_store

_SHOW_EVERY_S = 0.2
_AT_ONCE = 1000


class HolderRefused(StoreError):
    """What a command wants of this store can't be done as things stand; the text says what was seen and what to do."""


@asynccontextmanager
async def hold(configuration: BBSConfiguration, initial_version: int | None = None) -> AsyncIterator[StoreHolder]:
    """Hold the configured store. Raises HolderRefused while another holder lives or the store may not be touched."""
    if initial_version is not None:
        configuration = configuration.model_copy(update={"initial_version": initial_version})
    async with claim_for(configuration) as (parts, committer):
        holder = StoreHolder(parts, committer)
        await holder.begin()
        yield holder


@asynccontextmanager
async def claim_for(
    configuration: BBSConfiguration, *, hands_back: bool = False, landing: Landing | None = None
) -> AsyncIterator[tuple[Parts, Committer]]:
    """Hold the configured store without looking at its records; `landing`: where records were moved to by now.

    Raises as `hold`.
    """
    start_logs(configuration)
    keys = FileKeys(configuration.keyring_dir, configuration.initial_key)
    where = store_config(configuration) if landing is not None else await located(configuration)
    store = open_store(where)
    try:
        parts = replace(_parts(configuration, keys, store, where, hands_back=hands_back), landing=landing)
        async with claimed(parts) as committer:
            yield parts, committer
    finally:
        await store.close()


@asynccontextmanager
async def claimed(parts: Parts) -> AsyncIterator[Committer]:
    """An epoch from its claim to its release. Raises as `hold`."""
    held = await _claimed(parts)
    if held.anchor.active_key:
        parts.keys.activate(held.anchor.active_key)
    lease = Lease(parts.clock, parts.times, held.started)
    renewal = parts.renewals.start(lease, held.anchor.epoch, held.holder)
    attending = asyncio.ensure_future(_attend(renewal.attend, parts.times.renew))
    try:
        yield Committer(parts.store, parts.clock, lease, held.anchor, parts.new_id)
    finally:
        attending.cancel()
        lease.end()
        await renewal.stop()
        with suppress(StoreError):
            await parts.store.release(held.anchor.epoch, held.holder)


async def located(configuration: BBSConfiguration) -> StoreConfig:
    """Which of two stores counts, where a configuration names two. Raises StoreError, MalformedAnchor."""
    source, there = source_config(configuration), store_config(configuration)
    if source is None:
        return there
    store = open_store(there)
    try:
        return there if landed(await examine(store), None) else source
    finally:
        await store.close()


async def _attend(attend: Callable[[], None], every: float) -> None:
    while True:
        attend()
        await asyncio.sleep(every / 2)


async def _claimed(parts: Parts) -> Held:
    """Wait out a silent holder; refuse at the first sign of a living one."""
    watch, candidate = Watch(parts.store, parts.clock), Candidate(parts)
    first = (await watch.look()).liveness
    while True:
        sighting = await watch.look()
        if sighting.liveness is not None and not sighting.claimable and sighting.liveness != first:
            message = (
                f"{sighting.liveness.holder.split('/')[0]} holds the store and is alive; "
                "use --url to go through it, or stop it first"
            )
            raise HolderRefused(message)
        if sighting.claimable:
            outcome = await candidate.stand(sighting)
            if isinstance(outcome, ShutDown):
                message = f"{outcome.message}; {outcome.remedy}"
                raise HolderRefused(message)
            if outcome is not None:
                return outcome
        await parts.clock.sleep(parts.times.poll)


class StoreHolder:
    """What a command may do while it holds."""

    def __init__(self, parts: Parts, committer: Committer) -> None:
        self._parts = parts
        self._committer = committer
        self._records: list[Record] = []

    async def begin(self) -> None:
        """Finish what a holder before us may have left, and read all records. Raises HolderRefused for a bad one."""
        await replay(self._committer, self._encoder())
        memory = await load(self._parts.store, self._place, index)
        assert memory is not None
        if memory.unreadable:
            (kind, key), reason = next(iter(memory.unreadable.items()))
            message = f"{len(memory.unreadable)} records can't be read, first {kind.value}/{key}: {reason}; mend it"
            raise HolderRefused(message)
        self._records = list(memory.records())

    def records(self) -> Iterable[Record]:
        """All records, in no order."""
        return self._records

    async def put(self, records: Iterable[Record]) -> None:
        """Store records, in as many commits as they need."""
        encoder, limits = self._encoder(), self._parts.store.limits
        waiting: list[Encoded] = []
        operations = payload_bytes = 0
        for record in records:
            encoded = encoder.encode([put(record)])
            operations += len(encoded.writes)
            payload_bytes += encoded.payload_bytes
            if waiting and (operations > limits.operations or payload_bytes > limits.payload_bytes):
                await self._put(waiting)
                waiting, operations, payload_bytes = [], len(encoded.writes), encoded.payload_bytes
            waiting.append(encoded)
        if waiting:
            await self._put(waiting)

    async def _put(self, parts: list[Encoded]) -> None:
        whole = Encoded(
            tuple(mutation for part in parts for mutation in part.mutations),
            last_writes(write for part in parts for write in part.writes),
            sum(part.payload_bytes for part in parts),
        )
        if fits(whole, self._parts.store.limits):
            await self._committer.commit(lambda _: Draft(whole.writes, encode_changes(whole.mutations)))
        else:
            await commit_large(self._committer, whole)

    async def prepare(self, to: int) -> dict[str, Any]:
        """The verdict of a rehearsal."""
        target, place = self._served(to), self._place(self._committer.anchor)
        cipher = self._parts.keys.cipher(target)
        return asdict(await prepare(self._parts.store, self._parts.clock, place, target, cipher))

    async def migrate(self, to: int, shown: Callable[[int, int | None], None]) -> None:
        """Migrate to the end. Raises HolderRefused with the failure, which then stands in the store too."""
        if self._committer.anchor.version.current == to:
            await self._tidy()
            return
        self._served(to)
        await self._committer.commit(lambda anchor: _wanting(anchor, to))
        seen: list[Progress] = []
        throttle = Throttle(self._parts.clock, self._parts.settings.max_records_per_second)
        runner = Runner(self._committer, self._parts.clock, throttle, seen.append)
        showing = asyncio.ensure_future(show(seen, shown))
        try:
            outcome = await runner.run(self._order(to, len(self._records)))
        finally:
            showing.cancel()
        if isinstance(outcome, Failed):
            failure = outcome.failure
            message = f"{failure.key}: {failure.message}; mend or remove that record, then run it again"
            raise HolderRefused(message)
        await self._tidy()
        shown(outcome.records, outcome.records)

    async def keys(self) -> dict[str, Any]:
        """Active key, label record, loaded keys, and records by the key that seals them ("" for none)."""
        anchor = self._committer.anchor
        counts = (await self._look(anchor.active_key)).counts
        loaded = sorted(self._parts.keys.loaded())
        return {"active": anchor.active_key or None, "stored": anchor.key_label, "loaded": loaded, "counts": counts}

    async def rotate(self, name: str, shown: Callable[[int, int | None], None]) -> int:
        """Seal every record with that key; how many bear it at the end. Raises HolderRefused."""
        if name not in self._parts.keys.loaded():
            message = f"no key {name!r} is loaded; loaded are {', '.join(sorted(self._parts.keys.loaded())) or 'none'}"
            raise HolderRefused(message)
        if leaves_encryption(self._place(self._committer.anchor).layout):
            message = f"data version {self._committer.anchor.live.layout} is never encrypted; migrate first"
            raise HolderRefused(message)
        if self._committer.anchor.active_key != name:
            await self._committer.commit(activated(name))
            self._parts.keys.activate(name)
        stale = set((await self._look(name)).stale)
        for done in range(0, len(self._records), _AT_ONCE):
            shown(done, len(self._records))
            await self.put(r for r in self._records[done : done + _AT_ONCE] if (r.kind, r.key) in stale)
        left = await self._look(name)
        if left.stale or left.unreadable:
            message = f"{len(left.stale) + len(left.unreadable)} records still bear another key; run it again"
            raise HolderRefused(message)
        await self._committer.commit(sealed_with_one(name))
        return left.counts.total()

    async def _look(self, active: str) -> Labels:
        async with self._parts.store.snapshot() as snapshot:
            return await look(snapshot, self._place(self._committer.anchor), active)

    async def _tidy(self) -> None:
        await tidy(self._committer, keep_superseded=self._parts.settings.keep_old_roots)

    def _order(self, to: int, total: int) -> Order:
        target, anchor = self._served(to), self._committer.anchor
        return Order(
            source=self._place(anchor),
            target=target,
            target_cipher=self._parts.keys.cipher(target),
            generation=anchor.generation,
            managed=self._parts.abilities().managed,
            key_label=self._parts.keys.active_label() if to else None,
            known_total=total,
        )

    def _served(self, version: int) -> Layout:
        layout = self._parts.layouts.get(version)
        if layout is None or not layout.serves:
            serves = sorted(self._parts.abilities().serves)
            message = f"this binary does not serve data version {version}; it serves {serves}"
            raise HolderRefused(message)
        return layout

    def _encoder(self) -> Encoder:
        place = self._place(self._committer.anchor)
        return Encoder(place.layout, place.root, place.cipher, self._parts.store.limits)

    def _place(self, anchor: Anchor) -> Place:
        layout = self._parts.layouts[anchor.live.layout]
        return Place(layout, anchor.live.root, self._parts.keys.cipher(layout))


def _wanting(anchor: Anchor, to: int) -> Draft:
    """What a person wants is recorded first, so that a BBS that takes over goes on with it."""
    wanted = Wanted(to, anchor.generation + 1, f"cli-{uuid.uuid4()}")
    members = {"wanted": wanted, "online": False, "version": Version(anchor.version.current), "migration": None}
    return Draft(members=members)


async def show(seen: list[Progress], shown: Callable[[int, int | None], None]) -> None:
    """Show the latest progress again and again."""
    while True:
        if seen:
            shown(seen[-1].done, seen[-1].total)
        await asyncio.sleep(_SHOW_EVERY_S)


def _parts(
    configuration: BBSConfiguration, keys: FileKeys, store: Store, where: StoreConfig, *, hands_back: bool
) -> Parts:
    clock, times = SystemClock(), lock_times(configuration)
    tls = ClientTLS(configuration.tls.ca_file, configuration.tls.cert_file, configuration.tls.key_file)
    settings = Settings(
        member=f"{configuration.member}-cli",
        life=life_of(os.getpid()),
        url="",
        uid="",
        owner=configuration.owner,
        version="",
        build="",
        store_type=where.type,
        keep_old_roots=configuration.migration.keep_old_roots > 0,
        max_records_per_second=configuration.migration.max_records_per_second,
    )
    return Parts(
        settings=settings,
        store=store,
        clock=clock,
        times=times,
        layouts=layouts(),
        keys=keys,
        index=index,
        upstream_lock=lambda: upstream_lock(configuration, f"{configuration.member}-cli/{uuid.uuid4()}"),
        abilities=lambda: replace(abilities(configuration, keys, where.type), hands_back=hands_back),
        identity=lambda: read_identity(configuration.identity_file),
        adopted=lambda store_id: record_identity(configuration.identity_file, store_id),
        renewals=ThreadedRenewals(lambda: open_store(where), clock, times, lambda event, **fields: None),
        streams=StreamClient(tls, times.ttl),
        new_id=lambda: uuid.uuid4().hex,
        context=lambda since: Context(clock.now(), since, lambda: uuid.uuid4().hex),
    )
