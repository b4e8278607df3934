"""What a Diego resource asks for, resolved: the only view of the spec that decisions are made on.

Built by `controllers.render.wanted` from the pydantic spec. Holds names, hashes and numbers, never manifests: two
specs that resolve equally are the same to every gate and step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from controllers.api import Reason

ACCEPT_LOSSES = "diego-operator.io/accept-losses"
"""Annotation on the Diego: consent to what a migration drops."""


@dataclass(frozen=True, slots=True)
class WantedWorkload:
    """One StatefulSet as it should be.

    `inputs_hash` covers the spec fields and images that reach the pods; `rendered_hash` what this operator would write.
    """

    name: str
    component: str
    version: str
    replicas: int
    inputs_hash: str
    rendered_hash: str = ""
    member: int | None = None
    pool: str | None = None
    store: str = ""
    """Of Locket: in which store its locks lie."""


@dataclass(frozen=True, slots=True)
class WantedObject:
    """One object without pods (Service, PodDisruptionBudget, ConfigMap); `digest` is a hash of its whole rendering."""

    kind: str
    name: str
    digest: str
    after_adoption: bool = False

    @property
    def key(self) -> str:
        """Kind and name, as observations are keyed."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class WantedCertificate:
    """A Secret with a leaf or an authority (`authority` is None); `digest` covers subject and names."""

    secret: str
    digest: str
    authority: str | None


@dataclass(frozen=True, slots=True)
class WantedKey:
    """A key of the spec: its label, and the Secret and the key inside it that hold the passphrase."""

    label: str
    secret: str
    file: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something in the spec that this operator refuses, with words for the user."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """The whole resource, resolved. Durations are seconds."""

    namespace: str
    name: str
    uid: str
    generation: int
    version: str
    workloads: Mapping[str, WantedWorkload]
    objects: tuple[WantedObject, ...] = ()
    certificates: tuple[WantedCertificate, ...] = ()
    store: str = ""
    """Which store, in words of the spec; another one holds other records."""
    migrates_from: str = ""
    """The store that the records are to leave for that one; empty once they have, whatever the spec says."""
    target_data_version: int | None = None
    paused: bool = False
    deleting: bool = False
    retry_token: str = ""
    max_records_per_second: int | None = None
    migrates_online: bool = False
    roll_back_on_failure: bool = False
    slow_after: float = 300.0
    renew_before: float = 30 * 24 * 3600.0
    max_unavailable: int = 1
    min_ready_seconds: float = 30.0
    consent: str = ""
    accepted_losses: str = ""
    """The mark of the losses that a person has consented to."""
    keys: tuple[WantedKey, ...] = ()
    """Empty: a key is generated."""
    active_key: str = ""
    rotation_pace: int | None = None
    """Records a second."""
    refused: tuple[Refusal, ...] = ()
    remarks: tuple[str, ...] = ()
    images: Mapping[str, str] = field(default_factory=dict)

    def of(self, component: str) -> tuple[WantedWorkload, ...]:
        """The workloads of one component, in a total, stable order."""
        found = [workload for workload in self.workloads.values() if workload.component == component]
        return tuple(sorted(found, key=lambda workload: (workload.member or 0, workload.name)))

    @property
    def owner(self) -> str:
        """Who owns the store, as the BBS stamps it into the anchor."""
        return f"{self.namespace}/{self.name}"

    @property
    def refresh_mark(self) -> str:
        """What `diego-operator.io/refresh-templates` must hold to consent to this operator's own rendering."""
        return "-".join(sorted({workload.rendered_hash[:6] for workload in self.workloads.values()}))[:63]
