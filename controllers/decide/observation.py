"""The world as one pass saw it: frozen facts, nothing derived.

Absent is a fact (not in the mapping); could not be asked is a fact too (`None`, or missing from the answers), and never
the same as False. Times are seconds since the Unix epoch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

STAND_BY = ("auctioneer",)
"""Tiers of which one pod works and is Ready; the others run, hold nothing open, and wait for its lock."""

LOSSES_SHOWN = 5

STORE_MISCONFIGURED = "StoreMisconfigured"
"""Of a pod: its program ended because the store turned it away, by its own last words."""

VOLUME_EMPTY = "VolumeEmpty"
"""Of a pod of the managed etcd: its volume holds no member, and it was not told to be a new one, by its last words."""


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod of a StatefulSet. `waiting` names why its containers do not run, when the kubelet or scheduler says so."""

    name: str
    uid: str
    resource_version: str
    revision: str
    ready: bool
    ready_since: float | None = None
    started: bool = False
    terminating: bool = False
    ip: str = ""
    waiting: str = ""
    waiting_message: str = ""
    restarts: int = 0
    version: str = ""

    @property
    def ordinal(self) -> int:
        """The number after the last dash."""
        return int(self.name.rpartition("-")[2])


@dataclass(frozen=True, slots=True)
class Workload:
    """A StatefulSet and its pods."""

    name: str
    component: str
    uid: str
    generation: int
    observed_generation: int
    replicas: int
    update_revision: str
    inputs_hash: str
    rendered_hash: str
    version: str
    pods: tuple[Pod, ...] = ()
    member: int | None = None
    pool: str | None = None
    trouble: str = ""
    store: str = ""
    """Of Locket: in which store its locks lie, as noted with the template; empty: by a release that did not note it."""

    @property
    def settled(self) -> bool:
        """The controller has seen the template that was written last: `update_revision` speaks of it."""
        return self.observed_generation >= self.generation

    @property
    def live(self) -> tuple[Pod, ...]:
        """Pods that count: those below the replica number."""
        return tuple(sorted((pod for pod in self.pods if pod.ordinal < self.replicas), key=lambda pod: pod.ordinal))

    @property
    def whole(self) -> bool:
        """Every replica exists, is not going away, and is Ready, or stands by for one that is."""
        here = [pod for pod in self.live if not pod.terminating]
        if len(here) < self.replicas:
            return False
        if self.component in STAND_BY and any(pod.ready for pod in here):
            return all(pod.ready or pod.started for pod in here)
        return all(pod.ready for pod in here)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The verdict of a dry run on one member."""

    version: int
    ok: bool
    seq: int = 0
    count: int = 0
    first_bad_key: str = ""
    first_bad_reason: str = ""
    losses: Mapping[str, int] = field(default_factory=dict)
    """What the version can't hold and would be dropped without a refusal, and of how many records."""

    @property
    def refuses_a_loss(self) -> bool:
        """The record that stands in the way is whole; the version has no place for something in it."""
        return not self.ok and self.first_bad_reason.startswith(f"data version {self.version} can't hold ")

    @property
    def dropped(self) -> str:
        """The losses in words, the greatest first; empty when there are none."""
        greatest = sorted(self.losses.items(), key=lambda loss: (-loss[1], loss[0]))
        named = [f"{what} ({count} records)" for what, count in greatest[:LOSSES_SHOWN]]
        rest = [f"{len(greatest) - LOSSES_SHOWN} more kinds"] if len(greatest) > LOSSES_SHOWN else []
        return f"would drop {', '.join([*named, *rest])}" if named else ""


@dataclass(frozen=True, slots=True)
class Data:
    """The data versions in the anchor, and the BBS's own counter of accepted calls and flips."""

    current: int
    target: int | None = None
    wanted: int | None = None
    token: str = ""
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Migration:
    """A migration under way or stopped."""

    attempt: str
    source: int
    to: int
    phase: str
    done: int = 0
    total: int = 0
    started_at: float = 0.0
    mode: str = "Offline"
    failure_key: str = ""
    failure_reason: str = ""
    failure_message: str = ""

    @property
    def failed(self) -> bool:
        """A bad record stopped it; it waits for a person."""
        return self.phase == "Failed" or bool(self.failure_reason or self.failure_key)

    @property
    def failure(self) -> str:
        """Which record, the BBS's word for what is wrong with it, and its sentence."""
        known = [part for part in (self.failure_key, self.failure_reason, self.failure_message) if part]
        return ": ".join(known) or "it stopped and gave no reason"


