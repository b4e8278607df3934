"""Migrations of a served store, as the operator drives them and as clients see them."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

from bbs.client.errors import NotAvailable
from tests.engines.etcd import EtcdServer
from tests.processes.cluster import PATIENT_LOCK, Cluster
from tests.processes.member import Member
from tests.processes.waiting import until
from tests.processes.wire import ask

BARE_JSON, OURS = 0, 4000000001
_RECORDS = 300


async def seeded(cluster: Cluster, records: int = _RECORDS) -> str:
    """Bare JSON records in the store; their export."""
    await cluster.cli("generate", "--records", records, "--inert", "--version", BARE_JSON)
    return await cluster.cli("export")


async def aimed(
    cluster: Cluster, master: Member, version: int, token: str, limit: int | None = None, mode: str = "Offline"
) -> None:
    """The operator's call."""
    generation = (await master.comes_to(role="Master"))["data"]["generation"]
    async with cluster.operator(master) as operator:
        await operator.set_target(version, token, generation, limit, mode)


async def live(member: Member, version: int) -> bool | None:
    """Whether it serves that version, without anything under way."""
    seen = await member.status()
    return seen is not None and seen["state"] == "Serving" and seen["data"]["current"] == version


async def test_clients_are_told_to_wait_while_records_are_migrated_and_find_them_unchanged_afterwards(
    folder: Path, etcd: EtcdServer
) -> None:
    async with Cluster(folder, 1, etcd, target="managed") as cluster:
        before = await seeded(cluster)
        master = await cluster.start()
        await aimed(cluster, master, OURS, "up", limit=100)
        heard = await ask(master, "POST", "/v1/ping")
        assert (heard.status, heard.headers["content-type"]) == (503, "application/json")
        assert int(heard.headers["retry-after"]) >= 1
        assert set(heard.json) == {"code", "message", "remedy", "from", "to", "done", "total", "eta_s"}
        assert heard.json["code"] == "Migrating"
        await until("the target is live", lambda: live(master, OURS))
        assert await cluster.stored() == before
        version = etcd.get(b"/version")
        assert version is not None
        assert json.loads(version) == {"CurrentVersion": OURS, "TargetVersion": OURS}


async def test_a_target_withdrawn_while_staging_gives_the_old_layout_back_at_once(
    folder: Path, etcd: EtcdServer
) -> None:
    """At one record a second the migration would take five minutes; nobody waits for it."""
    async with Cluster(folder, 1, etcd, target="managed") as cluster:
        before = await seeded(cluster)
        master = await cluster.start()
        await aimed(cluster, master, OURS, "up", limit=1)
        await master.comes_to(state="Migrating")

        async def staging() -> bool:
            seen = await master.status()
            return seen is not None and seen["migration"] is not None and seen["migration"]["done"] > 0

        await until("records are being staged", staging)
        await aimed(cluster, master, BARE_JSON, "back")
        await until("the old layout is served", lambda: live(master, BARE_JSON))
        assert await cluster.stored() == before
        assert master.events("migration-finished") == []
        assert etcd.get(b"/version") is None


async def test_a_record_that_cannot_be_read_holds_the_migration_until_it_is_mended_and_asked_for_again(
    folder: Path, etcd: EtcdServer
) -> None:
    """A successor of a master that died in HOLD holds as well: it attempts nothing before somebody asks again."""
    async with Cluster(folder, 2, etcd, target="managed", lock=PATIENT_LOCK) as cluster:
        before = await seeded(cluster)
        damaged = next(key for key in list(etcd.keys()) if key.startswith(b"/v1/desired"))
        whole = etcd.get(damaged)
        assert whole is not None
        etcd.put(damaged, b'{"process_guid":')
        master = await cluster.start()
        # Served as it lies, that record is set aside and named; staging it is a failure.
        unreadable = (await master.comes_to(role="Master"))["unreadable"]
        assert unreadable["count"] == 1
        await aimed(cluster, master, OURS, "up")
        held = await master.comes_to(state="Held")
        guid = damaged.decode().rsplit("/", 1)[1]
        assert guid in held["migration"]["failure"]["key"]
        assert held["migration"]["phase"] == "Failed"
        heard = await ask(master, "POST", "/v1/ping")
        assert (heard.status, heard.json["code"]) == (503, "Held")

        master.signal_child(signal.SIGKILL)
        (standby,) = cluster.others(master)
        await master.logged("released", component="bbs-supervisor")
        successor = await cluster.master(state="Held")
        attempts = sum(len(member.events("migration-started")) for member in (master, standby))
        assert attempts == 1

        etcd.put(damaged, whole)
        await aimed(cluster, successor, OURS, "again")
        await until("the target is live", lambda: live(successor, OURS))
        assert await cluster.stored() == before


