"""The simulated etcd: members, volumes, and who may begin with an empty one."""

from dataclasses import dataclass, field

from controllers.decide.observation import VOLUME_EMPTY, EtcdMember
from tests.controllers.decide.simulated.cluster import SimCluster, SimPod


@dataclass
class SimMember:
    pod: str
    started: bool = False
    learner: bool = False


@dataclass
class SimEtcd:
    """`volumes`: by pod, the id of the member whose data lies there; absent: empty."""

    cluster: SimCluster
    members: dict[str, SimMember] = field(default_factory=dict)
    volumes: dict[str, str] = field(default_factory=dict)
    began: list[str] = field(default_factory=list)
    """Ids, in the order in which they began with an empty volume: never twice the same."""
    changes: list[str] = field(default_factory=list)
    fewest: int = 99
    """Of the votes left beyond a majority, after any change."""
    _ids: int = 0

    def pods(self) -> list[SimPod]:
        return self.cluster.pods("etcd")

    def voting(self) -> list[str]:
        return [one.pod for one in self.members.values() if one.started and not one.learner and self._up(one.pod)]

    @property
    def quorum(self) -> bool:
        votes = [one for one in self.members.values() if not one.learner]
        return len(self.voting()) > len(votes) // 2

    def _up(self, name: str) -> bool:
        pod = self.cluster.find(name)
        mine = next((i for i, one in self.members.items() if one.pod == name), "none")
        return pod is not None and not pod.terminating and self.volumes.get(name) == mine

    def run(self, entry: str) -> None:
        """Every pod does what its volume, and the door, allow."""
        for name in [name for name in self.volumes if self.cluster.find(name) is None and not self._kept(name)]:
            del self.volumes[name]
        for pod in self.pods():
            if pod.name not in self.volumes:
                self._begin(pod, entry)
            mine = self.volumes.get(pod.name)
            known = self.members.get(mine or "")
            pod.waiting = "" if mine else VOLUME_EMPTY
            if known is None or not self._ready(known):
                pod.ready_since = None

    def _ready(self, one: SimMember) -> bool:
        return one.started and self.quorum

    def _kept(self, name: str) -> bool:
        """A pod that was replaced finds its volume; one that the set no longer has does not."""
        ordinal = int(name.rpartition("-")[2])
        return any(ordinal < one.replicas for one in self.cluster.tier("etcd"))

    def _begin(self, pod: SimPod, entry: str) -> None:
        kind, _, rest = entry.partition(" ")
        if kind == "new":
            self._ids += 1
            self.members[f"m{self._ids}"] = SimMember(pod.name, started=True)
            self.volumes[pod.name] = f"m{self._ids}"
        elif kind == "join" and rest.partition(" of ")[0] == pod.name:
            found = [i for i, one in self.members.items() if one.pod == pod.name]
            if found:
                self.volumes[pod.name], self.members[found[0]].started = found[0], True
                self.began.append(found[0])

    def lose_volume(self, name: str) -> None:
        self.volumes.pop(name, None)
        if pod := self.cluster.find(name):
            pod.ready_since, pod.waiting = None, VOLUME_EMPTY

    def observed(self) -> tuple[EtcdMember, ...] | None:
        if not self.quorum:
            return None
        found = [EtcdMember(i, one.pod, one.started, one.learner) for i, one in self.members.items()]
        return tuple(sorted(found, key=lambda one: one.pod))

    def add(self, pod: str) -> None:
        if not self.quorum or any(one.pod == pod or one.learner for one in self.members.values()):
            return
        self._ids += 1
        self.members[f"m{self._ids}"] = SimMember(pod, learner=True)
        self._changed(f"add {pod}")

    def promote(self, i: str) -> None:
        if self.quorum and i in self.members and self._up(self.members[i].pod):
            self.members[i].learner = False
            self._changed(f"promote {self.members[i].pod}")

    def remove(self, i: str) -> None:
        if self.quorum and i in self.members:
            self._changed(f"remove {self.members.pop(i).pod}")

    def _changed(self, what: str) -> None:
        self.changes.append(what)
        votes = [one for one in self.members.values() if not one.learner]
        self.fewest = min(self.fewest, len(self.voting()) - (len(votes) // 2 + 1))
