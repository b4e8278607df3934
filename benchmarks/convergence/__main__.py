"""How long a pass of convergence takes: the first one after a take-over, and those that follow.

    python -m benchmarks.convergence [--lrps 20000 200000] [--passes 5]

As many running instances as desired LRPs lie on forty cells, all of them present; one in a hundred is missing. The
first pass looks at every row and creates what is missing, later ones look at what changed or is due, and auction the
missing ones again, since nobody here places them.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bbs.configuration.loading import load
from bbs.models.records import Kind, Presence, Record, actual_lrp_key
from bbs.wire.actual_lrp_pb2 import ActualLRP, ActualLRPInstanceKey, ActualLRPKey, ActualLRPNetInfo
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from benchmarks.located import told_of
from tests.components.certificates import Trust
from tests.migration import multitude
from tests.migration.held import held_as
from tests.processes.cluster import Cluster
from tests.processes.member import Member
from tests.processes.waiting import until
from tests.stores.test_upstream_adoption import running_locket

CELLS = 40
MISSING_EVERY = 100
TTL_S = 3600
LIMIT_S = 600.0


def in_step(lrps: int) -> Iterator[Record]:
    """Desired LRPs of one instance, each but the hundredth with an instance that runs as desired."""
    wanted = (record for record in multitude.records(lrps * 4) if record.kind is Kind.DESIRED_LRPS)
    for number, record in enumerate(itertools.islice(wanted, lrps)):
        lrp = DesiredLRP.FromString(record.data)
        lrp.instances = 1
        lrp.ClearField("routes")
        lrp.ClearField("metric_tags")
        yield Record(record.kind, record.key, lrp.SerializeToString())
        if number % MISSING_EVERY:
            yield _running(lrp, f"cell-{number % CELLS}")


def _running(lrp: DesiredLRP, cell: str) -> Record:
    instance = ActualLRPInstanceKey(instance_guid=f"{lrp.process_guid[:36]}-i", cell_id=cell)
    row = ActualLRP(
        actual_lrp_key=ActualLRPKey(process_guid=lrp.process_guid, index=0, domain=lrp.domain),
        actual_lrp_instance_key=instance,
        actual_lrp_net_info=ActualLRPNetInfo(address="10.0.0.1", instance_address="10.255.0.1"),
        state="RUNNING",
        since=1,
    )
    return Record(Kind.ACTUAL_LRPS, actual_lrp_key(lrp.process_guid, 0, Presence.ORDINARY), row.SerializeToString())


async def _passed(member: Member, runs: int) -> float:
    """Milliseconds of the last of that many passes over the LRPs."""

    async def look() -> dict[str, float] | None:
        status = await member.status()
        seen = (status or {}).get("convergence") or {}
        return seen if seen.get("lrp_runs", 0) >= runs and seen.get("task_runs", 0) >= runs else None

    return float((await until(f"{runs} passes of convergence", look, LIMIT_S))["last_lrp_run_ms"])


async def measure(folder: Path, lrps: int, passes: int) -> None:
    """A store, a member, its passes."""
    trust = Trust(folder / "trust")
    async with running_locket(folder, trust) as locket:
        for number in range(CELLS):
            await locket.client.lock(f"cell-{number}", f"cell-{number}", "{}", ttl_s=TTL_S, kind="presence")
        settings = {**told_of(locket, trust), "converge_repeat_interval": "1h"}
        async with Cluster(folder / "cluster", 1, **settings) as cluster:
            [member] = cluster.members
            async with held_as(load(member.config), None) as (_, _, holder):
                await holder.put(in_step(lrps))
            member.start()
            await cluster.master(limit=LIMIT_S)
            first, later = 0.0, list[float]()
            async with cluster.operator(member) as client:
                for number in range(passes + 1):
                    await client.ask_convergence()
                    took = await _passed(member, number + 1)
                    first, later = (took, later) if number == 0 else (first, [*later, took])
            print(
                f"{lrps:7} LRPs: first pass after a take-over {first:7.1f} ms,"
                f" then median {statistics.median(later):6.1f} ms, longest {max(later):6.1f} ms of {passes}",
                flush=True,
            )


def main() -> None:
    """Parse, measure, clean up."""
    options = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    options.add_argument("--lrps", type=int, nargs="+", default=[20_000, 200_000])
    options.add_argument("--passes", type=int, default=5)
    given = options.parse_args()
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before the measurement", flush=True)
    for lrps in given.lrps:
        with tempfile.TemporaryDirectory() as name:
            asyncio.run(measure(Path(name), lrps, given.passes))


if __name__ == "__main__":
    main()
