"""The whole simulated world, its scheduler and its invariants."""

from dataclasses import dataclass, field, replace
from random import Random

from controllers.certificates import FIRST_LABEL
from controllers.decide import Plan, decide
from controllers.decide import actions as do
from controllers.decide.observation import Certificate, Evacuation, Identity, Keyring, KeySource, Observation, Served
from controllers.decide.releases import newer
from controllers.decide.wanted import Wanted
from tests.controllers.decide.simulated.bbs import SimBBS
from tests.controllers.decide.simulated.cluster import SimCluster, SimPod, SimSet
from tests.controllers.decide.simulated.etcd import SimEtcd
from tests.controllers.decide.simulated.releases import SERVES
from tests.controllers.decide.simulated.spec import NAME, Spec, stores_of

OF_ETCD = (
    ("Service", ""),
    ("PodDisruptionBudget", ""),
    ("ConfigMap", ""),
    ("Secret", "-tls"),
    ("Secret", "-client-tls"),
    ("Secret", "-ca"),
)


class Broken(AssertionError):
    """An invariant does not hold."""


@dataclass
class World:
    """`spec` may be changed by whoever walks; everything else changes by steps only."""

    random: Random
    spec: Spec
    generation: int = 1
    cluster: SimCluster = field(init=False)
    bbs: SimBBS = field(init=False)
    etcd: SimEtcd = field(init=False)
    objects: dict[str, str] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    keyring: dict[str, str] | None = None
    retired: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    """The user's Secrets: bytes by label, where they are not the usual ones; empty: there is no such key."""
    identity: Identity | None = None
    etcd_entry: str = ""
    of_etcd: dict[str, str] = field(default_factory=dict)
    """uid by kind and name, of what a managed etcd has beside its StatefulSet."""
    files: set[str] = field(default_factory=set)
    """Configuration files of the BBS."""
    asked: set[tuple[str, str, int, int]] = field(default_factory=set)
    suspect: int = 0
    deaf: float = 0.0
    stubborn: float = 0.0
    """How likely an evacuation is to be given up for want of room."""
    plan: Plan | None = None
    passes: int = 0
    kills: int = 0
    counted: dict[str, int] = field(default_factory=dict)
    rolled_up_cells: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cluster = SimCluster(self.random)
        self.etcd = SimEtcd(self.cluster)
        self.bbs = SimBBS(self.cluster, initial=self.spec.target, initial_key=self.spec.active or FIRST_LABEL)

    def change(self, spec: Spec) -> None:
        """`kubectl apply`."""
        self.spec, self.generation = spec, self.generation + 1

    def wanted(self) -> Wanted:
        """The spec, resolved as N-identity has it."""
        return self.spec.resolved(self.generation, self.identity.migrated_from if self.identity else "")

    def observe(self) -> Observation:
        heard = [pod for pod in self.cluster.pods("bbs") if pod.ready and self.random.random() >= self.deaf]
        members = {pod.name: self.bbs.status(pod) for pod in heard}
        if self.suspect:
            members = {name: _suspect(member, self.suspect) for name, member in members.items()}
        cells = {pod.name: self._evacuation(pod) for pod in self.cluster.pods("cell") if pod.ready}
        return Observation(
            workloads=self.cluster.observed(),
            objects=dict(self.objects),
            certificates=dict(self.certificates),
            keyring=None if self.keyring is None else Keyring(dict(self.keyring), dict(self.retired)),
            key_sources={label: self._source(label) for label in self.spec.keys},
            leavings=dict(self.of_etcd) if self.identity and self.identity.migrated_from else {},
            config_files={"d-bbs": tuple(sorted(self.files))},
            identity=self.identity,
            members=members,
            cells=cells,
            etcd_entry=self.etcd_entry,
            etcd=self.etcd.observed() if self.wanted().of("etcd") else None,
            prepare_asked=frozenset(self.asked),
        )

    def _source(self, label: str) -> KeySource:
        found = self.sources.get(label, f"bytes of {label}")
        return KeySource(found) if found else KeySource(trouble=f"{label}: there is no Secret keys")

    def operate(self, *, mortal: bool, hurried: bool = False) -> None:
        """One pass of the operator. Mortal: it may be killed before any call, and the world goes on between calls."""
        seen = self.observe()
        self.plan = decide(self.wanted(), seen, self.cluster.now)
        self.passes += 1
        for action in self.plan.actions:
            self._check(action, seen)
            if mortal and self.random.random() < 0.15:
                self.kills += 1
                self.asked.clear()
                return
            if mortal and not hurried and self.random.random() < 0.3:
                self.elapse()
            self.counted[type(action).__name__] = self.counted.get(type(action).__name__, 0) + 1
            self._carry_out(action, seen)

    def elapse(self) -> None:
        """Something else happens."""
        self.cluster.now += self.random.choice((0.2, 1.0, 3.0))
        self._mount()
        one = self.random.choice(list(self.cluster.sets.values()) or [None])
        happening = self.random.randrange(6)
        if happening <= 1 and one is not None:
            self.cluster.control(one)
        elif happening == 2 and one is not None:
            self.cluster.kubelet(one)
            self.etcd.run(self.etcd_entry)
        elif happening == 3:
            self.bbs.elect()
            self._fence_check()
        elif happening == 4:
            self.bbs.work()
            self._fence_check()
        else:
            self._evacuate_a_little()

    def _mount(self) -> None:
        self.cluster.keyring = frozenset(self.keyring or ())
        self.cluster.in_use = frozenset({self.bbs.active, *(k for k, count in self.bbs.records.items() if count)})

    def settle(self) -> None:
        """Every part of the world does all it can, once."""
        self.cluster.now += 3
        self._mount()
        for one in list(self.cluster.sets.values()):
            self.cluster.kubelet(one)
            self.cluster.control(one)
        self.etcd.run(self.etcd_entry)
        self.bbs.elect()
        self.bbs.work()
        self._evacuate_a_little()
        self._fence_check()

    def evict_foreign(self) -> None:
        """A node is drained by somebody else."""
        pods = [pod for one in self.cluster.sets.values() for pod in one.pods.values()]
        if pods:
            pod = self.random.choice(pods)
            self.cluster.evict(pod.name, pod.uid)

    def status(self, kind: str) -> str:
        """A condition of the last pass."""
        assert self.plan is not None
        return next(str(one.status) for one in self.plan.findings if one.kind == kind)

    def reason(self, kind: str) -> str:
        """Its reason."""
        assert self.plan is not None
        return next(str(one.reason) for one in self.plan.findings if one.kind == kind)

    def run(self, passes: int = 400) -> "World":
        """Undisturbed until Ready or blocked, or the passes are used up."""
        for _ in range(passes):
            self.operate(mortal=False)
            self.settle()
            if self.plan is not None and not self.plan.actions and self.finished():
                break
        return self

    def _evacuation(self, pod: SimPod) -> Evacuation:
        aborted = pod.evacuation == "aborted"
        return Evacuation(pod.evacuation, 1, aborted_for=self.cluster.now - pod.aborted_at if aborted else 0.0)

    def finished(self) -> bool:
        """Ready, or a person is asked for something that does not pass by itself."""
        if self.plan is None:
            return False
        blocked = self.status("UpgradeBlocked") == "True" and self.reason("UpgradeBlocked") != "EvacuationTimedOut"
        return self.status("Ready") == "True" or blocked

    # What the operator's calls do.

    def _carry_out(self, action: do.Action, seen: Observation) -> None:
        match action:
            case do.ApplyObject(kind, name):
                self.objects[f"{kind}/{name}"] = "1"
                if kind == "ConfigMap":
                    self.files &= {f"config-{one.inputs_hash}.yaml" for one in self.cluster.tier("bbs")}
            case do.IssueAuthority(secret) | do.IssueCertificate(secret, _):
                digest = "1" if isinstance(action, do.IssueCertificate) else ""
                self.certificates[secret] = Certificate(self.cluster.now + 1e9, digest)
            case do.GenerateKey(label):
                self.keyring = {**(self.keyring or {}), label: f"bytes of {label}"}
            case do.CopyKeys(labels):
                marks = {label: self._source(label).fingerprint for label in labels}
                self.keyring = {**(self.keyring or {}), **{label: mark for label, mark in marks.items() if mark}}
            case do.RetireKeys(labels):
                self.retired |= {label: self.keyring.pop(label) for label in labels if self.keyring}
            case do.CreateIdentity():
                self.identity = self.identity or Identity("store-1", adopted=False)
            case do.RecordAdopted() | do.RecordServed() | do.RecordMoved():
                self._note(action)
            case do.WriteEtcdEntry(entry):
                self.etcd_entry = entry
            case do.AddEtcdMember(name, _):
                self.etcd.add(name)
            case do.PromoteEtcdMember(i, _):
                self.etcd.promote(i)
            case do.RemoveEtcdMember(i, _, _):
                self.etcd.remove(i)
            case do.WriteWorkload(name, version, _):
                self._write(name, version)
            case do.ScaleWorkload(name, replicas, _):
                self.cluster.sets[name].replicas = replicas
                self.cluster.sets[name].generation += 1
            case do.RemoveWorkload(name, _, _):
                self.cluster.sets.pop(name, None)
            case do.RemoveObject(kind, name, _, _):
                self.of_etcd.pop(f"{kind}/{name}", None)
            case do.SetMove(pod, wanted, token, if_generation):
                if found := self.cluster.find(pod):
                    leads = found.uid == self.bbs.master_uid and found.ready
                    answer = self.bbs.moving.ask(found, wanted, token, if_generation) if leads else "redirect"
                    self.counted[f"move {answer}"] = self.counted.get(f"move {answer}", 0) + 1
            case do.EvictPod(name, uid) | do.DeletePod(name, uid):
                self._take(action, name, uid)
            case do.Prepare(pod, uid, role, epoch, version):
                if (found := self.cluster.find(pod)) and found.uid == uid:
                    found.prepared, found.preparing = None, version
                    self.asked.add((uid, role, epoch, version))
            case do.SetTarget(pod, version, token, if_generation):
                if found := self.cluster.find(pod):
                    answer = self.bbs.set_target(found, version, token, if_generation, online=action.online)
                    self.counted[f"target {answer}"] = self.counted.get(f"target {answer}", 0) + 1
            case do.DropRoots(pod, roots, if_generation):
                if found := self.cluster.find(pod):
                    self.bbs.drop_roots(found, roots, if_generation)
            case do.ActivateKey(pod, label, if_generation, if_active, pace):
                if found := self.cluster.find(pod):
                    answer = self.bbs.activate(found, label, if_generation, if_active, pace)
                    self.counted[f"key {answer}"] = self.counted.get(f"key {answer}", 0) + 1
            case do.StepDown():
                self.bbs.master_uid = ""
            case do.Evacuate(pod) | do.CancelEvacuation(pod):
                if (found := self.cluster.find(pod)) and found.ready and found.evacuation != "drained":
                    found.evacuation = "gating" if isinstance(action, do.Evacuate) else "none"

    def _note(self, action: do.RecordAdopted | do.RecordServed | do.RecordMoved) -> None:
        assert self.identity is not None
        if isinstance(action, do.RecordMoved):
            self.identity = replace(self.identity, store=action.store, migrated_from=action.source)
            return
        if isinstance(action, do.RecordAdopted):
            self.identity = replace(self.identity, adopted=True, store=action.store)
            return
        served = {**self.identity.served, action.version: Served(action.reads, action.serves)}
        last = action.version if action.by_master else self.identity.last_served
        self.identity = replace(self.identity, served=served, last_served=last)

    def _write(self, name: str, version: str) -> None:
        resolved = self.wanted()
        wanted = resolved.workloads.get(name)
        if wanted is None:
            return
        version = "" if wanted.component == "etcd" else version
        spec = replace(self.spec, source=resolved.migrates_from)
        hashed = spec.inputs(wanted.component, version)
        if wanted.component == "bbs":
            self.files.add(f"config-{hashed}.yaml")
        if wanted.component == "etcd":
            self.of_etcd |= {f"{kind}/d-etcd{more}": f"uid{more}" for kind, more in OF_ETCD}
        found = self.cluster.sets.get(name)
        if found is None:
            self.cluster.sets[name] = SimSet(
                name, wanted.component, wanted.replicas, hashed, version, wanted.member, wanted.pool, wanted.store
            )
        elif found.inputs_hash != hashed:
            found.inputs_hash, found.version, found.generation = hashed, version, found.generation + 1
            found.store = wanted.store

    def _take(self, action: do.EvictPod | do.DeletePod, name: str, uid: str) -> None:
        found = self.cluster.find(name)
        if found is None or found.uid != uid or found.terminating:
            return
        if isinstance(action, do.DeletePod):
            found.terminating = True
        elif not action.cell or found.evacuation == "drained":
            self.cluster.evict(name, uid)

    def _evacuate_a_little(self) -> None:
        onwards = {"gating": "evacuating", "evacuating": "drained"}
        for pod in self.cluster.pods("cell"):
            if pod.evacuation == "evacuating" and self.random.random() < self.stubborn:
                pod.evacuation, pod.aborted_at = "aborted", self.cluster.now
            pod.evacuation = onwards.get(pod.evacuation, pod.evacuation)

    # What must hold, whoever is killed whenever.

    def _check(self, action: do.Action, seen: Observation) -> None:
        match action:
            case do.WriteWorkload(name, version, _):
                self._check_template(name, version, seen)
            case do.EvictPod(name, _) | do.DeletePod(name, _):
                self._check_taking(action, name, seen)
            case do.Evacuate(pod):
                out = [p for p in self._out(seen, "cell") if p != pod]
                if out:
                    raise Broken(f"{pod} is evacuated while {out} are out")
            case do.DropRoots():
                older = [pod.name for pod in self.cluster.pods("bbs") if pod.version != self.spec.version]
                if older or self.bbs.target is not None or self.spec.paused:
                    raise Broken(f"roots are dropped with {older} of another release, target {self.bbs.target}")
            case do.ActivateKey(_, label):
                self._check_activation(label)
            case do.RemoveWorkload(name) | do.RemoveObject(_, name) if name.startswith("d-etcd"):
                pods = (*self.cluster.pods("bbs"), *self.cluster.pods("locket"))
                if users := [pod.name for pod in pods if "Etcd (managed)" in stores_of(pod.revision)]:
                    raise Broken(f"{name} is removed while {users} know of it")
            case do.SetMove():
                if self.spec.paused:
                    raise Broken("the move is called for while paused")
            case do.CopyKeys(labels):
                known = {**self.retired, **(self.keyring or {})}
                if any(known.get(one, mark) != mark for one in labels if (mark := self._source(one).fingerprint)):
                    raise Broken(f"{labels} get other bytes than they stand for")
            case do.RetireKeys(labels):
                used = {self.bbs.active, *(one for one, count in self.bbs.records.items() if count)}
                if used & set(labels):
                    raise Broken(f"{labels} are taken out of the keyring while records use {used}")
            case do.SetTarget(_, version):
                members = seen.members.values()
                if version > (self.bbs.current or 0) and any(version not in m.serves for m in members):
                    raise Broken(f"target {version} is raised while a member can't serve it")

    def _check_activation(self, label: str) -> None:
        if self.bbs.target is not None or self.spec.paused:
            raise Broken(f"{label} is activated while paused or with target {self.bbs.target}")
        lacking = [pod.name for pod in self.bbs.running() if label not in pod.loaded]
        if lacking:
            raise Broken(f"{label} is activated while {lacking} have not loaded it")

    def _check_template(self, name: str, version: str, seen: Observation) -> None:
        if not name.startswith(f"{NAME}-cell-") or self.identity is None:
            return
        before = seen.workloads.get(name)
        if before is not None and not newer(version, before.version):
            return
        behind = [one.name for one in self.cluster.tier("bbs") if newer(version, one.version)]
        if behind:
            raise Broken(f"cells of {version} while {behind} are older")
        if any(newer(one.version, version) for one in self.cluster.sets.values()):
            return  # on the way down the cells go first
        if self.bbs.target is not None and self.spec.version == version:
            raise Broken(f"cells of {version} while the data migrates")
        if self.spec.target is not None and self.spec.version == version and self.bbs.current != self.spec.target:
            raise Broken(f"cells of {version} before data version {self.spec.target}")

    def _check_taking(self, action: do.EvictPod | do.DeletePod, name: str, seen: Observation) -> None:
        workload = next(w for w in seen.workloads.values() if any(pod.name == name for pod in w.pods))
        pod = next(pod for pod in workload.pods if pod.name == name)
        drained = isinstance(action, do.EvictPod) and action.cell
        if not drained and not workload.settled:
            raise Broken(f"{name} is taken before its template was observed")
        if drained and seen.cells[name].state != "drained":
            raise Broken(f"{name} is taken undrained")
        if workload.component == "cell" and not drained and pod.ready:
            raise Broken(f"{name} is taken without evacuation")
        out = [p for p in self._out(seen, workload.component) if p != name]
        if pod.ready and not drained and out:
            raise Broken(f"{name} is taken while {out} are out")

    def _out(self, seen: Observation, component: str) -> list[str]:
        return [
            f"{w.name}-{i}"
            for w in seen.workloads.values()
            if w.component == component
            for i in range(w.replicas)
            if not _fit(next((p for p in w.pods if p.ordinal == i), None), seen)
        ]

    def _fence_check(self) -> None:
        """Every member can read every record; some can always serve what is stored, once there are several."""
        locks = {stores_of(pod.revision)[0] for pod in self.cluster.pods("locket") if pod.ready_since is not None}
        if len(locks) > 1:
            raise Broken(f"locks lie in two stores at once: {locks}")
        lost = [pod.name for pod in self.bbs.running() if self.bbs.moving.loses(pod)]
        if lost:
            raise Broken(f"{lost} would begin an empty store beside {self.bbs.moving.place}")
        aside = {pod.name: lacks for pod in self.bbs.running() if (lacks := self.bbs.lacks(pod))}
        if aside:
            raise Broken(f"members meet keys that they have not loaded: {aside}")
        templates = self.cluster.tier("bbs")
        if self.bbs.current is None or len(templates) < 2:
            return
        if not any(self.bbs.current in SERVES[one.version] for one in templates):
            raise Broken(f"no member can serve the stored {self.bbs.current}")


def _fit(pod: object, seen: Observation) -> bool:
    if pod is None or not getattr(pod, "ready", False) or getattr(pod, "terminating", True):
        return False
    cell = seen.cells.get(getattr(pod, "name", ""))
    return cell is None or cell.state in ("none", "aborted")


def _suspect(member: "object", count: int) -> "object":
    return replace(member, suspect=count)  # type: ignore[type-var]


def settle_pod(pod: SimPod) -> None:
    """A pod as a healthy one."""
    pod.ready_since = 0.0
