"""A rotation of keys while requests are answered: how long it takes, and what the requests notice of it.

    python -m benchmarks.migration.rotation [--records 100000] [--engine etcd postgresql]

The requests are those of benchmarks.migration.beside.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from benchmarks.engines import cluster_on
from benchmarks.migration.beside import LIMIT_S, beside, on_engines
from tests.crash.setting import NEW_KEY, OLD_KEY, make_keyring
from tests.processes.cluster import Cluster
from tests.processes.member import Member


async def _rotated(cluster: Cluster, master: Member) -> float:
    """Seconds from the call to the last commit of the rotation."""
    status = await master.status()
    assert status is not None
    began = time.monotonic()
    async with cluster.operator(master) as client:
        await client.set_active_key(NEW_KEY, int(status["data"]["generation"] or 0))

    # Its log is looked at, not its status: that would be one more client.
    await master.logged("rotation-finished", limit=LIMIT_S)
    return time.monotonic() - began


async def run(engine: str, folder: Path, records: int) -> None:
    """One engine."""
    keyring = make_keyring(folder / "keys")
    settings = {"keyring_dir": str(keyring), "initial_key": OLD_KEY, "converge_repeat_interval": "1h"}
    with cluster_on(engine, folder, 1, **settings) as cluster:
        async with cluster:
            work = partial(_rotated, cluster)
            await beside(cluster, records, None, work, f"{engine}: {records} records sealed anew")


if __name__ == "__main__":
    on_engines(run)
