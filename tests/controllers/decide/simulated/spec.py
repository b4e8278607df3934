"""The simulated spec, resolved as `controllers.render.resolved` would."""

from dataclasses import dataclass, replace

from controllers.api import Reason
from controllers.decide.wanted import Refusal, Wanted, WantedCertificate, WantedKey, WantedObject, WantedWorkload

NAME, NAMESPACE, UID = "d", "ns", "uid-d"


@dataclass(frozen=True)
class Spec:
    version: str = "0.1.0"
    target: int | None = None
    members: int = 3
    pools: tuple[tuple[str, int], ...] = (("a", 2), ("b", 1))
    paused: bool = False
    retry: str = ""
    refused: bool = False
    keys: tuple[str, ...] = ()
    active: str = ""
    pace: int = 5000
    store: str = "Etcd (managed)"
    accepts: str = ""
    """Losses that a person has consented to, by their mark."""
    etcd: int = 1
    online: bool = False
    source: str = ""
    """The store of `migrateFrom`."""
    knob: int = 0
    """Any other field that reaches pods: another value, another inputs hash."""

    def resolved(self, generation: int, moved_from: str = "") -> Wanted:
        """`moved_from`: as N-identity has noted it."""
        if moved_from and self.source:
            return replace(self, source="").resolved(generation)
        found = [
            *(
                [self._of("etcd", "etcd", self.etcd, version="")]
                if "Etcd (managed)" in (self.store, self.source)
                else []
            ),
            self._of("locket", "locket", 2),
            *(self._of(f"bbs-{i}", "bbs", 1, member=i) for i in range(self.members)),
            self._of("auctioneer", "auctioneer", 2),
            *(self._of(f"cell-{name}", "cell", size, pool=name) for name, size in self.pools),
        ]
        return Wanted(
            namespace=NAMESPACE,
            name=NAME,
            uid=UID,
            generation=generation,
            version=self.version,
            workloads={one.name: one for one in found},
            objects=(
                WantedObject("Service", "d-bbs", "1", after_adoption=True),
                WantedObject("Service", "d-locket", "1"),
                *((WantedObject("ConfigMap", "d-bbs", ""),) if self.source or self.store != "Etcd (managed)" else ()),
            ),
            certificates=(WantedCertificate("d-ca", "", None), WantedCertificate("d-bbs-tls", "1", "d-ca")),
            store=self.store,
            migrates_from=self.source,
            target_data_version=self.target,
            paused=self.paused,
            migrates_online=self.online,
            accepted_losses=self.accepts,
            retry_token=self.retry,
            keys=tuple(WantedKey(label, "keys", label) for label in self.keys),
            active_key=self.active,
            rotation_pace=self.pace if self.keys else None,
            refused=(Refusal(Reason.NOT_BUILT_YET, "spec.moon is not built yet"),) if self.refused else (),
            min_ready_seconds=5,
            renew_before=100,
        )

    def _of(
        self,
        name: str,
        component: str,
        replicas: int,
        *,
        version: str | None = None,
        member: int | None = None,
        pool: str | None = None,
    ) -> WantedWorkload:
        release = self.version if version is None else version
        return WantedWorkload(
            name=f"{NAME}-{name}",
            component=component,
            version=release,
            replicas=replicas,
            inputs_hash=self.inputs(component, release),
            member=member,
            pool=pool,
            store=self.lockets if component == "locket" else "",
        )

    @property
    def lockets(self) -> str:
        """Where Locket keeps its locks."""
        return self.source or self.store

    def inputs(self, component: str, version: str) -> str:
        """What reaches the pods of a tier."""
        stores = {"bbs": f"{self.store}<{self.source}", "locket": self.lockets}.get(component, "")
        return f"{version}/{self.knob}/{stores}"


def stores_of(revision: str) -> tuple[str, str]:
    """Of a pod's template: its store, and the one that records come from."""
    store, _, source = revision.split("/", 2)[2].partition("<")
    return store, source
