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
    """What is reserved."""
    limits: Quantities = Field(default_factory=dict)
    """What may not be exceeded."""


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
    """Key of the taint. Absent: every key."""
    operator: TolerationOperator | None = None
    """How the value is compared."""
    value: LabelValue | None = None
    """Value of the taint."""
    effect: TaintEffect | None = None
    """Effect of the taint. Absent: every effect."""
    toleration_seconds: Annotated[int, Field(ge=0, le=31_536_000)] | None = None
    """How long a NoExecute taint is borne."""


class Affinity(Declared):
    """Kubernetes affinity terms, handed on unread; the API server judges them with the pod template."""

    node_affinity: Annotated[dict[str, Any], Field(max_length=8)] | None = None
    """As in a pod."""
    pod_affinity: Annotated[dict[str, Any], Field(max_length=8)] | None = None
    """As in a pod."""
    pod_anti_affinity: Annotated[dict[str, Any], Field(max_length=8)] | None = None
    """As in a pod."""


class WhenUnsatisfiable(StrEnum):
    """Whether an uneven spread keeps a pod waiting."""

    DO_NOT_SCHEDULE = "DoNotSchedule"
    SCHEDULE_ANYWAY = "ScheduleAnyway"


class TopologySpread(Declared):
    """How evenly the tier is spread; the selector is always the tier itself."""

    max_skew: Annotated[int, Field(ge=1, le=100)] = 1
    """Largest difference between two domains."""
    topology_key: LabelKey
    """Node label that names the domain."""
    when_unsatisfiable: WhenUnsatisfiable = WhenUnsatisfiable.SCHEDULE_ANYWAY
    """Whether an uneven spread keeps a pod waiting."""
    min_domains: Annotated[int, Field(ge=1, le=100)] | None = None
    """Fewest domains."""


class Workload(Declared):
    """Fields that every tier has."""

    resources: Resources = Resources()
    """Resources of the container that does the work; of a cell the one that runs the apps."""
    node_selector: Labels = Field(default_factory=dict)
    """Labels that a node must have."""
    tolerations: Annotated[tuple[Toleration, ...], Field(max_length=16, json_schema_extra=atomic())] = ()
    """Taints that the pods bear."""
    affinity: Affinity | None = None
    """Affinity of the pods."""
    topology_spread_constraints: Annotated[
        tuple[TopologySpread, ...], Field(max_length=8, json_schema_extra=atomic())
    ] = ()
    """Spread of the pods; the selector is always the tier itself."""
    priority_class_name: Annotated[str, StringConstraints(max_length=253)] = ""
    """Priority class of the pods."""
    pod_labels: Labels = Field(default_factory=dict)
    """More labels of the pods."""
    pod_annotations: Annotations = Field(default_factory=dict)
    """More annotations of the pods."""


class BBS(Workload):
    """The bulletin board: one master, the others stand by."""

    replicas: Annotated[int, Field(ge=1, le=7)] = 3
    """Members; three survive the loss of one without a pause in upgrades."""


class Locket(Workload):
    """Locks and presence."""

    replicas: Annotated[int, Field(ge=1, le=5)] = 2
    """Pods."""


class Auctioneer(Workload):
    """Places instances on cells."""

    replicas: Annotated[int, Field(ge=1, le=5)] = 2
    """Pods."""


class RouteEmitter(Workload):
    """Tells the router where instances listen."""

    replicas: Annotated[int, Field(ge=0, le=16)] = 1
    """Pods."""


class CCBridge(Workload):
    """Between Cloud Controller and the BBS. Absent: not deployed."""

    replicas: Annotated[int, Field(ge=1, le=16)] = 1
    """Pods."""
