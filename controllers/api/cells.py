"""Pools of cells, and how they are rolled."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from .duration import Duration
from .scalars import PoolName, Quantity
from .shape import Declared, distinct, keyed, rule, ruled
from .workload import Workload


class EvacuationTimeoutPolicy(StrEnum):
    """Abort: the cell takes work again and the roll waits for a person. Proceed: it is replaced with what is left."""

    ABORT = "Abort"
    PROCEED = "Proceed"


_SOME_PROGRESS = rule(
    "self.maxUnavailable > 0 || self.maxSurge > 0",
    "maxUnavailable and maxSurge must not both be 0: no cell could ever be replaced; raise one of them",
)


class Rollout(Declared):
    """How many cells may be away, and how long one may take to evacuate."""

    model_config = ConfigDict(json_schema_extra=ruled(_SOME_PROGRESS))

    max_unavailable: Annotated[int, Field(ge=0, le=100)] = 1
    """Cells that may be away at once."""
    max_surge: Annotated[int, Field(ge=0, le=100)] = 0
    """Cells that may be added during a roll, to make room."""
    evacuation_timeout: Duration = Duration.of(minutes=10)
    """How long a cell may take to move its instances."""
    on_evacuation_timeout: EvacuationTimeoutPolicy = EvacuationTimeoutPolicy.ABORT
    """What happens when it takes longer."""
    min_ready_seconds: Annotated[int, Field(ge=0, le=3600)] = 30
    """How long a replaced cell must hold its presence before the next one goes."""


class Capacity(Declared):
    """What one cell offers to instances."""

    memory: Quantity = "1Gi"
    """Memory for instances."""
    disk: Quantity = "4Gi"
    """Disk for instances."""
    containers: Annotated[int, Field(ge=1, le=4096)] = 50
    """Number of containers."""


Tag = Annotated[str, StringConstraints(min_length=1, max_length=63)]


class Pool(Workload):
    """Cells of one kind in one zone."""

    name: PoolName
    """Name of the pool; pods are `<diego>-cell-<pool>-<ordinal>`."""
    replicas: Annotated[int, Field(ge=0, le=1000)] = 1
    """Cells. Lowering it evacuates the highest ordinal first."""
    zone: Annotated[str, StringConstraints(min_length=1, max_length=63)] = "z1"
    """Zone that the auctioneer spreads instances over."""
    placement_tags: Annotated[tuple[Tag, ...], Field(max_length=16, json_schema_extra=distinct())] = ()
    """Tags that an app must ask for to run here."""
    capacity: Capacity = Capacity()
    """What one cell offers to instances."""


class Cells(Declared):
    """All pools and their common rollout."""

    rollout: Rollout = Rollout()
    """How cells are replaced."""
    pools: Annotated[tuple[Pool, ...], Field(max_length=32, json_schema_extra=keyed("name"))] = ()
    """The pools."""