@dataclass(frozen=True, slots=True)
class Move:
    """The move of the records to another store, as a member that knows of both tells it."""

    to: str
    state: str
    """Waiting, Running, Failed, Unavailable or Moved."""
    wanted: bool = False
    token: str = ""
    generation: int = 0
    """The BBS's own counter of accepted calls about the move."""
    done: int = 0
    total: int = 0
    reason: str = ""
    """Why it does not go on, in words."""
    failure: str = ""

    @property
    def failed(self) -> bool:
        """It has stopped, and the records are served from where they were."""
        return self.state == "Failed"


@dataclass(frozen=True, slots=True)
class Member:
    """What a BBS member said of itself at `GET /status`."""

    pod: str
    uid: str
    version: str
    build: str
    role: str
    state: str
    reads: tuple[int, ...] = ()
    serves: tuple[int, ...] = ()
    majors: tuple[int, ...] = ()
    epoch: int = 0
    seq: int = 0
    reason: str = ""
    reason_message: str = ""
    reason_remedy: str = ""
    store_type: str = ""
    """The engine that it serves from now."""
    migrated_from: str = ""
    """The engine that the records have left for that one; empty: they have not moved."""
    move: Move | None = None
    """None: it knows of one store only."""
    store_id: str = ""
    owner: str = ""
    data: Data | None = None
    migration: Migration | None = None
    prepared: Prepared | None = None
    keys_loaded: tuple[str, ...] = ()
    key_active: str = ""
    key_stored: str = ""
    """The key that all records are known to bear, by a master's word; empty while several are in use."""
    key_counts: Mapping[str, int] = field(default_factory=dict)
    """Records by label; for every key but the active one never too low. Only a master tells, once it has looked."""
    key_pace: int | None = None
    evacuating: int = 0
    suspect: int = 0
    unreadable: int = 0
    old_roots: tuple[str, ...] = ()
    """Copies of the records that are neither live nor staged. Only a master tells."""

    @property
    def stopped(self) -> bool:
        """It is master, and its migration has stopped for a person: offline it holds, online it serves the old data."""
        return self.state in ("Held", "Serving") and self.migration is not None and self.migration.failed

    @property
    def serving(self) -> bool:
        """It is master and answers `/v1`."""
        return self.role == "Master" and self.state == "Serving"


@dataclass(frozen=True, slots=True)
class Evacuation:
    """What a cell said at `GET /evacuation`.

    `aborted_for`: seconds since this process first saw it aborted. A cache: losing it waits once more.
    """

    state: str
    remaining: int = 0
    reason: str = ""
    aborted_for: float = 0.0


@dataclass(frozen=True, slots=True)
class Served:
    """Which data versions a release was seen to read and to serve."""

    reads: tuple[int, ...]
    serves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """ConfigMap N-identity: what must outlive the resource."""

    store_id: str
    adopted: bool
    served: Mapping[str, Served] = field(default_factory=dict)
    last_served: str = ""
    store: str = ""
    """In which store the records lie, in words of the spec; empty: it was not noted."""
    migrated_from: str = ""
    """Which store they have left for it; empty: they have not moved."""


@dataclass(frozen=True, slots=True)
class EtcdMember:
    """A member of the managed etcd by the cluster's own list. `started`: a process has once run as this member."""

    id: str
    pod: str
    started: bool
    learner: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate Secret: when it ends and what it was made for."""

    not_after: float
    digest: str
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Secret N-keyring: fingerprints by label. `retired`: of labels that are gone, which never get other bytes."""

    held: Mapping[str, str] = field(default_factory=dict)
    retired: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeySource:
    """What the spec's reference to a key leads to: a fingerprint, or what is wrong with it."""

    fingerprint: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at the world."""

    workloads: Mapping[str, Workload] = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)
    certificates: Mapping[str, Certificate] = field(default_factory=dict)
    keyring: Keyring | None = None
    key_sources: Mapping[str, KeySource] = field(default_factory=dict)
    """By label, for each key that the spec names."""
    leavings: Mapping[str, str] = field(default_factory=dict)
    """uid by kind and name: objects of a managed store that the records have left."""
    config_files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By ConfigMap: the configuration files in it."""
    identity: Identity | None = None
    members: Mapping[str, Member] = field(default_factory=dict)
    cells: Mapping[str, Evacuation] = field(default_factory=dict)
    etcd: tuple[EtcdMember, ...] | None = None
    """The members of the managed etcd, by a quorum's word; None: there is none, or it could not be asked."""
    etcd_entry: str = ""
    """Who may begin as a member with an empty volume (controllers.decide.etcd), as it is written down."""
    prepare_asked: frozenset[tuple[str, str, int, int]] = frozenset()
    """Dry runs this process has asked for: (pod uid, role, epoch, version). A cache: losing it asks once more."""
