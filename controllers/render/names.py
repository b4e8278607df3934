"""The names of everything that belongs to one Diego. Fixed: users, charts and scenarios rely on them."""

from dataclasses import dataclass

FIELD_MANAGER = "diego-operator"
INPUTS_HASH = "diego-operator.io/inputs-hash"
RENDERED_HASH = "diego-operator.io/rendered-hash"
RELEASE = "diego-operator.io/version"
REFRESH = "diego-operator.io/refresh-templates"
MEMBER = "diego-operator.io/member"
POOL = "diego-operator.io/pool"
STORE = "diego-operator.io/store"
INSTANCE, MANAGED_BY = "app.kubernetes.io/instance", "app.kubernetes.io/managed-by"
OPERATOR_NAME = "diego-operator"

TLS_PORTS = {"bbs": 8889, "locket": 8891, "auctioneer": 9016, "cell": 1801, "etcd": 2379}
PLAIN_PORTS = {"bbs": 8890, "locket": 8892, "auctioneer": 9017, "cell": 1802, "etcd": 2381}


@dataclass(frozen=True, slots=True)
class Names:
    """N and its namespace."""

    name: str
    namespace: str

    def of(self, component: str) -> str:
        """N-<component>: StatefulSet, Service, ConfigMap and PodDisruptionBudget of a tier."""
        return f"{self.name}-{component}"

    def tls(self, component: str) -> str:
        """The Secret of a component's leaf."""
        return f"{self.name}-{component}-tls"

    def member(self, index: int) -> str:
        """The StatefulSet of one BBS member."""
        return f"{self.name}-bbs-{index}"

    def pool(self, pool: str) -> str:
        """The StatefulSet of one pool of cells."""
        return f"{self.name}-cell-{pool}"

    @property
    def authority(self) -> str:
        """Secret of the authority that signs every leaf but etcd's."""
        return f"{self.name}-ca"

    @property
    def etcd_authority(self) -> str:
        """Secret of etcd's own authority: etcd loads it only once, so it stands outside any change of the other."""
        return f"{self.name}-etcd-ca"

    @property
    def keyring(self) -> str:
        """Secret with one passphrase per key label."""
        return f"{self.name}-keyring"

    @property
    def identity(self) -> str:
        """ConfigMap with what must outlive the resource."""
        return f"{self.name}-identity"

    def host(self, service: str, pod: str = "") -> str:
        """The name of a Service, or of a pod behind a headless one, as certificates carry it."""
        inside = f"{self.name}-{service}.{self.namespace}.svc"
        return f"{pod}.{inside}" if pod else inside

    def labels(self, component: str, *, member: int | None = None, pool: str | None = None) -> dict[str, str]:
        """Labels of an object and its pods."""
        return {**self.selector(component, member=member, pool=pool), MANAGED_BY: OPERATOR_NAME}

    def selector(self, component: str, *, member: int | None = None, pool: str | None = None) -> dict[str, str]:
        """Labels that never change over a pod's life; no version among them."""
        found = {
            "app.kubernetes.io/name": "diego",
            INSTANCE: self.name,
            "app.kubernetes.io/component": component,
        }
        if member is not None:
            found[MEMBER] = str(member)
        if pool is not None:
            found[POOL] = pool
        return found
