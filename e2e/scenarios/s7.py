"""S7: deleted and applied again, the operator uninstalled over a live resource and reinstalled, the namespace deleted.

Data stays readable, nothing is Terminating for more than 90 s although apps run on the cells, volumes and keys stay as
deletionPolicy Retain says; a deleted namespace keeps nothing.
"""

from __future__ import annotations

import time

from e2e import installation, kube, manifest
from e2e.expect import await_, expect
from e2e.kube import kubectl
from e2e.life import Life
from e2e.places import NEW, NEWEST

LONGEST_S = 90.0
SECOND_LOOK_S = 150.0
"""Kubernetes looks at a namespace again after half of its pods' longest grace, however early they ended."""
RETAINED = ("secret/diego-ca", "secret/diego-etcd-ca", "secret/diego-keyring", "configmap/diego-identity")


def run(life: Life) -> str:
    """The scenario on a fresh life."""
    life.create(version=NEW, target=NEWEST, seeds=500)
    life.start_probe(load=False)
    told = [_deleted_and_applied(life), _uninstalled(life), _namespace_deleted(life)]
    return "; ".join(told)


def _deleted_and_applied(life: Life) -> str:
    spec = life.diego()["spec"]
    kept = _retained(life)
    started = time.monotonic()
    kubectl("-n", life.namespace, "delete", "diego", "diego", "--wait=false")
    await_("everything it owned is gone", lambda: _all_gone(life), LONGEST_S)
    took = time.monotonic() - started
    expect(_retained(life) == kept, "volumes, keys, authorities and identity stay", _retained(life))
    life.evidence.tell(f"deleted: all pods and sets gone after {took:.0f} s, {len(kept)} things kept")
    document = manifest.diego(life.namespace, NEW, NEWEST, 100) | {"spec": spec}
    kube.apply(document)
    life.await_ready(NEW, 150)
    return f"gone in {took:.0f} s, {len(kept)} things kept, applied again: {life.expect_all_records()}"


def _uninstalled(life: Life) -> str:
    pods = kube.uids([pod for tier in ("etcd", "bbs", "cell", "locket", "auctioneer") for pod in life.pods(tier)])
    try:
        installation.uninstall()
        expect(life.diego(), "the resource outlives the operator's chart")
        records = life.expect_all_records()
    finally:
        installation.install()
    life.await_ready(NEW, 90)
    after = kube.uids([pod for tier in ("etcd", "bbs", "cell", "locket", "auctioneer") for pod in life.pods(tier)])
    expect(after == pods, "no pod restarts when the operator goes and comes back")
    return f"helm uninstall and reinstall: no pod changed, {records}"


def _namespace_deleted(life: Life) -> str:
    started = time.monotonic()
    kubectl("delete", "namespace", life.namespace, "--wait=false")

    def gone() -> bool:
        return not kubectl("get", "namespace", life.namespace, "--ignore-not-found").strip()

    await_("no pod is Terminating", lambda: not kube.listed("pods", life.namespace), LONGEST_S)
    took = time.monotonic() - started
    await_("the namespace is gone", gone, SECOND_LOOK_S)
    volumes = kubectl("get", "pv", "-o", "jsonpath={.items[*].spec.claimRef.namespace}").split()
    expect(life.namespace not in volumes, "a deleted namespace keeps nothing", volumes)
    whole = time.monotonic() - started
    return f"namespace deleted: pods gone in {took:.0f} s, all in {whole:.0f} s, no volume left"


def _retained(life: Life) -> dict[str, str]:
    found = {}
    for name in RETAINED:
        kind, _, plain = name.partition("/")
        thing = kube.get(kind, plain, life.namespace)
        expect(thing, f"{name} is there")
        assert thing is not None
        expect(not thing["metadata"].get("ownerReferences"), f"{name} has no owner", thing["metadata"])
        found[name] = thing["metadata"]["uid"]
    return found | {f"pvc/{name}": uid for name, uid in kube.uids(kube.listed("pvc", life.namespace)).items()}


def _all_gone(life: Life) -> bool:
    return not any(
        kube.listed(kind, life.namespace, f"app.kubernetes.io/instance={manifest.NAME}")
        for kind in ("pods", "statefulsets")
    )
