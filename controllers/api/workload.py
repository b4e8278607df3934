"""What can be said of the pods of every tier: resources, placement, labels."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from .scalars import Annotations, LabelKey, Labels, LabelValue, Quantities
from .shape import Declared, atomic


class Resources(Declared):
    """Requests and limits of the tier's main container."""

    requests: Quantities = Field(default_factory=dict)
    limits: Quantities = Field(default_factory=dict)


class TolerationOperator(StrEnum):
    """How a toleration matches a taint's value."""

    EXISTS = "Exists"
    EQUAL = "Equal"


class TaintEffect(StrEnum):
    """What a taint does to pods that don't tolerate it."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


class Toleration(Declared):
    """A taint that the pods bear."""

    key: LabelKey | None = None
    operator: TolerationOperator | None = None
    value: LabelValue | None = None
    effect: TaintEffect | None = None
    toleration_seconds: Annotated[int, Field(ge=0, le=31_536_000)] | None = None


class Affinity(Declared):
    """Kubernetes affinity terms, handed on unread; the API server judges them with the pod template."""

    node_affinity: Annotated[dict[str, Any], Field(max_length=8)] | None = None
    pod_affinity: Annotated[dict[str, Any], Field(max_length=8)] | None = None
    pod_anti_affinity: Annotated[dict[str, Any], Field(max_length=8)] | None = None


class WhenUnsatisfiable(StrEnum):
    """Whether an uneven spread keeps a pod waiting."""

    DO_NOT_SCHEDULE = "DoNotSchedule"
    SCHEDULE_ANYWAY = "ScheduleAnyway"


class TopologySpread(Declared):
    """How evenly the tier is spread; the selector is always the tier itself."""

    max_skew: Annotated[int, Field(ge=1, le=100)] = 1
    topology_key: LabelKey
    when_unsatisfiable: WhenUnsatisfiable = WhenUnsatisfiable.SCHEDULE_ANYWAY
    min_domains: Annotated[int, Field(ge=1, le=100)] | None = None


class Workload(Declared):
    """Fields that every tier has."""

    resources: Resources = Resources()
    node_selector: Labels = Field(default_factory=dict)
    tolerations: Annotated[tuple[Toleration, ...], Field(max_length=16, json_schema_extra=atomic())] = ()
    affinity: Affinity | None = None
    topology_spread_constraints: Annotated[
        tuple[TopologySpread, ...], Field(max_length=8, json_schema_extra=atomic())
    ] = ()
    priority_class_name: Annotated[str, StringConstraints(max_length=253)] = ""
    pod_labels: Labels = Field(default_factory=dict)
    pod_annotations: Annotations = Field(default_factory=dict)


class BBS(Workload):
    """The bulletin board: one master, the others stand by."""

    replicas: Annotated[int, Field(ge=1, le=7)] = 3


class Locket(Workload):
    """Locks and presence."""

    replicas: Annotated[int, Field(ge=1, le=5)] = 2


class Auctioneer(Workload):
    """Places instances on cells."""

    replicas: Annotated[int, Field(ge=1, le=5)] = 2


class RouteEmitter(Workload):
    """Tells the router where instances listen."""

    replicas: Annotated[int, Field(ge=0, le=16)] = 1


class CCBridge(Workload):
    """Between Cloud Controller and the BBS. Absent: not deployed."""

    replicas: Annotated[int, Field(ge=1, le=16)] = 1
