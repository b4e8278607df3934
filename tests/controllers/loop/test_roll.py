"""The loop on a real API server: installs, rolls up, restarts nothing it need not, and leaves no trace of kopf."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from controllers.cluster import Body, Cluster
from tests.controllers.loop.api_server import free_port
from tests.controllers.loop.standins import Machines

SPEC: dict[str, Any] = {
    "version": "0.1.0",
    "targetDataVersion": 0,
    "store": {"type": "Etcd", "etcd": {"managed": {"replicas": 1}}},
    "cells": {"rollout": {"minReadySeconds": 0}, "pools": [{"name": "default", "replicas": 2}]},
}


def operate(kubeconfig: Path, log: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "KUBECONFIG": str(kubeconfig), "PYTHONPATH": str(Path.cwd())}
    liveness = f"--liveness=http://127.0.0.1:{free_port()}/healthz"
    command = [sys.executable, "-m", "kopf", "run", "--standalone", "--all-namespaces", liveness, "operator/main.py"]
    with log.open("ab") as out:
        return subprocess.Popen(command, env=environment, stdout=out, stderr=out)


async def apply(cluster: Cluster, **changes: Any) -> None:
    body = {
        "apiVersion": "diego-operator.io/v1alpha1",
        "kind": "Diego",
        "metadata": {"name": "diego", "namespace": "diego"},
        "spec": {**SPEC, **changes},
    }
    if await cluster.get("Diego", "diego", "diego") is None:
        await cluster.create("Diego", "diego", body)
    else:
        await cluster.merge("Diego", "diego", "diego", {"spec": changes})


async def until(cluster: Cluster, wanted: Callable[[Body], bool], seconds: float = 120) -> Body:
    """The Diego, once the status of its newest generation is as wanted."""
    body: Body = {}
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                body = await cluster.get("Diego", "diego", "diego") or {}
                current = body.get("status", {}).get("observedGeneration") == body["metadata"]["generation"]
                if current and wanted(body):
                    return body
                await asyncio.sleep(0.5)
    raise AssertionError(f"not as wanted after {seconds} s:\n{yaml.safe_dump(body.get('status'))}")


async def until_ready(cluster: Cluster) -> Body:
    """The Diego, once Ready speaks of its newest generation."""

    def ready(body: Body) -> bool:
        told = [one for one in body["status"].get("conditions", []) if one["type"] == "Ready"]
        return (
            bool(told)
            and told[0]["observedGeneration"] == body["metadata"]["generation"]
            and told[0]["status"] == "True"
        )

    return await until(cluster, ready)


async def test_a_diego_is_installed_and_rolled_and_the_operator_dies_on_the_way(
    kubeconfig: Path, cluster: Cluster, machines: Machines, tmp_path: Path
) -> None:
    log = tmp_path / "operator.log"
    operator = operate(kubeconfig, log)
    try:
        await apply(cluster)
        body = await until_ready(cluster)
        assert body["status"]["bbs"]["ready"] == "3/3"
        installed = {name for name, _ in machines.started}
        assert len(installed) == len(machines.started) == 1 + 2 + 3 + 2 + 2  # nothing was started twice
        assert "finalizers" not in body["metadata"]
        managers = {one["manager"] for one in body["metadata"]["managedFields"]}
        assert "kopf" not in managers

        await apply(cluster, version="0.2.0", targetDataVersion=2)
        async with asyncio.timeout(60):
            await machines.first_of("diego-bbs", "0.2.0")
        operator.send_signal(signal.SIGKILL)
        operator.wait(10)
        operator = operate(kubeconfig, log)
        body = await until_ready(cluster)
        rolled = [name for name, version in machines.started if version == "0.2.0"]
        assert len(rolled) == len(set(rolled)) == 2 + 3 + 2 + 2
        first_cell = next(i for i, name in enumerate(rolled) if "cell" in name)
        assert all("cell" in name for name in rolled[first_cell:])
        assert machines.bbs.current == 2
        assert body["status"]["dataVersion"]["current"] == 2
        assert machines.bbs.attempts == 1
        async with asyncio.timeout(30):
            await machines.without_old_roots()
    except AssertionError:
        print(log.read_text()[-6000:])
        raise
    finally:
        operator.kill()
        operator.wait(10)
