"""From a desired LRP or a task to what the auctioneer needs to place it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bbs.models.effects import LRPStart, RequestLRPAuction, TaskStart
from bbs.models.limits import readable
from bbs.models.state import Effect, Entry
from bbs.wire.container_pb2 import VolumeMount
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from bbs.wire.task_pb2 import Task


def lrp_start(desired: Entry, indices: tuple[int, ...]) -> LRPStart:
    """The request to place these indices of a stored desired LRP again."""
    return again(DesiredLRP.FromString(desired.data), indices)


def again(lrp: DesiredLRP, indices: tuple[int, ...]) -> LRPStart:
    """As `start_of`, for instances that were placed before or are missing: without drivers these are null, not []."""
    start = start_of(lrp, indices)
    return replace(start, volume_drivers=start.volume_drivers or None)


def start_of(lrp: DesiredLRP, indices: tuple[int, ...]) -> LRPStart:
    """The request to place these indices of `lrp`."""
    return LRPStart(
        lrp.process_guid,
        lrp.domain,
        indices,
        _texts(lrp.PlacementTags),
        _drivers(lrp.volume_mounts),
        readable(lrp.root_fs),
        lrp.memory_mb,
        lrp.disk_mb,
        lrp.max_pids,
    )


def task_start(task: Task) -> TaskStart:
    """The request to place `task`."""
    definition = task.task_definition
    return TaskStart(
        task.task_guid,
        task.domain,
        _texts(definition.placement_tags),
        _drivers(definition.volume_mounts),
        readable(definition.root_fs),
        definition.memory_mb,
        definition.disk_mb,
        definition.max_pids,
    )


def apart(effects: Iterable[Effect]) -> list[LRPStart]:
    """The LRP auctions among `effects`, each an entry of its own as in the real BBS, no index asked for twice."""
    starts: list[LRPStart] = []
    asked: set[tuple[str, int]] = set()
    for effect in effects:
        if isinstance(effect, RequestLRPAuction):
            start = effect.start
            indices = tuple(index for index in start.indices if (start.process_guid, index) not in asked)
            asked.update((start.process_guid, index) for index in indices)
            if indices or not start.indices:
                starts.append(replace(start, indices=indices))
    return starts


def _drivers(mounts: Iterable[VolumeMount]) -> tuple[str, ...]:
    return _texts(mount.driver for mount in mounts)


def _texts(values: Iterable[str | bytes]) -> tuple[str, ...]:
    return tuple(readable(value) for value in values)
