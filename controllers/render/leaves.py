"""Which leaves a Diego needs, and for which names. Pure.

A Service S is asked as S, S.ns and S.ns.svc; members and cells by a wildcard below their headless Service. Whoever
dials a pod's IP verifies one of these names.
"""

from dataclasses import dataclass

from controllers.render.hashing import digest
from controllers.render.names import OPERATOR_NAME, Names


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf: the Secret it lies in, who signs it, its common name, and its DNS names (127.0.0.1 is always added)."""

    secret: str
    authority: str
    common_name: str
    hosts: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Another digest: to be issued anew."""
        return digest([self.authority, self.common_name, list(self.hosts)])


def leaves_of(names: Names) -> tuple[Leaf, ...]:
    """All of them, in a stable order."""
    ours, etcd = names.authority, names.etcd_authority
    members, cells = f"*.{names.host('bbs-members')}", f"*.{names.host('cells')}"
    wild_etcd = f"*.{names.host('etcd')}"  # etcd looks its peers' addresses up and expects the cluster's own domain
    return (
        _leaf(names, etcd, "etcd", "etcd", _service(names, "etcd"), wild_etcd, f"{wild_etcd}.cluster.local"),
        _leaf(names, etcd, "etcd-client", "diego", ()),
        _leaf(names, ours, "locket", "locket", _service(names, "locket")),
        _leaf(names, ours, "bbs", "bbs", (*_service(names, "bbs"), *_service(names, "bbs-members")), members),
        _leaf(names, ours, "auctioneer", "auctioneer", _service(names, "auctioneer")),
        _leaf(names, ours, "cell", "cell", _service(names, "cells"), cells),
        _leaf(names, ours, "operator", OPERATOR_NAME, ()),
        _leaf(names, ours, "client", "client", ()),
    )


def leaf_of(names: Names, secret: str) -> Leaf:
    """The leaf that lies in this Secret. Raises KeyError."""
    return {leaf.secret: leaf for leaf in leaves_of(names)}[secret]


def _service(names: Names, service: str) -> tuple[str, ...]:
    short = f"{names.name}-{service}"
    return (short, f"{short}.{names.namespace}", f"{short}.{names.namespace}.svc")


def _leaf(names: Names, authority: str, component: str, common_name: str, hosts: tuple[str, ...], *more: str) -> Leaf:
    return Leaf(names.tls(component), authority, common_name, (*hosts, *more, "localhost"))
