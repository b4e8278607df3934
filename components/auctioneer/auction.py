"""What is auctioned, and the cells as the auction sees them: the JSON of BBS and rep, checked at the edge."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

EMPTY: tuple[str, ...] = ()


class Item(BaseModel):
    """Sizes in megabytes and placement; unknown keys are ignored, absent ones are zero."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    rootfs: str = Field("", alias="RootFs")
    memory_mb: int = Field(0, alias="MemoryMB")
    disk_mb: int = Field(0, alias="DiskMB")
    max_pids: int = Field(0, alias="MaxPids")
    tags: tuple[str, ...] | None = Field(None, alias="PlacementTags")
    drivers: tuple[str, ...] | None = Field(None, alias="VolumeDrivers")

    @property
    def sound(self) -> bool:
        """Whether it can be auctioned at all."""
        return bool(self.rootfs) and self.memory_mb >= 0 and self.disk_mb >= 0

    def resources(self) -> dict[str, Any]:
        """The keys that every kind of work carries to a cell."""
        return {
            "PlacementTags": list(self.tags or EMPTY),
            "VolumeDrivers": list(self.drivers or EMPTY),
            "RootFs": self.rootfs,
            "MemoryMB": self.memory_mb,
            "DiskMB": self.disk_mb,
            "MaxPids": self.max_pids,
        }


class LRP(Item):
    """One instance that wants a cell."""

    process_guid: str
    domain: str
    index: int

    @property
    def name(self) -> str:
        """What tells two items apart."""
        return f"{self.process_guid}.{self.index}"

    def work(self) -> dict[str, Any]:
        """As a cell gets it."""
        identity = {"process_guid": self.process_guid, "index": self.index, "domain": self.domain}
        return identity | self.resources()


class Task(Item):
    """One task that wants a cell."""

    task_guid: str = Field(alias="TaskGuid")
    domain: str = Field(alias="Domain")

    @property
    def name(self) -> str:
        """What tells two items apart."""
        return self.task_guid

    def work(self) -> dict[str, Any]:
        """As a cell gets it."""
        return {"TaskGuid": self.task_guid, "Domain": self.domain} | self.resources()


def lrps(body: Any) -> list[LRP]:
    """The instances of a `/v1/lrps` body; unusable entries are left out. Raises ValueError when it is no list."""
    if not isinstance(body, list):
        raise ValueError("the body is no list of LRPs")
    found: list[LRP] = []
    for entry in body:
        indices = entry.get("indices") if isinstance(entry, dict) else None
        if isinstance(indices, list):
            found += [lrp for index in indices if isinstance(lrp := _checked(LRP, entry | {"index": index}), LRP)]
    return [lrp for lrp in found if lrp.sound and lrp.process_guid and lrp.domain and lrp.index >= 0]


def tasks(body: Any) -> list[Task]:
    """The tasks of a `/v1/tasks` body; unusable entries are left out. Raises ValueError when it is no list."""
    if not isinstance(body, list):
        raise ValueError("the body is no list of tasks")
    found = [task for entry in body if isinstance(task := _checked(Task, entry), Task)]
    return [task for task in found if task.sound and task.task_guid and task.domain]


def _checked(model: type[Item], entry: Any) -> Item | None:
    try:
        return model.model_validate(entry)
    except ValidationError:
        return None


class Resources(BaseModel):
    """Megabytes and containers."""

    model_config = ConfigDict(extra="ignore")

    memory_mb: int = Field(0, alias="MemoryMB")
    disk_mb: int = Field(0, alias="DiskMB")
    containers: int = Field(0, alias="Containers")


class RootFSProvider(BaseModel):
    """All names of a scheme, or a fixed set of them."""

    model_config = ConfigDict(extra="ignore")

    type: str = "arbitrary"
    set: dict[str, Any] | None = None


class PlacedLRP(BaseModel):
    """An instance that a cell has."""

    model_config = ConfigDict(extra="ignore")

    process_guid: str = ""
    index: int = 0


class CellState(BaseModel):
    """A rep's `/state`."""

    model_config = ConfigDict(extra="ignore")

    cell_id: str = ""
    rep_url: str = ""
    cell_index: int = 0
    providers: dict[str, RootFSProvider] | None = Field(None, alias="RootFSProviders")
    available: Resources = Field(alias="AvailableResources")
    total: Resources = Field(alias="TotalResources")
    lrps: list[PlacedLRP] | None = Field(None, alias="LRPs")
    tasks: list[dict[str, Any]] | None = Field(None, alias="Tasks")
    starting: int = Field(0, alias="StartingContainerCount")
    zone: str = Field("", alias="Zone")
    evacuating: bool = Field(default=False, alias="Evacuating")
    drivers: list[str] | None = Field(None, alias="VolumeDrivers")
    tags: list[str] | None = Field(None, alias="PlacementTags")
    optional_tags: list[str] | None = Field(None, alias="OptionalPlacementTags")
    proxy_memory_mb: int = Field(0, alias="ProxyMemoryAllocationMB")
