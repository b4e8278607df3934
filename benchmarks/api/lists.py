"""Bulk lists and single reads of one BBS, and what a small call has to wait beside them.

    python -m benchmarks.api.lists [--lrps 20000] [--instances 1] [--size 1500] [--rounds 9]

The first answer of a list prepares each record's frame ("cold"); later ones join what is there.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.api.client import Connection
from benchmarks.api.records import load
from tests.processes.cluster import Cluster
from tests.processes.member import Member, leaf
from tests.processes.wire import context

LISTS = {
    "scheduling infos": "/v1/desired_lrp_scheduling_infos/list",
    "desired LRPs": "/v1/desired_lrps/list.r3",
    "routing infos": "/v1/desired_lrp_routing_infos/list",
    "actual LRPs": "/v1/actual_lrps/list",
}
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_mib(member: Member) -> float:
    """Of the server process."""
    return int(Path(f"/proc/{member.child()}/statm").read_text().split()[1]) * PAGE / 2**20


class Neighbour(threading.Thread):
    """Pings as fast as it can beside the lists; the times that it waited."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(daemon=True)
        self._connection = connection
        self.waited: list[float] = []
        self.ended = False

    def run(self) -> None:
        while not self.ended:
            self.waited.append(self._connection.ask("/v1/ping")[0].whole)
            time.sleep(0.001)


def measure(member: Member, guids: list[str], rounds: int) -> None:
    """Print the figures of one server."""
    tls = context(leaf(member.certificates, "client"))
    connection = Connection(member.port, tls)
    print(f"resident after loading: {resident_mib(member):.0f} MiB")
    for name, path in LISTS.items():
        neighbour = Neighbour(Connection(member.port, tls))
        neighbour.start()
        cold, _ = connection.ask(path)
        times = [connection.ask(path)[0] for _ in range(rounds)]
        neighbour.ended = True
        neighbour.join()
        whole = statistics.median(one.whole for one in times) * 1000
        first = statistics.median(one.first_byte for one in times) * 1000
        waited = max(neighbour.waited) * 1000
        size = times[0].length / 2**20
        print(
            f"{name:17} {size:6.1f} MiB: cold {cold.whole * 1000:6.0f} ms, then median {whole:6.1f} ms"
            f" (first byte {first:5.1f} ms); a ping beside it waited at most {waited:.0f} ms",
            flush=True,
        )
    single = [connection.ask("/v1/desired_lrps/get_by_process_guid.r3", _by_guid(guid))[0].whole for guid in guids]
    print(f"desired by guid: median {statistics.median(single) * 1000:.2f} ms of {len(single)}")
    print(f"resident after all lists: {resident_mib(member):.0f} MiB")
    connection.close()


def _by_guid(guid: str) -> bytes:
    raw = guid.encode()
    return b"\x0a" + bytes([len(raw)]) + raw


async def run(folder: Path, lrps: int, instances: int, size: int, rounds: int) -> None:
    """Fill a store, start a BBS on it, measure."""
    async with Cluster(folder, 1, converge_repeat_interval="1h") as cluster:
        guids = await load(cluster, lrps, instances, size)
        master = await cluster.start()
        await asyncio.to_thread(measure, master, guids[:: max(1, lrps // 2000)], rounds)


def main() -> None:
    """Parse, measure, clean up."""
    options = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    options.add_argument("--lrps", type=int, default=20_000)
    options.add_argument("--instances", type=int, default=1)
    options.add_argument("--size", type=int, default=1500, help="bytes that a desired LRP has at least")
    options.add_argument("--rounds", type=int, default=9)
    given = options.parse_args()
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before the measurement", flush=True)
    print(f"{given.lrps} LRPs of {given.size} bytes or more, {given.instances} instances each", flush=True)
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(run(Path(name) / "cluster", given.lrps, given.instances, given.size, given.rounds))


if __name__ == "__main__":
    main()
