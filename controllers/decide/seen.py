"""One pass's question to the world: the wanted and the seen side by side, with the facts derived from both.

Gates and steps read this and nothing else. Everything here is a plain reading; no verdicts are given.
"""

from dataclasses import dataclass
from functools import cached_property

from controllers.decide.observation import Member, Observation, Pod, Workload
from controllers.decide.releases import newer
from controllers.decide.wanted import Wanted, WantedWorkload


@dataclass(frozen=True)
class Seen:
    """`now` is in seconds since the Unix epoch."""

    wanted: Wanted
    world: Observation
    now: float

    @cached_property
    def adopted(self) -> bool:
        """A master has served this deployment's store at least once."""
        return self.world.identity is not None and self.world.identity.adopted

    @cached_property
    def master(self) -> Member | None:
        """The one member that says it is master; of two, the later epoch (the other is deposed and does not know)."""
        claimed = [member for member in self.world.members.values() if member.role == "Master"]
        return max(claimed, key=lambda member: member.epoch, default=None)

    @cached_property
    def bbs(self) -> tuple[Workload, ...]:
        """The BBS members' StatefulSets that exist, wanted or not."""
        return self.existing("bbs")

    @cached_property
    def at_wanted(self) -> tuple[Member, ...]:
        """The members that run the wanted release, by their own word."""
        return tuple(m for m in self._members if m.version == self.wanted.version)

    @cached_property
    def _members(self) -> tuple[Member, ...]:
        return tuple(self.world.members[pod] for pod in sorted(self.world.members))

    @cached_property
    def going_down(self) -> bool:
        """Something runs, or is set to run, a release newer than the wanted one, and no BBS member an older one.

        With members on both sides the data was never raised (that needs all of them): the way is up for the older ones,
        and cells must not overtake them.
        """
        members = [*(w.version for w in self.bbs), *(m.version for m in self._members)]
        if any(newer(self.wanted.version, version) for version in members):
            return False
        templates = [w.version for w in self.world.workloads.values() if w.component != "etcd"]
        return any(newer(version, self.wanted.version) for version in [*templates, *members])

    @cached_property
    def returning(self) -> bool:
        """The wanted release is the one that served last: whoever goes back to it asks for no health."""
        identity = self.world.identity
        return self.going_down and identity is not None and identity.last_served == self.wanted.version

    @cached_property
    def target(self) -> int | None:
        """The data version to end at: the spec's, or the newest that the wanted release was seen to serve."""
        if self.wanted.target_data_version is not None:
            return self.wanted.target_data_version
        return max(self.served_by_wanted or (), default=None)

    @cached_property
    def goal(self) -> int | None:
        """The data version to go for now: on the way down one that the newer binary serves too."""
        if not self.going_down or self.master is None or self.target in self.master.serves:
            return self.target
        return max(set(self.served_by_wanted or ()) & set(self.master.serves), default=None)

    @cached_property
    def served_by_wanted(self) -> tuple[int, ...] | None:
        """What the wanted release serves: asked of a running member, else remembered, else unknown."""
        for member in self.at_wanted:
            return member.serves
        identity = self.world.identity
        known = identity.served.get(self.wanted.version) if identity else None
        return known.serves if known else None

    def existing(self, component: str) -> tuple[Workload, ...]:
        """The StatefulSets of a component, in a total, stable order."""
        found = [w for w in self.world.workloads.values() if w.component == component]
        return tuple(sorted(found, key=lambda w: (w.member or 0, w.name)))

    def template_current(self, workload: Workload) -> bool:
        """Equal inputs are current even if this operator would render them differently, unless a person consents."""
        wanted = self.wanted.workloads.get(workload.name)
        if wanted is None:
            return False
        return workload.inputs_hash == wanted.inputs_hash and not self.refresh_due(workload, wanted)

    def refresh_due(self, workload: Workload, wanted: WantedWorkload) -> bool:
        """The rendering differs and the resource carries consent to exactly this operator's rendering."""
        consented = bool(self.wanted.consent) and self.wanted.consent == self.wanted.refresh_mark
        return consented and workload.rendered_hash != wanted.rendered_hash

    def stale(self, workload: Workload) -> tuple[Pod, ...]:
        """Pods that do not run the template. Empty while the controller has not seen the template: nobody knows yet."""
        if not workload.settled:
            return ()
        return tuple(pod for pod in workload.live if pod.revision != workload.update_revision and not pod.terminating)

    def current(self, workload: Workload) -> bool:
        """Template as wanted, every pod made from it and Ready."""
        return (
            self.template_current(workload)
            and workload.settled
            and workload.whole
            and all(pod.revision == workload.update_revision for pod in workload.live)
        )

    def tier_current(self, component: str) -> bool:
        """Every wanted workload of the component is current and has its replicas."""
        return all(
            (found := self.world.workloads.get(wanted.name)) is not None
            and found.replicas == wanted.replicas
            and self.current(found)
            for wanted in self.wanted.of(component)
        )

    def member_of(self, workload: Workload) -> Member | None:
        """The answer of this member's pod, if it gave one."""
        return self.world.members.get(f"{workload.name}-0")

    @cached_property
    def bbs_current(self) -> bool:
        """Every member is replaced and says itself that it runs the wanted release."""
        members = [self.world.workloads.get(w.name) for w in self.wanted.of("bbs")]
        wanted = self.wanted.version  # not that of the template: an overridden image is what it says it is
        return all(
            w is not None and self.current(w) and (m := self.member_of(w)) is not None and m.version == wanted
            for w in members
        ) and len(self.bbs) == len(members)

    @cached_property
    def cells_current(self) -> bool:
        """No cell of another release or template is left."""
        return self.tier_current("cell") and len(self.existing("cell")) == len(self.wanted.of("cell"))