async def test_a_master_killed_while_migrating_is_followed_by_one_that_finishes(folder: Path, etcd: EtcdServer) -> None:
    async with Cluster(folder, 2, etcd, target="managed", lock=PATIENT_LOCK) as cluster:
        before = await seeded(cluster)
        master = await cluster.start()
        await aimed(cluster, master, OURS, "up", limit=100)
        await master.comes_to(state="Migrating")
        master.signal_child(signal.SIGKILL)
        successor = await cluster.master()
        assert await live(successor, OURS)
        assert await cluster.stored() == before


class Writing:
    """Somebody who declares one domain after the other, and follows to another master; `acknowledged` are those that
    were answered."""

    def __init__(self, cluster: Cluster, prefix: str) -> None:
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self._cluster = cluster
        self._prefix = prefix

    async def run(self, master: Member) -> None:
        """Until cancelled, or until nobody answers any more."""
        async with self._cluster.operator(master) as client:
            while True:
                name = f"{self._prefix}-{len(self.acknowledged):05d}"
                try:
                    await client.upsert_domain(name, 3600)
                except NotAvailable as error:
                    self.refused.append(str(error))
                    return
                self.acknowledged.append(name)


async def test_no_request_is_refused_while_records_are_migrated_online(folder: Path, etcd: EtcdServer) -> None:
    async with Cluster(folder, 2, etcd, target="managed") as cluster:
        await seeded(cluster)
        master = await cluster.start()
        writing = Writing(cluster, "while")
        task = asyncio.ensure_future(writing.run(master))
        await aimed(cluster, master, OURS, "up", limit=150, mode="Online")
        await until("the target is live", lambda: live(master, OURS))
        at_the_flip = len(writing.acknowledged)
        await until("writing goes on", lambda: _more(writing, at_the_flip + 20))
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert writing.refused == []
        stored = await cluster.stored()
        assert all(f'"{name}"' in stored for name in writing.acknowledged)


async def test_a_master_killed_while_migrating_online_loses_nothing_that_was_acknowledged(
    folder: Path, etcd: EtcdServer
) -> None:
    async with Cluster(folder, 2, etcd, target="managed", lock=PATIENT_LOCK) as cluster:
        before = await seeded(cluster)
        master = await cluster.start()
        writing = Writing(cluster, "while")
        task = asyncio.ensure_future(writing.run(master))
        await aimed(cluster, master, OURS, "up", limit=100, mode="Online")
        await until("records are copied", lambda: _copied(master))
        master.signal_child(signal.SIGKILL)
        assert writing.acknowledged
        successor = await cluster.master()
        await until("the target is live", lambda: live(successor, OURS))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        stored = await cluster.stored()
        assert all(f'"{name}"' in stored for name in writing.acknowledged)
        assert set(before.splitlines()) <= set(stored.splitlines())


async def _more(writing: Writing, wanted: int) -> bool:
    return len(writing.acknowledged) >= wanted


async def _copied(master: Member) -> bool:
    seen = await master.status()
    return seen is not None and seen["migration"] is not None and seen["migration"]["done"] > 50
