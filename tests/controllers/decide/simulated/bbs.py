"""The simulated BBS: election, dry run, target, migration with flip, failure and hold."""

from dataclasses import dataclass, field, replace

from controllers.certificates import FIRST_LABEL
from controllers.decide.observation import Data, Member, Migration, Prepared
from tests.controllers.decide.simulated.cluster import SimCluster, SimPod
from tests.controllers.decide.simulated.move import SimMove
from tests.controllers.decide.simulated.releases import MAJORS, SERVES
from tests.controllers.decide.simulated.spec import NAME, NAMESPACE

RECORDS = 4


@dataclass
class SimBBS:
    cluster: SimCluster
    initial: int | None = None
    initial_key: str = FIRST_LABEL
    current: int | None = None
    target: int | None = None
    wanted: int | None = None
    token: str = ""
    generation: int = 0
    epoch: int = 0
    master_uid: str = ""
    done: int = 0
    attempts: int = 0
    failed_generation: int | None = None
    owner: str = f"{NAMESPACE}/{NAME}"
    evacuating: int = 0
    loading: bool = False
    """The master takes for ever to load."""
    bad_record: bool = False
    """A record that does not fit data version 2 or later."""
    refused_loss: bool = False
    """A record that is whole, but data version 0 has no place for something in it that must not be dropped."""
    losses: dict[str, int] = field(default_factory=dict)
    """What a dry run down to data version 0 says would be dropped."""
    active: str = ""
    stored: str = ""
    """The label record; empty while records bear several keys."""
    records: dict[str, int] = field(default_factory=dict)
    """How many bear which key."""
    online: bool = False
    """The present target's mode."""
    pace: int | None = None
    activations: list[str] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    """Superseded copies, oldest first."""
    moving: SimMove = field(default_factory=SimMove)

    def running(self) -> list[SimPod]:
        return [pod for pod in self.cluster.pods("bbs") if pod.ready]

    def master(self) -> SimPod | None:
        return next((pod for pod in self.running() if pod.uid == self.master_uid), None)

    def can_lead(self, pod: SimPod) -> bool:
        if not self.moving.found_by(pod):
            return False
        return self.current is None or (self.current in SERVES[pod.version] and not self.lacks(pod))

    def lacks(self, pod: SimPod) -> set[str]:
        """Keys that records bear or will bear and that this member can't read with."""
        return {self.active, *(label for label, count in self.records.items() if count)} - {""} - pod.loaded

    def elect(self) -> None:
        if self.master() is not None:
            return
        fit = [pod for pod in self.running() if self.can_lead(pod)]
        if not fit:
            return
        chosen = self.cluster.random.choice(fit)
        self.master_uid, self.epoch = chosen.uid, self.epoch + 1
        if self.current is None:
            initial = self.initial if self.initial in SERVES[chosen.version] else max(SERVES[chosen.version])
            self.current = self.wanted = initial
            self.moving.adopt(chosen)
            self.active = self.stored = self.initial_key
            self.records = {self.active: RECORDS}
        if self.target is not None and not self.held:
            self.done, self.attempts = 0, self.attempts + 1

    @property
    def held(self) -> bool:
        return self.target is not None and self.failed_generation == self.generation

    def work(self) -> None:
        """Dry runs end; a migration goes on by a slice."""
        for pod in self.running():
            if pod.preparing is not None:
                pod.prepared, pod.preparing = (pod.preparing, self._bad(pod.preparing) == ""), None
        master = self.master()
        if master is not None and self.target is None and not self.loading:
            self._rotate()
        if master is not None and self.target is None:
            self.moving.work(master)
        if master is None or self.target is None or self.held or self.target not in SERVES[master.version]:
            return
        if self._bad(self.target) and self.done >= 1:
            self.failed_generation = self.generation
            return
        self.done += 1
        if self.done >= 3:
            self.roots.append(f"root-{self.generation}-of-{self.current}")
            self.current, self.target, self.done = self.target, None, 0
            self.wanted, self.generation = self.current, self.generation + 1

    def _rotate(self) -> None:
        """One record is sealed anew; when none is left, the label record says so."""
        old = next((label for label, count in self.records.items() if count and label != self.active), None)
        if old is None:
            self.stored = self.active
            return
        self.records[old] -= 1
        self.records[self.active] = self.records.get(self.active, 0) + 1

    def activate(self, pod: SimPod, label: str, if_generation: int, if_active: str, pace: int | None) -> str:
        """The fenced call; what it answers."""
        if pod.uid != self.master_uid or not pod.ready:
            return "redirect"
        if (label, pace) == (self.active, self.pace):
            return "same"
        if if_generation != self.generation or if_active != self.active:
            return "stale"
        if label not in pod.loaded:
            return "not possible"
        if label != self.active:
            self.activations.append(label)
            self.stored = ""
        self.active, self.pace = label, pace
        return "accepted"

    def _bad(self, version: int) -> str:
        """Why a record stands in the way of a version; empty when none does."""
        if self.bad_record and version >= 2:
            return "no such wire type"
        return f"data version {version} can't hold a sidecar" if self.refused_loss and version == 0 else ""

    def drop_roots(self, pod: SimPod, roots: tuple[str, ...], if_generation: int) -> None:
        """The fenced call."""
        if pod.uid == self.master_uid and pod.ready and if_generation == self.generation:
            self.roots = [root for root in self.roots if root not in roots]

    def set_target(self, pod: SimPod, version: int, token: str, if_generation: int, *, online: bool = False) -> str:
        """The fenced call; what it answers."""
        if pod.uid != self.master_uid or not pod.ready:
            return "redirect"
        if (version, token) == (self.wanted, self.token):
            return "same"
        if if_generation != self.generation:
            return "stale"
        if version not in SERVES[pod.version]:
            return "not possible"
        self.wanted, self.token, self.generation, self.done = version, token, self.generation + 1, 0
        self.target, self.online = None if version == self.current else version, online
        if self.target is not None:
            self.attempts += 1
        return "accepted"

    def status(self, pod: SimPod) -> Member:
        leads = pod.uid == self.master_uid
        fits = self.can_lead(pod)
        said = pod.prepared
        return Member(
            pod=pod.name,
            uid=pod.uid,
            version=pod.stamped or pod.version,
            build=f"build-{pod.version}",
            role="Master" if leads else "Standby" if fits else "Aside",
            state=self._state() if leads else "Following" if fits else "Refused",
            reads=SERVES[pod.version],
            serves=SERVES[pod.version],
            majors=(MAJORS[pod.version],),
            epoch=self.epoch,
            owner=self.owner,
            store_type=self.moving.told(pod),
            migrated_from=self.moving.left,
            move=self.moving.status(pod),
            evacuating=self.evacuating,
            data=self._data(),
            migration=self._migration() if leads else None,
            prepared=self._prepared(*said) if said else None,
            old_roots=tuple(self.roots) if leads else (),
            keys_loaded=tuple(sorted(pod.loaded)),
            key_active=self.active,
            key_stored=self.stored,
            key_counts=self._counts() if leads else {},
            key_pace=self.pace,
        )

    def _counts(self) -> dict[str, int]:
        if self.stored:
            return {self.stored: RECORDS}
        return {label: count for label, count in self.records.items() if count}

    def _prepared(self, version: int, ok: bool) -> Prepared:
        key, reason = ("", "") if ok else ("tasks/bad", self._bad(version))
        losses = self.losses if version == 0 else {}
        return Prepared(version, ok, count=5, first_bad_key=key, first_bad_reason=reason, losses=losses)

    def _state(self) -> str:
        if self.target is None:
            running = "Migrating" if self.moving.running else "Serving"
            return "Loading" if self.loading else running
        if self.online:
            return "Serving"
        return "Held" if self.held else "Migrating"

    def _data(self) -> Data | None:
        if self.current is None:
            return None
        return Data(self.current, self.target, self.wanted, self.token, self.generation)

    def _migration(self) -> Migration | None:
        if self.target is None or self.current is None:
            return None
        reason = "UndecodableRecord" if self.held else ""
        key = "tasks/bad" if self.held else ""
        phase = "Failed" if self.held else "Staging"
        mode = "Online" if self.online else "Offline"
        told = Migration("1-1", self.current, self.target, phase, self.done, 3, mode=mode)
        return replace(told, failure_key=key, failure_reason=reason)
