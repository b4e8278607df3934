"""A cell during one auction: what is left of it while work is being given out. Pure."""

from __future__ import annotations

from collections import Counter

from components.auctioneer.auction import LRP, CellState, Item, Task

SAME_KIND_WEIGHT = 1000.0
"""Instances of one app, or tasks, flock together only when there is no other cell."""


class Candidate:
    """One cell and what this auction gave it."""

    def __init__(self, state: CellState, rep_url: str, starting_weight: float) -> None:
        self.cell_id = state.cell_id
        self.rep_url = rep_url
        self.zone = state.zone
        self.starting = state.starting
        self.lrps: list[LRP] = []
        self.tasks: list[Task] = []
        self._state = state
        self._weight = starting_weight
        self._memory = state.available.memory_mb
        self._disk = state.available.disk_mb
        self._containers = state.available.containers
        self._instances = Counter(each.process_guid for each in state.lrps or ())
        self._task_count = len(state.tasks or ())

    def instances(self, process_guid: str) -> int:
        """How many instances of the app it has."""
        return self._instances[process_guid]

    def offers_rootfs(self, rootfs: str) -> bool:
        """`scheme:name`, by scheme and, for a fixed set, by name."""
        scheme, _, name = rootfs.partition(":")
        provider = (self._state.providers or {}).get(scheme)
        if provider is None:
            return False
        return provider.type == "arbitrary" or name in (provider.set or {})

    def offers_drivers(self, item: Item) -> bool:
        """Every volume driver wanted."""
        return set(item.drivers or ()) <= set(self._state.drivers or ())

    def fits_tags(self, item: Item) -> bool:
        """All tags that the cell demands are wanted, and all wanted are offered."""
        wanted, demanded = set(item.tags or ()), set(self._state.tags or ())
        return demanded <= wanted <= demanded | set(self._state.optional_tags or ())

    def short_of(self, item: Item) -> set[str]:
        """Which of containers, disk, memory are not enough."""
        short = {
            "containers": self._containers < 1,
            "disk": self._disk < item.disk_mb,
            "memory": self._memory < item.memory_mb + self._state.proxy_memory_mb,
        }
        return {name for name, missing in short.items() if missing}

    def score(self, item: LRP | Task) -> float:
        """How bad a place it would be, as if the work were placed already; the lowest wins."""
        total = self._state.total
        memory = self._memory - item.memory_mb - self._state.proxy_memory_mb
        used = [
            _used(memory, total.memory_mb),
            _used(self._disk - item.disk_mb, total.disk_mb),
            _used(self._containers - 1, total.containers),
        ]
        same = self._instances[item.process_guid] if isinstance(item, LRP) else self._task_count
        return sum(used) / 3 + self._weight * self.starting + SAME_KIND_WEIGHT * same

    def take(self, item: LRP | Task) -> None:
        """Place it here."""
        self._memory -= item.memory_mb + self._state.proxy_memory_mb
        self._disk -= item.disk_mb
        self._containers -= 1
        self.starting += 1
        if isinstance(item, LRP):
            self._instances[item.process_guid] += 1
            self.lrps.append(item)
        else:
            self._task_count += 1
            self.tasks.append(item)


def _used(free: int, total: int) -> float:
    return 1 - free / total if total else 1.0
