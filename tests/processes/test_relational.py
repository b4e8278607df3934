"""Members on PostgreSQL and MariaDB: killed and stopped masters are replaced, and a stopped one changes nothing."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.engines.relational import RelationalServer
from tests.processes.cluster import PATIENT_LOCK, Cluster

LOCK = {"ttl": "5s", "renew": "1s", "margin": "1s", "poll": "100ms"}
"""A relational server's own limits count in whole seconds."""


async def test_a_killed_server_is_replaced_by_its_death_certificate(folder: Path, database: RelationalServer) -> None:
    async with Cluster(folder, 2, database=database, lock=PATIENT_LOCK) as cluster:
        master = await cluster.start()
        (standby,) = cluster.others(master)
        async with master.client() as client:
            await client.upsert_domain("kept", 0)
        master.signal_child(signal.SIGKILL)
        async with standby.client(timeout=60) as client:
            assert await client.domains() == ["kept"]


async def test_a_stopped_master_is_succeeded_after_the_ttl_and_follows_when_it_wakes(
    folder: Path, database: RelationalServer
) -> None:
    async with Cluster(folder, 2, database=database, lock=LOCK) as cluster:
        master = await cluster.start()
        (standby,) = cluster.others(master)
        async with master.client() as client:
            await client.upsert_domain("before", 0)
        master.signal_child(signal.SIGSTOP)
        try:
            async with standby.client(timeout=60) as client:
                await client.upsert_domain("after", 0)
        finally:
            master.signal_child(signal.SIGCONT)
        await master.comes_to(role="Standby", state="Following")
        async with standby.client(timeout=60) as client:
            assert sorted(await client.domains()) == ["after", "before"]
