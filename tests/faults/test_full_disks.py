"""A volume without a byte left: writes say so, reads and own routes go on, nothing accepted is lost, room ends it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bbs.client.errors import NotAvailable
from tests.components.apps import task
from tests.engines.etcd import EtcdServer
from tests.engines.relational import SERVERS, RelationalServer
from tests.engines.volume import Volume, can_mount, volume
from tests.faults import ROUNDS
from tests.faults.traffic import Traffic, running
from tests.processes.cluster import Cluster
from tests.processes.member import Member
from tests.processes.test_migration import BARE_JSON, OURS, aimed, live, seeded
from tests.processes.waiting import until

LOCK = {"ttl": "5s", "renew": "1s", "margin": "1s", "poll": "200ms"}
MEGABYTES = {"etcd": 400, "mysql": 400, "postgresql": 200, "sqlite": 8}

SIZE = 500_000
LIVES_ON = ("postgresql", "sqlite")
"""Engines that refuse a write for want of room. etcd and MariaDB end themselves when there is not a byte left
(docs/reference/store-etcd.md, store-mysql.md): a master without a store falls silent, and its own routes go on."""

pytestmark = pytest.mark.skipif(not can_mount(), reason="only root may mount a small volume")


@dataclass
class Place:
    """An engine whose data lie on a small volume."""

    engine: str
    volume: Volume
    server: EtcdServer | RelationalServer | None

    def cluster(self, folder: Path, **settings: Any) -> Cluster:
        """One member on it."""
        settings |= {"lock": LOCK}
        match self.server:
            case None:
                store = {"type": "sqlite", "sqlite": {"path": str(self.volume.path / "bbs.db")}}
                return Cluster(folder / "members", 1, store=store, **settings)
            case EtcdServer():
                return Cluster(folder / "members", 1, etcd=self.server, **settings)
            case _:
                return Cluster(folder / "members", 1, database=self.server, **settings)

    def room(self) -> None:
        """Makes room, and does what a service manager does with a server that ended for want of it."""
        self.volume.make_room()
        if self.server is not None and not self.server.runs:
            print(f"{self.engine}: the server had ended, and is started again")
            self.server.kill()
            self.server.start()


@pytest.fixture(params=sorted(MEGABYTES) if ROUNDS else LIVES_ON)
def place(request: pytest.FixtureRequest, folder: Path) -> Iterator[Place]:
    engine: str = request.param
    with ExitStack() as stack:
        if engine == "etcd":
            small = stack.enter_context(volume(folder / "volume", MEGABYTES[engine]))
            server: Any = EtcdServer(folder, "--data-dir", str(small.path / "data"))
            stack.callback(server.kill)
        elif engine == "sqlite":
            small, server = stack.enter_context(volume(folder / "volume", MEGABYTES[engine])), None
        else:
            server = SERVERS[engine]()
            stack.callback(server.remove)
            small = stack.enter_context(volume(server.folder / "volume", MEGABYTES[engine]))
            stack.callback(server.kill)
            server.data = small.path / "data"
        if server is not None:
            server.start()
        yield Place(engine, small, server)


async def test_a_full_volume_is_told_to_writers_and_nothing_accepted_is_lost(folder: Path, place: Place) -> None:
    async with place.cluster(folder) as cluster:
        member = await cluster.start()
        traffic = Traffic(cluster)
        async with running(traffic, cluster):
            await traffic.goes_on()
            place.volume.fill()
            refused = await _refusal(member, place.volume)
            print(f"{place.engine}: {refused.code}: {refused.message[:300]}")
            assert (await member.status()) is not None
            if place.engine in LIVES_ON:
                assert refused.code == "StoreFull"
                async with member.client() as client:
                    assert await client.desired_lrps()
            await asyncio.to_thread(place.room)
            print(f"went on after {await traffic.goes_on():.1f} s")
        await traffic.final()
    print(f"{traffic.ledger.acknowledged} of {len(traffic.ledger.writes)} writes; {dict(traffic.failures)}")
    assert traffic.ledger.violations() == []


@pytest.mark.parametrize("place", LIVES_ON, indirect=True)
async def test_a_migration_that_finds_no_room_is_withdrawn_and_the_old_records_are_served(
    folder: Path, place: Place
) -> None:
    async with place.cluster(folder, target="managed") as cluster:
        before = await seeded(cluster)
        master = await cluster.start()
        await aimed(cluster, master, OURS, "up", limit=50)
        await master.comes_to(state="Migrating")

        async def without_room() -> bool:
            await asyncio.to_thread(place.volume.fill)
            return any(line["code"] == "StoreFull" for line in master.events("store-trouble"))

        await until("the migration meets the full volume", without_room)
        await asyncio.to_thread(place.room)
        await aimed(cluster, master, BARE_JSON, "back")
        await until("the old layout is served", lambda: live(master, BARE_JSON))
        assert (await master.status() or {})["old_roots"] == []
        assert await cluster.stored() == before


async def _refusal(member: Member, volume: Volume) -> NotAvailable:
    """What a writer is told once the engine has used up what it had in reserve."""
    numbers = itertools.count()
    async with member.client(timeout=3.0) as client:

        async def look() -> NotAvailable | None:
            await asyncio.to_thread(volume.fill)
            try:
                await client.desire_task(f"task-{next(numbers)}", "tests", task("#" * SIZE))
            except NotAvailable as error:
                return error
            return None

        return await until("a write is refused", look, 60)
