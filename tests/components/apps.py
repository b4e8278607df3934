"""Apps and tasks for tests, and asking them over HTTP."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import container_pb2, desired_lrp_pb2, task_pb2

ROOTFS = "preloaded:cflinuxfs4"
SERVER = f"exec {sys.executable} -m http.server --bind 127.0.0.1 $PORT"

SLOW_SERVER = f"sleep 3; {SERVER}"
"""Takes longer to start than the watch tolerates silence: an instance that goes before its replacement runs is seen."""


def run(command: str, source: str = "APP") -> bytes:
    """A run action of a shell command."""
    action = container_pb2.RunAction(
        path="/bin/sh", args=["-c", command], user="vcap", log_source=source, suppress_log_output=True
    )
    return container_pb2.Action(run_action=action).SerializeToString()


def app(guid: str, instances: int = 2, command: str = SERVER, **changes: object) -> desired_lrp_pb2.DesiredLRP:
    """An app whose processes answer HTTP."""
    lrp = desired_lrp_pb2.DesiredLRP(
        process_guid=guid,
        domain="tests",
        root_fs=ROOTFS,
        instances=instances,
        action=run(command),
        memory_mb=64,
        disk_mb=64,
        ports=[8080],
        log_guid=guid,
        start_timeout_ms=20_000,
        **changes,  # type: ignore[arg-type]
    )
    lrp.metric_tags["index"].dynamic = container_pb2.MetricTagValue.INDEX
    return lrp


def task(command: str, **changes: object) -> task_pb2.TaskDefinition:
    """A task that runs a shell command."""
    definition = task_pb2.TaskDefinition(
        root_fs=ROOTFS,
        action=run(command, "TASK"),
        memory_mb=64,
        disk_mb=64,
        log_guid="log",
        **changes,  # type: ignore[arg-type]
    )
    definition.metric_tags["source_id"].static = "task"
    return definition


def url(lrp: actual.ActualLRP) -> tuple[str, int]:
    """Host and port of an instance that runs."""
    return lrp.actual_lrp_net_info.address, lrp.actual_lrp_net_info.ports[0].host_port


async def answers(lrp: actual.ActualLRP) -> bool:
    """Whether the instance answers HTTP 200 within a second."""
    host, port = url(lrp)
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(b"HEAD / HTTP/1.0\r\n\r\n")
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    return False
