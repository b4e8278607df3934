"""Calls out that follow a committed transition. They are data: the server performs them, and only under its lease.

`trace_id` is the request id of the client whose call led to them, where it is passed on (`bbs.models.traces`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bbs.models.state import Effect


@dataclass(frozen=True, slots=True)
class LRPStart:
    """A request to place instances of one LRP, with what the auctioneer needs to choose cells.

    `volume_drivers` None: none, written as null, as the real BBS does it for an instance that is placed again.
    """

    process_guid: str
    domain: str
    indices: tuple[int, ...]
    placement_tags: tuple[str, ...]
    volume_drivers: tuple[str, ...] | None
    rootfs: str
    memory_mb: int
    disk_mb: int
    max_pids: int

    def document(self) -> dict[str, object]:
        """The JSON object of `POST /v1/lrps`."""
        return {
            "process_guid": self.process_guid,
            "domain": self.domain,
            "indices": list(self.indices),
            "PlacementTags": list(self.placement_tags) or None,
            "VolumeDrivers": None if self.volume_drivers is None else list(self.volume_drivers),
            "RootFs": self.rootfs,
            "MemoryMB": self.memory_mb,
            "DiskMB": self.disk_mb,
            "MaxPids": self.max_pids,
        }


@dataclass(frozen=True, slots=True)
class TaskStart:
    """A request to place one task."""

    task_guid: str
    domain: str
    placement_tags: tuple[str, ...]
    volume_drivers: tuple[str, ...]
    rootfs: str
    memory_mb: int
    disk_mb: int
    max_pids: int

    def document(self) -> dict[str, object]:
        """The JSON object of `POST /v1/tasks`; the last two members are constant on the real wire too."""
        return {
            "TaskGuid": self.task_guid,
            "Domain": self.domain,
            "PlacementTags": list(self.placement_tags) or None,
            "VolumeDrivers": list(self.volume_drivers),
            "RootFs": self.rootfs,
            "MemoryMB": self.memory_mb,
            "DiskMB": self.disk_mb,
            "MaxPids": self.max_pids,
            "state": "Invalid",
            "failed": False,
        }


@dataclass(frozen=True, slots=True)
class RequestLRPAuction(Effect):
    """Ask the auctioneer to place instances. Failure is logged only; convergence asks again."""

    start: LRPStart
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class RequestTaskAuction(Effect):
    """Ask the auctioneer to place a task. Failure is logged only; convergence asks again."""

    start: TaskStart


@dataclass(frozen=True, slots=True)
class StopLRPInstance(Effect):
    """Ask the cell to stop an instance; it reports the end itself. A cell without presence is left to convergence."""

    process_guid: str
    instance_guid: str
    cell_id: str
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class RetireLRPInstance(Effect):
    """As StopLRPInstance, but a person waits: up to five attempts, and the last failure is the answer."""

    process_guid: str
    index: int
    instance_guid: str
    cell_id: str
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class UpdateLRPInstance(Effect):
    """Tell the cell new internal routes (host names) or metric tags; None leaves that part unchanged."""

    process_guid: str
    index: int
    domain: str
    instance_guid: str
    cell_id: str
    internal_routes: tuple[str, ...] | None
    metric_tags: Mapping[str, str] | None
    trace_id: str = ""

    def document(self) -> dict[str, object]:
        """The JSON object of `PUT /v2/lrps/{process_guid}/instances/{instance_guid}`."""
        routes = self.internal_routes
        return {
            "instance_guid": self.instance_guid,
            "process_guid": self.process_guid,
            "index": self.index,
            "domain": self.domain,
            "internal_routes": None if routes is None else [{"hostname": name} for name in routes],
            "metric_tags": None if self.metric_tags is None else dict(self.metric_tags),
        }


@dataclass(frozen=True, slots=True)
class CancelTask(Effect):
    """Ask the cell to stop a task; failures are logged only."""

    task_guid: str
    cell_id: str
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class CompleteTaskCallback(Effect):
    """Post the completed task to its callback URL (docs/reference/tasks.md).

    `by_guid`: post its guid alone; who is called fetches, resolves and deletes the task.
    """

    task_guid: str
    url: str
    by_guid: bool = False
