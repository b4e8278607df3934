"""S0: the operator installs where Pod Security `restricted` is enforced, and what it refuses it refuses in words.

Each bad spec is refused by a server dry run with its exact sentence; `helm test` passes; both releases' images truly
differ. The verbs that its account is granted are those that it used, and a list with reasons; kopf adds no finalizer.
"""

from __future__ import annotations

import json
from typing import Any

import yaml
from kubernetes import client, config

from controllers.api import crd
from controllers.api.diego import GROUP, VERSION
from e2e.audit import calls
from e2e.expect import expect
from e2e.journal import statuses
from e2e.kube import CommandFailed, kubectl, run
from e2e.life import Life
from e2e.places import KUBECONFIG, MIDDLE, NEWEST, OPERATOR_NAMESPACE, REGISTRY
from tests.controllers.api.bounds import Beyond, beyond
from tests.controllers.api.refused import Refusal, refusals, sample

UNUSED_WITH_REASON = {
    "update diegos/finalizers.diego-operator.io": "asked for by OwnerReferencesPermissionEnforcement only",
    "create services": "server-side apply of a new object is a patch, and asks for create as well",
    "create statefulsets.apps": "as for services",
    "create poddisruptionbudgets.policy": "as for services",
    "delete pods": "for a pod that never became Ready and runs a template that nobody wants",
    "delete statefulsets.apps": "for a member or a pool that is no longer wanted",
    "list events": "asked only when a StatefulSet makes no pod",
}


def refused(life: Life) -> str:
    """Every row of the table of bad specs, by server dry-run."""
    rows = refusals()
    for row in rows:
        _expect_refusal(row, life.namespace)
    return f"{len(rows)} bad specs refused in their exact words"


def _expect_refusal(row: Refusal, namespace: str) -> None:
    document: dict[str, Any] = json.loads(json.dumps(row.manifest))
    document["metadata"]["namespace"] = namespace
    document["metadata"]["name"] = document["metadata"]["name"].replace("diego", "refused")
    try:
        kubectl("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump(document))
    except CommandFailed as error:
        expect(row.message in str(error), f"'{row.name}' is refused with: {row.message}", str(error)[:600])
        return
    expect(False, f"'{row.name}' is refused")


def bounded(life: Life) -> str:
    """A spec just beyond each bound of the schema, by server dry-run."""
    schema = crd.definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    cases = list(beyond(schema, "spec"))
    config.load_kube_config(str(KUBECONFIG))  # type: ignore[no-untyped-call]
    api = client.CustomObjectsApi()
    taken = [case for case in cases if not _refused_by_bound(api, life.namespace, case)]
    expect(cases and not taken, "every bound of the schema is held", taken[:3])
    return f"{len(cases)} bounds held"


def _refused_by_bound(api: client.CustomObjectsApi, namespace: str, case: Beyond) -> bool:
    document = {**sample(), "metadata": {"name": "bounded", "namespace": namespace}, "spec": case.value}
    try:
        api.create_namespaced_custom_object(
            GROUP, VERSION, namespace, "diegos", document, dry_run="All", field_validation="Strict"
        )
    except client.ApiException as error:
        message = json.loads(error.body or "{}").get("message", "")
        return f"{case.path}: " in message and case.words in message
    return False


def images_differ() -> str:
    """What both releases say that they serve, asked of the images themselves."""
    serves = {}
    for version in ("0.1.0", "0.2.0"):
        script = "from bbs.layouts.registry import served; print(list(served()))"
        told = run("docker", "run", "--rm", "--entrypoint", "python3", f"{REGISTRY}/bbs:{version}", "-c", script)
        serves[version] = json.loads(told)
    expect(MIDDLE in serves["0.1.0"] and NEWEST not in serves["0.1.0"], "0.1.0 does not serve ours", serves)
    expect(NEWEST in serves["0.2.0"], "0.2.0 serves ours", serves)
    return f"0.1.0 serves up to {max(serves['0.1.0'])}, 0.2.0 up to {max(serves['0.2.0'])}"


def members_serve(life: Life, version: str) -> None:
    """The probe's word for it: what running members of a release say that they serve."""
    seen = [e["layouts"]["serves"] for e in statuses(life.journal) if e["version"] == version]
    right = all((NEWEST in serves) == (version == "0.2.0") for serves in seen)
    expect(seen and right, f"{version} serves what it should", seen[:1])


def no_kopf(life: Life) -> None:
    """kopf writes nothing into our resources."""
    metadata = life.diego()["metadata"]
    expect(not metadata.get("finalizers"), "no finalizer", metadata.get("finalizers"))
    text = json.dumps(metadata.get("annotations", {})).replace("kubectl.kubernetes.io", "")
    expect("kopf" not in text, "no annotation of kopf", text)


def helm_test() -> None:
    """`helm test` of the operator's chart."""
    run("helm", "test", "diego-operator", "--namespace", OPERATOR_NAMESPACE, "--timeout", "90s", timeout=120)


def verbs_used() -> str:
    """After a full run: what was granted and never used, but for the list with reasons."""
    account = f"system:serviceaccount:{OPERATOR_NAMESPACE}:diego-operator"
    used = {f"{c.verb} {c.resource}{'.' if c.group else ''}{c.group}" for c in calls() if c.user == account}
    granted = _granted()
    unused = sorted(granted - used - set(UNUSED_WITH_REASON))
    beyond = sorted(verb for verb in used - granted if not verb.endswith("authorization.k8s.io"))
    expect(not unused, "each granted verb was used, or stands in the list with its reason", unused)
    reasons = len(UNUSED_WITH_REASON)
    return f"{len(granted)} verbs granted, {len(granted & used)} used, {reasons} with a reason, beyond {beyond}"


def _granted() -> set[str]:
    found = set()
    for kind in ("clusterrole", "role"):
        listed = json.loads(kubectl("get", kind, "-A", "-l", "app.kubernetes.io/name=diego-operator", "-o", "json"))
        for rule in (rule for item in listed["items"] for rule in item["rules"]):
            for group in rule["apiGroups"]:
                found |= {
                    f"{verb} {resource}{'.' if group else ''}{group}"
                    for resource in rule["resources"]
                    for verb in rule["verbs"]
                }
    return found


def run_on(life: Life) -> str:
    """The scenario on a life that is Ready and probed."""
    words = [images_differ(), refused(life), bounded(life)]
    helm_test()
    no_kopf(life)
    members_serve(life, "0.1.0")
    for line in words:
        life.evidence.tell(line)
    return "; ".join(words)


def run_fresh(life: Life) -> str:
    """The scenario on a fresh life."""
    life.create(seeds=0)
    life.start_probe(load=False, apps=False)
    return run_on(life)
