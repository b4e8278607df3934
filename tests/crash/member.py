"""A whole member as the one that finishes: it stands by, claims, decides, migrates and serves, as `bbs serve` does.

All of the BBS but its HTTP server: the operator's call is made on the member itself.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable

from bbs.client.tls import ClientTLS
from bbs.configuration import BBSConfiguration
from bbs.layouts.registry import layouts
from bbs.master.clock import SystemClock
from bbs.master.life import life_of
from bbs.master.member import Member
from bbs.master.parts import Parts, Settings
from bbs.master.renewal_thread import ThreadedRenewals
from bbs.master.stream_client import StreamClient
from bbs.master.wiring import FileKeys, abilities, lock_times, read_identity, record_identity, store_config
from bbs.migration.attempt import OFFLINE
from bbs.models.index import index
from bbs.models.state import Context
from bbs.stores.contract import Store
from bbs.stores.opening import open_store

_LIMIT_S = 90.0
_POLL_S = 0.02


async def serve_until_migrated(configuration: BBSConfiguration, to: int, mode: str = OFFLINE) -> None:
    """Be a member until the store is served at `to`; the target is set as the operator would if nobody has yet."""
    await _member(configuration, lambda member: _served(member, to, mode))


async def serve_until_sealed(configuration: BBSConfiguration, to: str) -> None:
    """Be a member until all records are known to bear that key; it is activated as the operator would."""
    await _member(configuration, lambda member: _sealed(member, to))


async def serve_or_refuse(configuration: BBSConfiguration, code: str) -> None:
    """Be a member until it serves, or says with that code why it does not."""
    await _member(configuration, lambda member: _served_or_refused(member, code))


async def _member(configuration: BBSConfiguration, long_enough: Callable[[Member], Awaitable[None]]) -> None:
    store = open_store(store_config(configuration))
    member = Member(_parts(configuration, store))
    life = asyncio.ensure_future(member.run())
    try:
        async with asyncio.timeout(_LIMIT_S):
            await long_enough(member)
            member.leave()
            await life
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        await store.close()


async def _served(member: Member, to: int, mode: str) -> None:
    while True:
        ruler = member.ruler
        if ruler is not None and ruler.state == "Serving":
            anchor = ruler.anchor
            if anchor.version.current == to and ruler.progress is None:
                return
            if anchor.wanted is None or anchor.wanted.version != to:
                await member.set_target(to, "crash-run", anchor.generation, None, mode)
        await asyncio.sleep(_POLL_S)


async def _sealed(member: Member, to: str) -> None:
    while True:
        ruler = member.ruler
        if ruler is not None and ruler.state == "Serving":
            anchor = ruler.anchor
            if anchor.key_label == to:
                return
            if anchor.active_key != to:
                await member.set_active_key(to, anchor.generation)
        await asyncio.sleep(_POLL_S)


async def _served_or_refused(member: Member, code: str) -> None:
    while True:
        reason = member.status()["reason"]
        if (reason and reason["code"] == code) or (member.ruler is not None and member.ruler.state == "Serving"):
            return
        await asyncio.sleep(_POLL_S)


def _parts(configuration: BBSConfiguration, store: Store) -> Parts:
    clock, times, where = SystemClock(), lock_times(configuration), store_config(configuration)
    keys = FileKeys(configuration.keyring_dir, configuration.initial_key)
    tls = ClientTLS(configuration.tls.ca_file, configuration.tls.cert_file, configuration.tls.key_file)
    return Parts(
        settings=Settings(
            member=configuration.member,
            life=life_of(os.getpid()),
            url=configuration.url,
            uid="",
            owner=configuration.owner,
            version="",
            build="",
            store_type=configuration.store.type,
        ),
        store=store,
        clock=clock,
        times=times,
        layouts=layouts(),
        keys=keys,
        index=index,
        abilities=lambda: abilities(configuration, keys, where.type),
        identity=lambda: read_identity(configuration.identity_file),
        adopted=lambda store_id: record_identity(configuration.identity_file, store_id),
        renewals=ThreadedRenewals(lambda: open_store(where), clock, times, lambda event, **fields: None),
        streams=StreamClient(tls, times.ttl),
        new_id=lambda: uuid.uuid4().hex,
        context=lambda since: Context(clock.now(), since, lambda: uuid.uuid4().hex),
    )
