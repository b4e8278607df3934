"""The operator as a process: `kopf run operator/main.py`.

kopf watches and rings doorbells, nothing else: only `on.event` handlers, so it adds no finalizer and sends no PATCH.
The loops, the Lease and the connections are started and ended here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
from importlib import resources
from typing import Any

import kopf

from controllers.cluster import Cluster
from controllers.loop_lease import Lease
from controllers.loop_log import log_as_json
from controllers.loop_supervisor import Supervisor
from controllers.permissions import missing_permissions

GROUP, PLURAL = "diego-operator.io", "diegos"
OURS = {"app.kubernetes.io/name": "diego", "app.kubernetes.io/managed-by": "diego-operator"}

log = logging.getLogger("controllers.operator")


class Process:
    """Everything that lives as long as the process."""

    def __init__(self, cluster: Cluster) -> None:
        namespace = os.environ.get("POD_NAMESPACE", "default")
        holder = f"{os.environ.get('POD_NAME', socket.gethostname())}-{os.getpid()}"
        self.cluster = cluster
        self.lease = Lease(cluster, namespace, holder)
        self.supervisor = Supervisor(cluster, leads=lambda: self.lease.held, mark=_renderer_mark())
        self.tasks = [
            asyncio.create_task(self.lease.run(), name="lease"),
            asyncio.create_task(self.supervisor.run(), name="supervisor"),
        ]
        for task in self.tasks:
            task.add_done_callback(_end_of_process)

    async def end(self) -> None:
        """Stops acting, then gives the Lease back."""
        for task in self.tasks:
            task.remove_done_callback(_end_of_process)
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(5):
                await self.lease.release()
        await self.cluster.close()


def _end_of_process(task: asyncio.Task[Any]) -> None:
    """A part that ended by a defect leaves nothing half alive: the kubelet starts a whole process again."""
    failed = None if task.cancelled() else task.exception()
    log.critical("a part of the operator ended", extra={"part": task.get_name()}, exc_info=failed)
    os._exit(1)


def _renderer_mark() -> str:
    """The mark of a build that renders differently on purpose; part of the image, no setting."""
    with contextlib.suppress(FileNotFoundError, ModuleNotFoundError, ValueError):
        return str(json.loads(resources.files("bbs").joinpath("_build.json").read_text()).get("renderer_mark", ""))
    return ""


@kopf.on.startup()
async def start(settings: kopf.OperatorSettings, memo: kopf.Memo, **_: Any) -> None:
    """Settings of kopf, the connection, the check of our own verbs, the Lease."""
    log_as_json()
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.peering.standalone = True
    settings.persistence.finalizer = "diego-operator.io/unused"
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix="diego-operator.io")
    settings.persistence.diffbase_storage = kopf.AnnotationsDiffBaseStorage(prefix="diego-operator.io")
    settings.watching.server_timeout = 270
    settings.watching.client_timeout = 300
    settings.watching.connect_timeout = 10
    settings.networking.request_timeout = 30
    cluster = await Cluster.connect()
    for namespace in os.environ.get("WATCH_NAMESPACES", "").split(","):
        if missing := await missing_permissions(cluster, namespace):
            where = namespace or "all namespaces"
            log.error("missing permission", extra={"verbs": missing, "where": where, "remedy": "install the chart"})
    memo.process = Process(cluster)


@kopf.on.cleanup()
async def stop(memo: kopf.Memo, **_: Any) -> None:
    """An orderly end."""
    if "process" in memo:
        await memo.process.end()


@kopf.on.probe(id="loops")
async def probe(memo: kopf.Memo, **_: Any) -> str:
    """Only a PermanentError makes kopf's `/healthz` answer 500."""
    if stale := memo.process.supervisor.stale():
        raise kopf.PermanentError(f"no pass for too long: {', '.join(stale)}")
    return "alive"


@kopf.on.event(GROUP, PLURAL)
async def diego_changed(memo: kopf.Memo, event: Any, **_: Any) -> None:
    """Spec, deletion and annotations wake; our own status writes do not."""
    body = event["object"]
    metadata = body["metadata"]
    supervisor: Supervisor = memo.process.supervisor
    if event["type"] == "DELETED":
        supervisor.gone(metadata["uid"])
        return
    supervisor.visited(
        metadata["uid"],
        metadata["namespace"],
        metadata["name"],
        metadata["generation"],
        metadata.get("deletionTimestamp", ""),
        json.dumps(metadata.get("annotations", {}), sort_keys=True),
    )


@kopf.on.event("apps", "v1", "statefulsets", labels=OURS)
@kopf.on.event("", "v1", "pods", labels=OURS)
async def child_changed(memo: kopf.Memo, namespace: str | None, labels: Any, **_: Any) -> None:
    """A pod or StatefulSet of ours."""
    memo.process.supervisor.child_changed(namespace or "", labels.get("app.kubernetes.io/instance", ""))
