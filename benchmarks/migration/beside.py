"""Requests beside some long work of a master: how long they take while nothing else is done, and while it lasts.

They come at times of their own: thirty reads of one desired LRP a second, ten LRPs desired and then started. The time
of each counts from when it was due. A request that fails ends the measurement.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bbs.configuration.loading import load
from bbs.models.records import Kind
from bbs.wire import desired_lrp_pb2 as desired
from benchmarks.api.mix import Clients
from benchmarks.api.writes import DESIRE, START, calls
from benchmarks.engines import ENGINES
from tests.migration.held import held_as
from tests.migration.multitude import records as many
from tests.processes.cluster import Cluster
from tests.processes.member import Member

GET = "/v1/desired_lrps/get_by_process_guid.r3"
THREADS = 16
IDLE_S = 20.0
LIMIT_S = 600.0
READS, WRITES = 30, 10
"""Of each, so many a second."""


class Load:
    """Requests at their times, until it is told to stop."""

    def __init__(self, member: Member, guids: Sequence[str]) -> None:
        self._clients = Clients(member)
        self._dice = random.Random(3)
        self._reads = [desired.DesiredLRPByProcessGuidRequest(process_guid=guid).SerializeToString() for guid in guids]
        self._bodies = iter(calls(round(LIMIT_S / 4 * WRITES)))
        self._stopped = False

    def stop(self) -> None:
        """Nothing more is asked."""
        self._stopped = True

    def run(self, seconds: float) -> dict[str, list[float]]:
        """Milliseconds of each kind of call, in order of size."""
        self._stopped = False
        self._clients.took.clear()
        began, tick = time.perf_counter(), 0
        with ThreadPoolExecutor(THREADS) as pool:
            while not self._stopped and tick / READS < seconds:
                due = began + tick / READS
                time.sleep(max(0.0, due - time.perf_counter()))
                pool.submit(self._clients.ask, due, "read", GET, self._dice.choice(self._reads))
                if tick % (READS // WRITES) == 0:
                    pool.submit(self._push, due, *next(self._bodies))
                tick += 1
        if self._clients.failed:
            raise RuntimeError(self._clients.failed[0])
        return {who: sorted(one * 1000 for one in times) for who, times in self._clients.took.items()}

    def _push(self, due: float, desire: bytes, start: bytes) -> None:
        self._clients.ask(due, "desire", DESIRE, desire)
        self._clients.ask(time.perf_counter(), "start", START, start)


def at(ordered: Sequence[float], percent: int) -> float:
    """A percentile."""
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


async def beside(
    cluster: Cluster, records: int, version: int | None, work: Callable[[Member], Awaitable[float]], said: str
) -> None:
    """Fill a store at that data version, serve it, ask for a while, and ask on while `work` (its seconds) is done."""
    made = list(many(records))
    async with held_as(load(cluster.members[0].config), version) as (_, _, holder):
        await holder.put(made)
    guids = [record.key for record in made if record.kind is Kind.DESIRED_LRPS][:2000]
    del made
    master = await cluster.start()
    requests = await asyncio.to_thread(Load, master, guids)
    idle = await asyncio.to_thread(requests.run, IDLE_S)
    running = asyncio.ensure_future(asyncio.to_thread(requests.run, LIMIT_S))
    took = await work(master)
    requests.stop()
    busy = await running
    print(f"{said} in {took:.1f} s: {records / took:.0f} a second")
    for who, times in sorted(busy.items()):
        quiet = idle[who]
        ratio = at(times, 99) / at(quiet, 99)
        print(
            f"  {who:7} idle p50 {at(quiet, 50):6.1f}  p99 {at(quiet, 99):6.1f} ms; during it p50 {at(times, 50):6.1f}"
            f"  p99 {at(times, 99):6.1f}  max {times[-1]:6.1f} ms ({len(times)} calls): p99 {ratio:.1f} x idle",
            flush=True,
        )


def on_engines(measured: Callable[[str, Path, int], Coroutine[None, None, None]]) -> None:
    """The command line of such a measurement: each engine asked for in turn, in a folder of its own."""
    options = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    options.add_argument("--records", type=int, default=100_000)
    options.add_argument("--engine", nargs="+", choices=ENGINES, default=["etcd", "postgresql"])
    given = options.parse_args()
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before the measurement", flush=True)
    for engine in given.engine:
        with tempfile.TemporaryDirectory() as name:
            asyncio.run(measured(engine, Path(name), given.records))
