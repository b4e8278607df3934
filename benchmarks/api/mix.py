"""Everybody at once: what cells, route-emitters, the cloud controller's sync and developers ask of one BBS, open loop.

    python -m benchmarks.api.mix [--lrps 20000] [--size 1500] [--cells 100] [--seconds 60] [--speed 1]

Each consumer asks when its time has come, whether or not earlier answers are there; the time of a call counts from
then, so that a server that falls behind can't hide it. `--speed 5`: everything five times as often. The rates are those
of the real components' loops (a cell's and a route-emitter's bulk loop each 30 s and 60 s, the sync each 30 s).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import task_pb2 as task
from benchmarks.api.client import Connection
from benchmarks.api.records import load
from benchmarks.api.writes import DESIRE, START, calls
from tests.processes.cluster import Cluster
from tests.processes.member import Member, leaf
from tests.processes.wire import context

THREADS = 64
Call = tuple[float, str, str, bytes]
"""When, in seconds from the start; who asks; path; body."""


def every(interval: float, seconds: float, offset: float) -> Iterator[float]:
    """The times of a loop that begins at a random point of its interval."""
    when = offset * interval
    while when < seconds:
        yield when
        when += interval


def cell_loops(cells: int, guids: list[str], seconds: float, speed: float, dice: random.Random) -> Iterator[Call]:
    """A cell lists its instances and tasks, reads some desired LRPs, and reports what runs as running."""
    for number in range(cells):
        name = f"cell-{number}"
        for when in every(30 / speed, seconds, dice.random()):
            yield when, "cell: actual LRPs", "/v1/actual_lrps/list", _of_cell(name)
            yield when, "cell: tasks", "/v1/tasks/list.r3", task.TasksRequest(cell_id=name).SerializeToString()
            for guid in dice.sample(guids, min(len(guids), 10)):
                request = desired.DesiredLRPByProcessGuidRequest(process_guid=guid).SerializeToString()
                yield when, "cell: desired by guid", "/v1/desired_lrps/get_by_process_guid.r3", request


def emitter_loops(cells: int, seconds: float, speed: float, dice: random.Random) -> Iterator[Call]:
    """A route-emitter lists what runs on its cell, and one of all looks at every route."""
    for number in range(cells):
        for when in every(60 / speed, seconds, dice.random()):
            yield when, "emitter: actual LRPs", "/v1/actual_lrps/list", _of_cell(f"cell-{number}")
    for when in every(60 / speed, seconds, dice.random()):
        yield when, "emitter: routing infos", "/v1/desired_lrp_routing_infos/list", b""


def sync_loop(seconds: float, speed: float, dice: random.Random) -> Iterator[Call]:
    """The cloud controller compares every scheduling info with what it wants."""
    for when in every(30 / speed, seconds, dice.random()):
        yield when, "sync: scheduling infos", "/v1/desired_lrp_scheduling_infos/list", b""


def pushes(seconds: float, speed: float, dice: random.Random) -> Iterator[Call]:
    """Developers push apps: ten a second desired, and started on a cell."""
    bodies = calls(round(seconds * 10 * speed))
    for number, (desire, start) in enumerate(bodies):
        when = number / (10 * speed)
        yield when, "push: desire", DESIRE, desire
        yield when + 0.5 + dice.random(), "push: start", START, start


def _of_cell(name: str) -> bytes:
    return actual.ActualLRPsRequest(cell_id=name).SerializeToString()


class Clients:
    """Threads with a connection each; what each kind of call took."""

    def __init__(self, member: Member) -> None:
        self._tls = context(leaf(member.certificates, "client"))
        self._port = member.port
        self._own = threading.local()
        self.took: dict[str, list[float]] = defaultdict(list)
        self.failed: list[str] = []

    def ask(self, due: float, who: str, path: str, body: bytes) -> None:
        """One call; its time counts from `due`."""
        try:
            self._connection().ask(path, body)
        except (OSError, RuntimeError) as error:
            self._own.connection = None
            self.failed.append(f"{who}: {error}")
        else:
            self.took[who].append(time.perf_counter() - due)

    def _connection(self) -> Connection:
        found: Connection | None = getattr(self._own, "connection", None)
        if found is None:
            found = self._own.connection = Connection(self._port, self._tls)
        return found


def measure(member: Member, schedule: list[Call], said: Callable[[str], None]) -> None:
    """Play the schedule and say what came of it."""
    clients = Clients(member)
    with ThreadPoolExecutor(THREADS) as pool:
        began = time.perf_counter() + 0.5
        for when, who, path, body in schedule:
            time.sleep(max(0.0, began + when - time.perf_counter()))
            pool.submit(clients.ask, began + when, who, path, body)
    said(f"{len(schedule)} calls in {time.perf_counter() - began:.1f} s, {len(clients.failed)} failed")
    for who, times in sorted(clients.took.items()):
        ordered = sorted(one * 1000 for one in times)
        shown = "  ".join(f"p{p} {ordered[min(len(ordered) - 1, len(ordered) * p // 100)]:7.1f}" for p in (90, 99))
        said(
            f"{who:24} {len(times):6} calls: p50 {statistics.median(ordered):7.1f}  {shown}  max {ordered[-1]:7.1f} ms"
        )
    if clients.failed:
        raise RuntimeError(clients.failed[0])


async def run(folder: Path, lrps: int, size: int, cells: int, seconds: float, speed: float) -> None:
    """Fill a store, start a BBS on it, measure."""
    dice = random.Random(1)
    async with Cluster(folder, 1, converge_repeat_interval="30s") as cluster:
        guids = await load(cluster, lrps, 1, size, cells)
        schedule = sorted(
            (
                *cell_loops(cells, guids, seconds, speed, dice),
                *emitter_loops(cells, seconds, speed, dice),
                *sync_loop(seconds, speed, dice),
                *pushes(seconds, speed, dice),
            ),
            key=lambda call: call[0],
        )
        master = await cluster.start()
        await asyncio.to_thread(measure, master, schedule, lambda line: print(line, flush=True))


def main() -> None:
    """Parse, measure, clean up."""
    options = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    options.add_argument("--lrps", type=int, default=20_000)
    options.add_argument("--size", type=int, default=1500, help="bytes of a desired LRP at least")
    options.add_argument("--cells", type=int, default=100)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--speed", type=float, default=1.0)
    given = options.parse_args()
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before the measurement", flush=True)
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(run(Path(name) / "cluster", given.lrps, given.size, given.cells, given.seconds, given.speed))


if __name__ == "__main__":
    main()
