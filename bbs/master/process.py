"""The server child: one member, its server and its duties, wired; from the first line of the log to the last answer."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import resource
import signal
import uuid
from pathlib import Path

import uvloop
from prometheus_client import CollectorRegistry

from bbs.build import version
from bbs.client.tls import ClientTLS
from bbs.configuration import BBSConfiguration
from bbs.encryption.keyring import KeyringError
from bbs.events import EventHub, EventMetrics
from bbs.layouts.registry import layouts
from bbs.logs import Standing
from bbs.master.clock import SystemClock
from bbs.master.destination import examine
from bbs.master.journal import Journal
from bbs.master.life import life_of
from bbs.master.member import Member
from bbs.master.metrics import MasterMetrics
from bbs.master.outward import Outward
from bbs.master.parts import Destination, Parts, Settings
from bbs.master.renewal_thread import ThreadedRenewals
from bbs.master.stream_client import StreamClient
from bbs.master.supervisor import BAD_CONFIGURATION
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
from bbs.migration.move import landed
from bbs.models.index import index
from bbs.outbound.upstream_lock import upstream_lock
from bbs.server import BBSApplication, BBSServer, Bind, Credentials, RequestMetrics, TLSFiles
from bbs.server.parsing import Limits
from bbs.stores.anchor import MalformedAnchor
from bbs.stores.contract import Store, StoreError, StoreMisconfigured
from bbs.stores.opening import StoreConfig, open_store

_UID_FILE = "/etc/diego/pod/uid"
_LAST_WORDS_S = 5.0
_KEYRING_POLL_S = 5.0
_GC_THRESHOLDS = 20_000, 20, 100


def run(configuration: BBSConfiguration) -> int:
    """Serve until SIGTERM; the exit code."""
    journal, standing = start_logs(configuration)
    # Records have no cycles; what the collector would find is little, and looking for it in all of them takes long.
    gc.set_threshold(*_GC_THRESHOLDS)
    _allow_descriptors()
    try:
        return uvloop.run(_Process(configuration, journal, standing).run())
    except (StoreMisconfigured, KeyringError) as error:
        part = "keyring" if isinstance(error, KeyringError) else "store"
        journal("bad-configuration", part=part, message=str(error))
        return BAD_CONFIGURATION


def _allow_descriptors() -> None:
    """As many open files as this process may allow itself: the soft limit is 1024 in many places, and each cell,
    emitter and subscriber is a connection."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class _Process:
    """Everything of one life."""

    def __init__(self, configuration: BBSConfiguration, journal: Journal, standing: Standing) -> None:
        self._configuration = configuration
        self._journal = journal
        self._standing = standing
        self._keys = FileKeys(configuration.keyring_dir, configuration.initial_key)
        self._credentials = Credentials(
            TLSFiles(configuration.tls.ca_file, configuration.tls.cert_file, configuration.tls.key_file)
        )

    async def run(self) -> int:
        where = source_config(self._configuration) or store_config(self._configuration)
        store = open_store(where)
        there = None if where == store_config(self._configuration) else open_store(store_config(self._configuration))
        if there is None or not await self._moved(there):
            await self._reachable(store)
        registry = CollectorRegistry()
        clock = SystemClock()
        outward = Outward(self._configuration, clock, self._journal)
        events = EventHub(self._journal, EventMetrics(registry))
        parts = self._parts(clock, store, there, outward, events)
        member = Member(parts)
        self._standing.place = member.place_in_history
        registry.register(MasterMetrics(member, outward.convergence.figures, outward.call_figures))
        application = BBSApplication(
            member,
            lambda: outward.context(parts.clock.now()),
            outward.cells,
            stream=lambda _: member.subscribe(),
            events=events,
            admins=self._configuration.admin_common_names,
            metrics=RequestMetrics(registry),
            settled=outward.settled,
            rep_url=outward.rep_url,
            converger=outward.external(member),
            convergers=self._configuration.converger_common_names,
        )
        limits = Limits(body=self._configuration.max_request_bytes)
        server = BBSServer(member, application, registry, self._credentials, limits=limits)
        listen, health = self._configuration.listen_address, self._configuration.health_address
        server.start(Bind(listen.host, listen.port), Bind(health.host, health.port))
        self._journal("started", build=parts.settings.build, version=parts.settings.version)
        keyring = asyncio.ensure_future(self._watch_keyring(member))
        try:
            await self._live(member, server)
        finally:
            keyring.cancel()
            await asyncio.gather(keyring, return_exceptions=True)
            await server.close()
            await outward.close()
            await store.close()
            if there is not None:
                await there.close()
        return 0

    @staticmethod
    async def _moved(there: Store) -> bool:
        """Whether the records are live in the second store already; wrong credentials for it are said at once too."""
        try:
            return landed(await examine(there), None)
        except StoreMisconfigured:
            raise
        except (StoreError, MalformedAnchor):
            return False

    @staticmethod
    async def _reachable(store: Store) -> None:
        """A wrong server or wrong credentials are said at once; a store that is away is waited for."""
        try:
            await store.read_liveness()
        except StoreMisconfigured:
            raise
        except StoreError:
            return

    async def _live(self, member: Member, server: BBSServer) -> None:
        leaving = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, leaving.set)
        life = asyncio.ensure_future(member.run())
        told = asyncio.ensure_future(leaving.wait())
        await asyncio.wait([life, told], return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not life.done():
            self._journal("stepping-down")
            server.end_connections()
            member.leave()
        await life
        # Clients that still come are sent to the next master, or told to try again, for a little while.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(member.keep_watching(), _LAST_WORDS_S)

    async def _watch_keyring(self, member: Member) -> None:
        while True:
            await asyncio.sleep(_KEYRING_POLL_S)
            try:
                await asyncio.to_thread(self._keys.reload, member.keys_in_use())
            except KeyringError as error:
                self._journal("keyring-not-reloaded", message=str(error))

    def _parts(
        self, clock: SystemClock, store: Store, there: Store | None, outward: Outward, events: EventHub
    ) -> Parts:
        configuration, times = self._configuration, lock_times(self._configuration)
        where = source_config(configuration) or store_config(configuration)
        tls = ClientTLS(configuration.tls.ca_file, configuration.tls.cert_file, configuration.tls.key_file)
        return Parts(
            settings=self._settings(),
            store=store,
            clock=clock,
            times=times,
            layouts=layouts(),
            keys=self._keys,
            index=index,
            abilities=lambda: abilities(configuration, self._keys, where.type),
            identity=lambda: read_identity(configuration.identity_file),
            adopted=lambda store_id: record_identity(configuration.identity_file, store_id),
            renewals=self._renewals(clock, where),
            destination=None if there is None else self._destination(clock, there),
            streams=StreamClient(tls, times.ttl),
            new_id=lambda: uuid.uuid4().hex,
            upstream_lock=lambda: upstream_lock(configuration, f"{configuration.member}/{uuid.uuid4()}"),
            context=outward.context,
            follow_up=outward.follow_up,
            tell=events.tell,
            duties=(*outward.duties, events.attend),
            journal=self._journal,
            loaded=gc.freeze,
            notes=lambda: {
                "trust_sha256": self._credentials.trust_sha256,
                "convergence": outward.convergence.status(),
            },
        )

    def _renewals(self, clock: SystemClock, where: StoreConfig) -> ThreadedRenewals:
        return ThreadedRenewals(lambda: open_store(where), clock, lock_times(self._configuration), self._journal)

    def _destination(self, clock: SystemClock, store: Store) -> Destination:
        configuration, where = self._configuration, store_config(self._configuration)
        return Destination(
            store,
            self._renewals(clock, where),
            where.type,
            lambda: abilities(configuration, self._keys, where.type),
        )

    def _settings(self) -> Settings:
        built = version()
        configuration = self._configuration
        return Settings(
            member=configuration.member,
            life=life_of(os.getpid()),
            url=configuration.url,
            uid=_uid(),
            owner=configuration.owner,
            version=built["version"],
            build=built["build"],
            store_type="etcd" if configuration.store.migrate_from else configuration.store.type,
            keep_old_roots=configuration.migration.keep_old_roots > 0,
            max_records_per_second=configuration.migration.max_records_per_second,
        )


def _uid() -> str:
    """The pod's uid, by the downward API; outside of Kubernetes there is none."""
    try:
        return Path(_UID_FILE).read_text().strip()
    except OSError:
        return ""
