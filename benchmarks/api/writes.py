"""How many LRPs a second are desired and started through one BBS, by 50 workers at a time.

    python -m benchmarks.api.writes [--lrps 5000] [--workers 50] [--store etcd|sqlite]

Each worker desires an LRP of one instance and reports that instance as running, one call after the other, over a
connection of its own with mutual TLS. The workers are threads of two processes that share the machine with the server.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import multiprocessing
import os
import ssl
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bbs.interchange.generation import generate
from bbs.models.records import Kind
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import desired_lrp_pb2 as desired
from benchmarks.api.client import Connection
from tests.engines.etcd import EtcdServer
from tests.processes.cluster import Cluster
from tests.processes.member import Member, leaf
from tests.processes.wire import context

DESIRE, START = "/v1/desired_lrp/desire.r2", "/v1/actual_lrps/start.r1"
PROCESSES = 2
Calls = tuple[bytes, bytes]
Times = list[tuple[float, float]]


def calls(number: int) -> list[Calls]:
    """The two request bodies of each LRP."""
    records = (r for part in itertools.count() for r in generate(4000, 100 + part, inert=False))
    wanted = (r for r in records if r.kind is Kind.DESIRED_LRPS)
    return [_calls(record.data) for record in itertools.islice(wanted, number)]


def _calls(data: bytes) -> Calls:
    lrp = desired.DesiredLRP.FromString(data)
    lrp.instances = 1
    start = actual.StartActualLRPRequest(
        actual_lrp_key=actual.ActualLRPKey(process_guid=lrp.process_guid, index=0, domain=lrp.domain),
        actual_lrp_instance_key=actual.ActualLRPInstanceKey(instance_guid=f"{lrp.process_guid[:36]}-i", cell_id="cell"),
        actual_lrp_net_info=actual.ActualLRPNetInfo(address="10.0.0.1", instance_address="10.255.0.1"),
        Routable=True,
    )
    return desired.DesireLRPRequest(desired_lrp=lrp).SerializeToString(), start.SerializeToString()


def work(port: int, certificates: Path, mine: Sequence[Calls], workers: int, ready: float) -> Times:
    """One client process: its calls by that many threads, from the wall time `ready` on; both times of each LRP."""
    tls = context(leaf(certificates, "client"))
    connections = [_open(port, tls) for _ in range(workers)]
    time.sleep(max(0.0, ready - time.time()))
    left, seen = iter(list(mine)), list[tuple[float, float]]()
    lock = threading.Lock()

    def run(connection: Connection) -> None:
        while True:
            with lock:
                pair = next(left, None)
            if pair is None:
                return
            desiring = connection.ask(DESIRE, pair[0])
            starting = connection.ask(START, pair[1])
            if desiring[1] or starting[1]:
                message = f"refused: {desiring[1]!r} {starting[1]!r}"
                raise RuntimeError(message)
            seen.append((desiring[0].whole, starting[0].whole))

    threads = [threading.Thread(target=run, args=(connection,)) for connection in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def _open(port: int, tls: ssl.SSLContext) -> Connection:
    connection = Connection(port, tls)
    connection.ask("/v1/ping")
    return connection


def cpu_seconds(member: Member) -> float:
    """Of the server process so far, user and system."""
    fields = Path(f"/proc/{member.child()}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(master: Member, bodies: list[Calls], workers: int) -> None:
    """Run and print."""
    port, certificates, used = master.port, master.certificates, cpu_seconds(master)
    ready = time.time() + 3.0
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=spawning) as pool:
        shares = [bodies[number::PROCESSES] for number in range(PROCESSES)]
        each = workers // PROCESSES
        running = [pool.submit(work, port, certificates, share, each, ready) for share in shares]
        seen = [times for one in running for times in one.result()]
    took = time.time() - ready
    if len(seen) != len(bodies):
        message = f"{len(bodies) - len(seen)} of {len(bodies)} LRPs were not started"
        raise RuntimeError(message)
    print(f"{len(seen)} LRPs desired and started by {workers} workers in {took:.1f} s: {len(seen) / took:.0f} LRP/s")
    print(f"the server used {(cpu_seconds(master) - used) / len(seen) * 1e6:.0f} µs of a core for each LRP")
    for name, column in (("desire", 0), ("start", 1)):
        times = sorted(pair[column] * 1000 for pair in seen)
        p99 = times[int(len(times) * 0.99)]
        print(f"{name:7} median {statistics.median(times):.1f} ms, p99 {p99:.1f} ms, longest {times[-1]:.0f} ms")


async def run(folder: Path, etcd: EtcdServer | None, lrps: int, workers: int) -> None:
    """Start a BBS, measure."""
    bodies = calls(lrps)
    async with Cluster(folder, 1, etcd, converge_repeat_interval="1h") as cluster:
        master = await cluster.start()
        await asyncio.to_thread(measure, master, bodies, workers)


def main() -> None:
    """Parse, measure, clean up."""
    options = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    options.add_argument("--lrps", type=int, default=5000)
    options.add_argument("--workers", type=int, default=50)
    options.add_argument("--store", choices=("etcd", "sqlite"), default="etcd")
    given = options.parse_args()
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before the measurement; {given.store}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        etcd = None
        if given.store == "etcd":
            (Path(name) / "etcd").mkdir()
            etcd = EtcdServer(Path(name) / "etcd")
            etcd.start()
        try:
            asyncio.run(run(Path(name) / "cluster", etcd, given.lrps, given.workers))
        finally:
            if etcd is not None:
                etcd.kill()


if __name__ == "__main__":
    main()
