"""The simulated kubelet, StatefulSet controller and Eviction API."""

from dataclasses import dataclass, field
from random import Random

from controllers.decide.observation import Pod, Workload


@dataclass
class SimPod:
    name: str
    uid: str
    revision: str
    version: str
    ready_since: float | None = None
    terminating: bool = False
    evacuation: str = "none"
    aborted_at: float = 0.0
    stamped: str = ""
    """The release that the program says it is, where an override's image was built as another."""
    touched: int = 0
    prepared: tuple[int, bool] | None = None
    preparing: int | None = None
    loaded: frozenset[str] = frozenset()
    """Keys of a BBS member."""
    stuck: bool = False
    """It runs and is never Ready: what it needs is somewhere else."""
    waiting: str = ""

    @property
    def ready(self) -> bool:
        return self.ready_since is not None and not self.terminating


@dataclass
class SimSet:
    name: str
    component: str
    replicas: int
    inputs_hash: str
    version: str
    member: int | None
    pool: str | None
    store: str = ""
    generation: int = 1
    observed: int = 0
    update_revision: str = ""
    observed_version: str = ""
    pods: dict[int, SimPod] = field(default_factory=dict)


@dataclass
class SimCluster:
    random: Random
    now: float = 1000.0
    sets: dict[str, SimSet] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    """Releases whose images do not exist: their pods never come."""
    keyring: frozenset[str] = frozenset()
    """The labels in N-keyring, as a kubelet mounts them."""
    in_use: frozenset[str] = frozenset()
    """Keys that a BBS member keeps although their files are gone."""
    _uids: int = 0

    def tier(self, component: str) -> list[SimSet]:
        return [one for one in self.sets.values() if one.component == component]

    def pods(self, component: str) -> list[SimPod]:
        return [pod for one in self.tier(component) for pod in one.pods.values()]

    def find(self, name: str) -> SimPod | None:
        return next((pod for one in self.sets.values() for pod in one.pods.values() if pod.name == name), None)

    def control(self, one: SimSet) -> None:
        """The StatefulSet controller's pass over one set: OnDelete, Parallel."""
        one.observed, one.update_revision, one.observed_version = one.generation, one.inputs_hash, one.version
        for ordinal in range(one.replicas):
            if ordinal not in one.pods:
                self._uids += 1
                name = f"{one.name}-{ordinal}"
                one.pods[ordinal] = SimPod(name, f"u{self._uids}", one.update_revision, one.version)
        for ordinal, pod in one.pods.items():
            if ordinal >= one.replicas:
                pod.terminating = True

    def kubelet(self, one: SimSet) -> None:
        """Pods start, or end."""
        for ordinal, pod in list(one.pods.items()):
            if pod.terminating:
                del one.pods[ordinal]
            elif pod.ready_since is None and pod.version not in self.broken and not pod.stuck:
                pod.ready_since = self.now
                pod.touched += 1
            pod.loaded = self.keyring | (pod.loaded & self.in_use)

    def evict(self, name: str, uid: str) -> bool:
        """A disruption budget of one a tier, unhealthy pods always allowed."""
        for one in self.sets.values():
            for pod in one.pods.values():
                if pod.name == name and pod.uid == uid and not pod.terminating:
                    if pod.ready and self.out(one.component):
                        return False
                    pod.terminating = True
                    return True
        return False

    def out(self, component: str) -> list[str]:
        """Pods of a tier that are not there or not Ready."""
        return [
            f"{one.name}-{ordinal}"
            for one in self.tier(component)
            for ordinal in range(one.replicas)
            if ordinal not in one.pods or not one.pods[ordinal].ready
        ]

    def observed(self) -> dict[str, Workload]:
        return {one.name: self._workload(one) for one in self.sets.values()}

    def _workload(self, one: SimSet) -> Workload:
        return Workload(
            name=one.name,
            component=one.component,
            uid=f"set-{one.name}",
            generation=one.generation,
            observed_generation=one.observed,
            replicas=one.replicas,
            update_revision=one.update_revision,
            inputs_hash=one.inputs_hash,
            rendered_hash="",
            version=one.version,
            pods=tuple(self._pod(pod) for pod in one.pods.values()),
            member=one.member,
            pool=one.pool,
            store=one.store,
        )

    def _pod(self, pod: SimPod) -> Pod:
        stuck = pod.ready_since is None and pod.version in self.broken
        return Pod(
            name=pod.name,
            uid=pod.uid,
            resource_version=str(pod.touched),
            revision=pod.revision,
            ready=pod.ready,
            ready_since=pod.ready_since,
            terminating=pod.terminating,
            ip="10.0.0.1",
            version=pod.version,
            waiting="ImagePullBackOff" if stuck else pod.waiting,
        )
