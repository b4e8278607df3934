"""What the auctioneer sees of a cell, and what it sends: `/state` and `/work`, in the real rep's JSON.

Only guids, sizes and placement travel here; the definition is fetched from the BBS when the container starts.
"""

from __future__ import annotations

import uuid
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from components.http import Refusal
from components.rep.cell import Cell
from components.rep.containers import Container, Lifecycle, Placement, Room, State

STARTING = (State.RESERVED, State.INITIALIZING, State.CREATED)
INSTANCE_GUID_LENGTH = 28


class _Item(BaseModel):
    """Unknown keys are kept out, absent ones are zero: an auctioneer may be older or newer."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    rootfs: str = Field("", alias="RootFs")
    memory_mb: int = Field(0, alias="MemoryMB")
    disk_mb: int = Field(0, alias="DiskMB")
    max_pids: int = Field(0, alias="MaxPids")
    placement_tags: list[str] | None = Field(None, alias="PlacementTags")
    volume_drivers: list[str] | None = Field(None, alias="VolumeDrivers")

    def placement(self) -> Placement:
        """As the ledger keeps it."""
        tags, drivers = tuple(self.placement_tags or ()), tuple(self.volume_drivers or ())
        return Placement(self.rootfs, self.memory_mb, self.disk_mb, self.max_pids, tags, drivers)


class LRPItem(_Item):
    """One instance to run."""

    process_guid: str = ""
    index: int = 0
    domain: str = ""


class TaskItem(_Item):
    """One task to run."""

    task_guid: str = Field("", alias="TaskGuid")
    domain: str = Field("", alias="Domain")


class Work(BaseModel):
    """What an auctioneer wants done here. `cell_id` is absent from old auctioneers."""

    model_config = ConfigDict(extra="ignore")

    lrps: list[dict[str, Any]] | None = Field(None, alias="LRPs")
    tasks: list[dict[str, Any]] | None = Field(None, alias="Tasks")
    cell_id: str = ""


def perform(cell: Cell, body: Any) -> tuple[dict[str, Any], list[str]]:
    """Reserve what fits, largest first; returns what was refused and the guids reserved. Raises Refusal."""
    try:
        work = Work.model_validate(body)
        lrps = sorted(
            ((LRPItem.model_validate(raw), raw) for raw in work.lrps or ()), key=lambda each: -each[0].memory_mb
        )
        tasks = [(TaskItem.model_validate(raw), raw) for raw in work.tasks or ()]
    except ValidationError as error:
        raise Refusal(400, f"unusable work: {error.error_count()} faults in it") from error
    if work.cell_id and work.cell_id != cell.cell_id:
        raise Refusal(500, f"work for cell {work.cell_id}; this is {cell.cell_id}")
    refused_lrps = [raw for _, raw in lrps] if cell.evacuating else []
    refused_tasks = [raw for _, raw in tasks] if cell.evacuating else []
    reserved: list[str] = []
    if not cell.evacuating:
        for lrp, raw in lrps:
            guid = str(uuid.uuid4())[:INSTANCE_GUID_LENGTH]
            container = _reserve(cell, guid, Lifecycle.LRP, lrp.domain, lrp)
            if container is None:
                refused_lrps.append(raw)
                continue
            container.process_guid, container.index = lrp.process_guid, lrp.index
            reserved.append(guid)
        for task, raw in tasks:
            if _reserve(cell, task.task_guid, Lifecycle.TASK, task.domain, task) is None:
                refused_tasks.append(raw)
            else:
                reserved.append(task.task_guid)
    return {"LRPs": refused_lrps, "Tasks": refused_tasks, "cell_id": cell.cell_id}, reserved


def state(cell: Cell) -> dict[str, Any]:
    """CellState: capacity, room, and all that is here."""
    return {
        "rep_url": cell.configuration.rep_url,
        "cell_id": cell.cell_id,
        "cell_index": cell.configuration.cell_index,
        "RootFSProviders": _providers(cell),
        "AvailableResources": _room(cell.ledger.available),
        "TotalResources": _room(cell.ledger.total),
        "LRPs": [_lrp(each) for each in cell.ledger if each.lifecycle is Lifecycle.LRP],
        "Tasks": [_task(each) for each in cell.ledger if each.lifecycle is Lifecycle.TASK],
        "StartingContainerCount": sum(each.state in STARTING for each in cell.ledger),
        "Zone": cell.configuration.zone,
        "Evacuating": cell.evacuating,
        "VolumeDrivers": [],
        "PlacementTags": list(cell.configuration.placement_tags),
        "OptionalPlacementTags": list(cell.configuration.optional_placement_tags),
        "ProxyMemoryAllocationMB": 0,
    }


def providers(names: tuple[str, ...]) -> dict[str, list[str]]:
    """`preloaded:x` is one name of a fixed set, a bare `docker` takes all: scheme -> names (none: arbitrary)."""
    found: dict[str, list[str]] = {}
    for each in names:
        scheme, _, name = each.partition(":")
        found.setdefault(scheme, [])
        if name:
            found[scheme].append(name)
    return found


def _reserve(cell: Cell, guid: str, lifecycle: Lifecycle, domain: str, item: _Item) -> Container | None:
    scheme, _, name = item.rootfs.partition(":")
    names = providers(cell.configuration.rootfs_providers).get(scheme)
    if names is None or (names and name not in names):
        return None
    return cell.ledger.reserve(guid, lifecycle, domain, item.placement())


def _providers(cell: Cell) -> dict[str, Any]:
    return {
        scheme: {"type": "fixed_set", "set": {name: {} for name in names}} if names else {"type": "arbitrary"}
        for scheme, names in providers(cell.configuration.rootfs_providers).items()
    }


def _room(room: Room) -> dict[str, int]:
    return {"MemoryMB": room.memory_mb, "DiskMB": room.disk_mb, "Containers": room.containers}


def _placed(container: Container) -> dict[str, Any]:
    placement = container.placement
    return {
        "PlacementTags": list(placement.placement_tags),
        "VolumeDrivers": list(placement.volume_drivers),
        "RootFs": placement.rootfs,
        "MemoryMB": placement.memory_mb,
        "DiskMB": placement.disk_mb,
        "MaxPids": placement.max_pids,
    }


def _lrp(container: Container) -> dict[str, Any]:
    states = {State.RUNNING: "RUNNING", State.COMPLETED: "SHUTDOWN" if container.stopped else "CRASHED"}
    return {
        "instance_guid": container.guid,
        "process_guid": container.process_guid,
        "index": container.index,
        "domain": container.domain,
        **_placed(container),
        "state": states.get(container.state, "CLAIMED"),
    }


def _task(container: Container) -> dict[str, Any]:
    states = {State.RESERVED: 1, State.COMPLETED: 3}
    return {
        "TaskGuid": container.guid,
        "Domain": container.domain,
        **_placed(container),
        "state": states.get(container.state, 2),
        "failed": container.failed,
    }
