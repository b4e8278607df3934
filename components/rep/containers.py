"""What the cell holds: reservations and containers, and how much room is left. Pure bookkeeping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from components.rep.configuration import Capacity
from components.rep.runtime.protocol import Report

RESERVATION_S = 60.0


class State(StrEnum):
    """Any state may jump to completed."""

    RESERVED = "reserved"
    INITIALIZING = "initializing"
    CREATED = "created"
    RUNNING = "running"
    COMPLETED = "completed"


PROGRESS = tuple(State)


class Lifecycle(StrEnum):
    """What a container is for."""

    LRP = "lrp"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Placement:
    """What the auction knows about a container: sizes in megabytes and where it may lie."""

    rootfs: str
    memory_mb: int
    disk_mb: int
    max_pids: int = 0
    placement_tags: tuple[str, ...] = ()
    volume_drivers: tuple[str, ...] = ()


@dataclass(slots=True)
class Container:
    """One container. `guid` is the instance guid of an LRP, the task guid of a task; `index` counts only for LRPs."""

    guid: str
    lifecycle: Lifecycle
    domain: str
    placement: Placement
    reserved_at: float
    process_guid: str = ""
    index: int = 0
    state: State = State.RESERVED
    ports: list[tuple[int, int]] = field(default_factory=list)
    failed: bool = False
    stopped: bool = False
    reason: str = ""
    result: str = ""
    internal_routes: list[str] = field(default_factory=list)
    metric_tags: dict[str, str] = field(default_factory=dict)

    def take(self, report: Report) -> None:
        """Follow the runtime's report; never backwards: an answer may be read after an event that is newer."""
        if PROGRESS.index(State(report["state"])) < PROGRESS.index(self.state) or self.state is State.COMPLETED:
            return
        self.state = State(report["state"])
        self.ports = [(app, host) for app, host in report["ports"]]
        self.failed, self.reason, self.result = report["failed"], report["reason"], report["result"]
        self.stopped = self.stopped or report["stopped"]

    def complete(self, reason: str, *, failed: bool = True, stopped: bool = False) -> None:
        """End it without the runtime's word."""
        self.state, self.failed, self.stopped, self.reason = State.COMPLETED, failed, stopped, reason


@dataclass(frozen=True, slots=True)
class Room:
    """Megabytes and containers."""

    memory_mb: int
    disk_mb: int
    containers: int

    def holds(self, wanted: Placement) -> bool:
        """Whether `wanted` fits."""
        return self.containers >= 1 and wanted.memory_mb <= self.memory_mb and wanted.disk_mb <= self.disk_mb


class Ledger:
    """All containers of the cell by guid. `empty` is asked to tell a drained cell."""

    def __init__(self, capacity: Capacity, clock: Callable[[], float]) -> None:
        self._capacity = capacity
        self._clock = clock
        self._containers: dict[str, Container] = {}

    def __iter__(self) -> Iterator[Container]:
        return iter(list(self._containers.values()))

    def __len__(self) -> int:
        return len(self._containers)

    def get(self, guid: str) -> Container | None:
        """The container, if the cell holds it."""
        return self._containers.get(guid)

    @property
    def total(self) -> Room:
        """What the cell offers."""
        return Room(self._capacity.memory_mb, self._capacity.disk_mb, self._capacity.containers)

    @property
    def available(self) -> Room:
        """What is left."""
        placements = [container.placement for container in self._containers.values()]
        return Room(
            self.total.memory_mb - sum(each.memory_mb for each in placements),
            self.total.disk_mb - sum(each.disk_mb for each in placements),
            self.total.containers - len(placements),
        )

    def reserve(self, guid: str, lifecycle: Lifecycle, domain: str, placement: Placement) -> Container | None:
        """Account for a new container; None when it does not fit or the guid is taken."""
        if guid in self._containers or not self.available.holds(placement):
            return None
        container = Container(guid, lifecycle, domain, placement, self._clock())
        self._containers[guid] = container
        return container

    def drop(self, guid: str) -> None:
        """Free the account."""
        self._containers.pop(guid, None)

    def expire_reservations(self) -> None:
        """A reservation that was not used within a minute ends as failed."""
        for container in self._containers.values():
            if container.state is State.RESERVED and self._clock() - container.reserved_at > RESERVATION_S:
                container.complete("expired container")
