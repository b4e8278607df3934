"""What the resource describes and this release does not do yet: refused with a remedy, never half done."""

from controllers.api import Approval, DiegoSpec, Reason, StoreType
from controllers.decide.wanted import Refusal


def refusals(spec: DiegoSpec) -> tuple[Refusal, ...]:
    """Each stops everything but repairs."""
    seen = {
        "spec.tls.issuerRef is not built yet; remove it, and certificates are made": spec.tls.issuer_ref is not None,
        "spec.tls.additionalTrust is not built yet; remove it": bool(spec.tls.additional_trust),
        "spec.ccBridge is not built yet; remove it": spec.cc_bridge is not None,
        "spec.upgrade.approval Supervised is not built yet; choose Automatic": spec.upgrade.approval
        is Approval.SUPERVISED,
        "spec.upgrade.soak is not built yet; set 0s": spec.upgrade.soak.nanoseconds > 0,
        "spec.cells.rollout.maxSurge is not built yet; set 0": spec.cells.rollout.max_surge > 0,
    }
    return tuple(Refusal(Reason.NOT_BUILT_YET, words) for words, found in seen.items() if found)


def remarks(spec: DiegoSpec) -> tuple[str, ...]:
    """Said, but no obstacle."""
    found = []
    if spec.route_emitter.replicas:
        found.append("routeEmitter is not built yet and not deployed")
    if spec.store.type is StoreType.SQLITE:
        found.append("with SQLite one BBS and one Locket run: a roll stops each before it starts it anew")
    if spec.store.etcd and spec.store.etcd.managed and spec.store.etcd.managed.replicas < 3:
        found.append("the managed etcd is not highly available below 3 replicas")
    return tuple(found)
