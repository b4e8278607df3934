"""Time from the death of a master to the next answered request, with many records in memory.

    python -m benchmarks.failover.warm [--records 200000] [--rounds 3]

Three members on one etcd. `certificate`: the server child is killed, its supervisor releases the epoch. `ttl`: the
supervisor is killed as well, so that the lease has to run out. `cold`: the only member's server child is killed, and
the next one loads all records from the store.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.failover.probe import first_answers
from tests.engines.etcd import EtcdServer
from tests.processes.cluster import Cluster
from tests.processes.member import Member
from tests.processes.waiting import until

PAGE = os.sysconf("SC_PAGE_SIZE")
PATIENCE_S = 900.0


def _resident_mib(member: Member) -> float:
    pid = member.child()
    try:
        return 0.0 if pid is None else int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 2**20
    except OSError:
        return 0.0


async def _warm(cluster: Cluster) -> Member:
    """The master, once every standby has as much in memory as it has and takes no more in."""
    master = await cluster.master(limit=PATIENCE_S)
    for standby in cluster.others(master):
        sizes: list[float] = []

        async def loaded(standby: Member = standby, sizes: list[float] = sizes) -> bool:
            sizes.append(_resident_mib(standby))
            await asyncio.sleep(0.2)
            steady = len(sizes) > 15 and max(sizes[-15:]) - min(sizes[-15:]) < 1
            return steady and sizes[-1] > 0.6 * _resident_mib(master)

        await until(f"{standby.name} is warm ({_resident_mib(standby):.0f} MiB)", loaded, PATIENCE_S)
    return master


async def _measure(cluster: Cluster, guid: str, path: str) -> tuple[float, float]:
    master = await _warm(cluster)
    others = cluster.others(master) or [master]
    died = time.monotonic()
    if path == "ttl":
        master.kill_container()
    else:
        master.signal_child(signal.SIGKILL)
    seen = await first_answers(others, guid, died)
    if path == "ttl":
        master.start()
    return seen


async def _guid(master: Member) -> str:
    async with master.client(timeout=120) as client:
        return (await client.scheduling_infos())[-1].desired_lrp_key.process_guid


async def measure(folder: Path, etcd: EtcdServer, records: int, rounds: int) -> None:
    """Print the figures."""
    async with Cluster(folder, 3, etcd) as cluster:
        begun = time.monotonic()
        await cluster.cli("generate", "--records", records, "--inert", limit=PATIENCE_S)
        print(f"{records} records generated into etcd in {time.monotonic() - begun:.0f} s", flush=True)
        for member in cluster.members:
            member.start()
        master = await cluster.master(limit=PATIENCE_S)
        guid = await _guid(master)
        for path, times in (("certificate", rounds), ("ttl", rounds)):
            seen = [await _measure(cluster, guid, path) for _ in range(times)]
            _show(f"warm, {path}", seen)
        last = await _warm(cluster)
        print(f"resident: {', '.join(f'{m.name} {_resident_mib(m):.0f} MiB' for m in cluster.members)}", flush=True)
        for other in cluster.others(last):
            other.end()
        cluster.members[:] = [last]
        _show("cold, certificate", [await _measure(cluster, guid, "certificate") for _ in range(max(1, rounds - 1))])


def _show(what: str, seen: list[tuple[float, float]]) -> None:
    for index, call in enumerate(("ping", "get")):
        times = [pair[index] for pair in seen]
        shown = ", ".join(f"{value:.2f}" for value in times)
        print(f"{what:18} next answered {call:4}: median {statistics.median(times):.2f} s of [{shown}]", flush=True)


def main() -> None:
    """Parse, measure, clean up."""
    options = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    options.add_argument("--records", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "etcd").mkdir()
        etcd = EtcdServer(Path(name) / "etcd", "--quota-backend-bytes", str(6 * 2**30))
        etcd.start()
        try:
            print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before the measurement", flush=True)
            asyncio.run(measure(Path(name) / "cluster", etcd, given.records, given.rounds))
            print(f"load {os.getloadavg()[0]:.1f} after it", flush=True)
        finally:
            etcd.kill()


if __name__ == "__main__":
    main()
