"""A migration while requests are answered: how long it takes, and what the requests notice of it.

    python -m benchmarks.migration.online [--records 100000] [--engine etcd postgresql]

From data version 1451635200 to 4000000001. The requests are those of benchmarks.migration.beside; none may fail.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from benchmarks.engines import cluster_on
from benchmarks.migration.beside import LIMIT_S, beside, on_engines
from tests.processes.cluster import Cluster
from tests.processes.member import Member

SOURCE, TARGET = 1451635200, 4000000001


async def _migrated(cluster: Cluster, master: Member) -> float:
    """Seconds from the call to the end of the clean-up."""
    status = await master.status()
    assert status is not None
    began = time.monotonic()
    async with cluster.operator(master) as client:
        await client.set_target(TARGET, "online", int(status["data"]["generation"] or 0), mode="Online")
    # Its log is looked at, not its status: that would be one more client.
    await master.logged("migration-finished", limit=LIMIT_S)
    return time.monotonic() - began


async def run(engine: str, folder: Path, records: int) -> None:
    """One engine."""
    with cluster_on(engine, folder, 1, target="managed", converge_repeat_interval="1h") as cluster:
        async with cluster:
            work = partial(_migrated, cluster)
            await beside(cluster, records, SOURCE, work, f"{engine}: {records} records moved to another layout")


if __name__ == "__main__":
    on_engines(run)
