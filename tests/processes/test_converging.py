"""Convergence of a real process without Locket, from inside and from outside."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from bbs.wire import task_pb2 as task
from components.http import Listener, Request, Response
from tests.models import requests
from tests.processes.cluster import Cluster
from tests.processes.member import ROOT, Member, leaf
from tests.processes.waiting import until
from tests.processes.wire import plain


class Consumer(Listener):
    """Notes the bodies of callbacks; plain HTTP."""

    def __init__(self) -> None:
        super().__init__(())
        self.bodies: list[bytes] = []

    async def answer(self, request: Request) -> Response:
        self.bodies.append(request.body)
        return Response(200)


async def states(member: Member) -> list[str]:
    async with member.client() as client:
        return sorted(lrp.state for lrp in await client.actual_lrps())


async def converge(member: Member) -> dict[str, int]:
    """`bbs converge --once`, as a person would run it."""
    files = leaf(member.certificates, "operator")
    command = [sys.executable, "-m", "bbs.cli", "converge", "--owner", "outside", "--once", "--url", member.url]
    command += ["--cert", str(files.cert_file), "--key", str(files.key_file), "--ca", str(files.ca_file)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    out, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0
    found: dict[str, int] = json.loads(out)
    return found


async def test_a_missing_instance_is_created_by_the_bbs_itself(folder: Path) -> None:
    async with Cluster(folder, 1, converge_repeat_interval="1s") as cluster:
        member = await cluster.start()
        async with member.client() as client:
            await client.desire_lrp(requests.lrp(instances=2).desired_lrp)
            await client.remove_actual_lrp("pg", 1)

            async def both() -> bool:
                return await states(member) == ["UNCLAIMED", "UNCLAIMED"]

            await until("both instances are there", both)
            status = await client.status()
        assert status["convergence"]["presences"] is False
        metrics = (await plain(member, "/metrics")).body.decode()
        assert "diego_bbs_lrps_unclaimed 2.0" in metrics
        assert "diego_bbs_convergence_lrp_runs_total" in metrics


async def test_a_missing_instance_is_created_from_outside(folder: Path) -> None:
    async with Cluster(folder, 1, converge_repeat_interval="1h") as cluster:
        member = await cluster.start()
        async with member.client() as client:
            await client.desire_lrp(requests.lrp(instances=2).desired_lrp)
            await client.remove_actual_lrp("pg", 1)
        assert await converge(member) == {"steps": 1, "applied": 1, "stale": 0, "failed": 0}
        assert await states(member) == ["UNCLAIMED", "UNCLAIMED"]
        assert (await converge(member))["steps"] == 0


async def test_a_task_of_revision_3_is_told_by_guid_fetched_resolved_and_deleted_by_its_consumer(folder: Path) -> None:
    async with Cluster(folder, 1, converge_repeat_interval="1h") as cluster:
        member = await cluster.start()
        consumer = Consumer()
        await consumer.open("127.0.0.1", 0, None)
        try:
            definition = requests.desire_task(url=f"http://127.0.0.1:{consumer.port}/done").task_definition
            async with member.client() as client:
                await client.desire_task("t", "dom", definition, callback_by_guid=True)
                assert await client.start_task("t", "cell-1")
                await client.complete_task(task.CompleteTaskRequest(task_guid="t", cell_id="cell-1", result=b"r"))

                async def told() -> bool:
                    return bool(consumer.bodies)

                await until("the consumer is told", told)
                assert consumer.bodies == [b'{"task_guid":"t"}']
                found = await client.task("t")
                assert (found.state, found.result) == (task.Task.Completed, b"r")
                await client.resolving_task("t")
                await client.delete_task("t")
                assert await client.tasks() == []
        finally:
            await consumer.close()
