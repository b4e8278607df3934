"""A store held by this process, with rows put into it as they are: where migrations of very many records begin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

from bbs.configuration import BBSConfiguration
from bbs.interchange.digest import RecordDigest
from bbs.layouts.contract import Row
from bbs.master.committer import Committer, Draft
from bbs.master.encoder import slices
from bbs.master.holder import StoreHolder, claim_for
from bbs.master.parts import Parts
from bbs.migration.reading import Place as Root
from bbs.migration.reading import read_records
from bbs.models.records import Record
from bbs.stores.anchor import Anchor
from bbs.stores.contract import PutRow, Write
from tests.crash.places import Place
from tests.crash.setting import PATIENT_LOCK, Setting

_AT_ONCE = 10_000


@asynccontextmanager
async def held(
    place: Place, version: int, keyring: Path | None = None
) -> AsyncIterator[tuple[Parts, Committer, StoreHolder]]:
    """An empty store, adopted at that data version; superseded roots stay."""
    setting = Setting(place.section(), place.authority, keyring)
    configuration = setting.configuration("many", PATIENT_LOCK)
    kept = configuration.migration.model_copy(update={"keep_old_roots": 1})
    async with held_as(configuration.model_copy(update={"migration": kept}), version) as found:
        yield found


@asynccontextmanager
async def held_as(
    configuration: BBSConfiguration, version: int | None
) -> AsyncIterator[tuple[Parts, Committer, StoreHolder]]:
    """The store of that configuration; an empty one is adopted at that data version."""
    configuration = configuration.model_copy(update={"initial_version": version})
    async with claim_for(configuration) as (parts, committer):
        yield parts, committer, StoreHolder(parts, committer)


async def put_rows(committer: Committer, rows: Iterable[Row]) -> None:
    """Into the live root, in fenced commits."""
    root, each = committer.anchor.live.root, iter(rows)
    while some := [PutRow(root, row) for row in islice(each, _AT_ONCE)]:
        for piece in slices(some, committer.store.limits):
            await committer.commit(_drawn(piece))


async def digest_of(committer: Committer, root: Root) -> RecordDigest:
    """What a root holds. Fails at a record that can't be read."""
    found = RecordDigest()
    async with committer.store.snapshot() as snapshot:
        async for some in read_records(snapshot, root):
            for record in some:
                assert isinstance(record, Record), record
                found.add(record)
    return found


def _drawn(writes: tuple[Write, ...]) -> Callable[[Anchor], Draft]:
    return lambda _: Draft(writes=writes)
