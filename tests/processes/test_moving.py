"""Members that move their records from etcd to PostgreSQL or MariaDB, as the operator drives them."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.engines.etcd import EtcdServer
from tests.engines.relational import RelationalServer
from tests.processes.cluster import PATIENT_LOCK
from tests.processes.member import Member
from tests.processes.moving import MovingCluster
from tests.processes.waiting import until

_RECORDS = 300


async def seeded(cluster: MovingCluster, version: int = 4000000001) -> str:
    """Records in etcd; their export."""
    await cluster.cli("generate", "--records", _RECORDS, "--inert", "--version", version)
    return await cluster.cli("export")


async def asked(cluster: MovingCluster, master: Member, token: str, *, wanted: bool = True) -> None:
    """The operator's call."""
    move = (await master.comes_to(role="Master"))["move"]
    async with cluster.operator(master) as operator:
        await operator.set_move(token, move["generation"], wanted=wanted)


async def moved(member: Member) -> bool | None:
    """Whether it says that it works on the database."""
    seen = await member.status()
    return seen is not None and seen["move"] is not None and seen["move"]["state"] == "Moved"


async def test_all_records_are_served_from_the_database_after_the_operators_call(
    folder: Path, etcd: EtcdServer, database: RelationalServer
) -> None:
    async with MovingCluster(folder, 2, etcd, database, target="managed", lock=PATIENT_LOCK) as cluster:
        before = await seeded(cluster)
        master = await cluster.start()
        (standby,) = cluster.others(master)
        ready = await standby.comes_to(state="Following")
        assert (ready["store"]["type"], ready["move"]["state"], ready["move"]["to"]) == (
            "etcd",
            "Waiting",
            database.engine,
        )
        await asked(cluster, master, "go")
        for member in cluster.members:
            await until(f"{member.name} works on the database", lambda member=member: moved(member))
        serving = await cluster.master()
        seen = await serving.comes_to(state="Serving")
        assert (seen["store"]["type"], seen["store"]["migrated_from"]) == (database.engine, "etcd")
        assert seen["store"]["id"] == ready["store"]["id"]
        assert json.loads(etcd.get(b"/version") or b"")["CurrentVersion"] == 4000000001
        assert await cluster.export(serving) == before
        etcd_only = cluster.add_on(cluster.etcd_section())
        etcd_only.start()
        assert (await etcd_only.comes_to(role="Aside"))["reason"]["code"] == "StoreMoved"
        etcd_only.end()
        assert await cluster.stored() == before


async def test_a_mover_killed_before_the_commit_point_leaves_it_to_the_next(
    folder: Path, etcd: EtcdServer, database: RelationalServer
) -> None:
    settings = {"target": "managed", "lock": PATIENT_LOCK, "migration": {"max_records_per_second": 100}}
    async with MovingCluster(folder, 2, etcd, database, **settings) as cluster:
        before = await seeded(cluster)
        master = await cluster.start()
        (standby,) = cluster.others(master)
        await asked(cluster, master, "go")

        async def staging() -> bool:
            seen = await master.status()
            return seen is not None and (seen["move"]["done"] or 0) > 0

        await until("records are being staged", staging)
        master.signal_child(signal.SIGKILL)
        for member in cluster.members:
            await until(f"{member.name} works on the database", lambda member=member: moved(member))
        assert len(standby.events("move-committed")) == 1
        await cluster.master()
        assert await cluster.stored() == before
