"""The operator's chart: least verbs, restricted pods, CRDs that stay, and no cluster-wide verb where none is wanted."""

from __future__ import annotations

from typing import Any

import pytest
from rendered import CHARTS, HELM, WITHOUT_HELM, Manifest, helm, of_kind, template

from controllers.api import IN_OWN_NAMESPACE, IN_WATCHED_NAMESPACES, Permission, crd

pytestmark = pytest.mark.skipif(HELM is None, reason=WITHOUT_HELM)
CHART = "diego-operator"


def granted(role: Manifest) -> frozenset[Permission]:
    return frozenset(
        Permission(group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    )


def pods(manifests: list[Manifest]) -> list[dict[str, Any]]:
    deployments = [one["spec"]["template"]["spec"] for one in of_kind(manifests, "Deployment")]
    return deployments + [one["spec"] for one in of_kind(manifests, "Pod")]


def test_helm_finds_nothing_to_complain_of() -> None:
    done = helm("lint", "--strict", str(CHARTS / CHART))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_cluster_role_grants_exactly_the_verbs_that_the_operator_checks() -> None:
    (role,) = of_kind(template(CHART), "ClusterRole")
    assert granted(role) == IN_WATCHED_NAMESPACES


def test_secrets_are_never_listed_or_watched_and_no_verb_is_a_wildcard() -> None:
    every = IN_WATCHED_NAMESPACES | IN_OWN_NAMESPACE
    assert not {Permission("", "secrets", "list"), Permission("", "secrets", "watch")} & every
    assert [one for one in every if "*" in str(one)] == []


def test_a_lease_is_held_in_the_own_namespace_only() -> None:
    (role,) = of_kind(template(CHART), "Role")
    assert (role["metadata"]["namespace"], granted(role)) == ("system", IN_OWN_NAMESPACE)


def test_a_list_of_namespaces_gives_roles_and_nothing_cluster_wide() -> None:
    manifests = template(CHART, "watchNamespaces={one,two}")
    kinds = {one["kind"] for one in manifests}
    assert not kinds & {"ClusterRole", "ClusterRoleBinding"}
    roles = {one["metadata"]["namespace"]: granted(one) for one in of_kind(manifests, "Role")}
    assert roles == {"system": IN_OWN_NAMESPACE, "one": IN_WATCHED_NAMESPACES, "two": IN_WATCHED_NAMESPACES}
    assert {one["subjects"][0]["namespace"] for one in of_kind(manifests, "RoleBinding")} == {"system"}


def test_a_role_of_the_own_namespace_stands_beside_that_of_the_lease() -> None:
    names = [one["metadata"]["name"] for one in of_kind(template(CHART, "watchNamespaces={system}"), "Role")]
    assert sorted(names) == ["diego-operator", "diego-operator-lease"]


@pytest.mark.parametrize(
    ("setting", "flags"),
    [("logLevel=info", ["--all-namespaces"]), ("watchNamespaces={one,two}", ["--namespace=one", "--namespace=two"])],
)
def test_the_operator_watches_what_the_values_say(setting: str, flags: list[str]) -> None:
    (container,) = pods(template(CHART, setting))[0]["containers"]
    assert container["command"] == ["kopf", "run"]
    assert container["args"] == [
        "--standalone",
        *flags,
        "--liveness=http://0.0.0.0:8080/healthz",
        "/app/operator/main.py",
    ]
    environment = {one["name"]: one for one in container["env"]}
    assert set(environment) == {"POD_NAME", "POD_NAMESPACE", "WATCH_NAMESPACES"}
    assert environment["WATCH_NAMESPACES"]["value"] == ",".join(flag[12:] for flag in flags if "=" in flag)


def test_every_pod_stays_within_pod_security_restricted() -> None:
    rendered = pods(template(CHART))
    assert len(rendered) == 2
    for pod in rendered:
        assert pod["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "runAsGroup": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


def test_only_the_operator_holds_a_token() -> None:
    manifests = template(CHART)
    assert [pod["automountServiceAccountToken"] for pod in pods(manifests)] == [True, False]
    assert of_kind(manifests, "ServiceAccount")[0]["automountServiceAccountToken"] is False


def test_the_crd_is_the_generated_one_and_stays_on_uninstall() -> None:
    (definition,) = of_kind(template(CHART), "CustomResourceDefinition")
    assert definition == crd.definition()
    assert definition["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


def test_the_crd_can_be_left_to_somebody_else() -> None:
    assert of_kind(template(CHART, "crds.enabled=false"), "CustomResourceDefinition") == []


def test_no_hook_runs_but_the_test() -> None:
    hooked = [one for one in template(CHART) if "helm.sh/hook" in one["metadata"].get("annotations", {})]
    assert [(one["kind"], one["metadata"]["annotations"]["helm.sh/hook"]) for one in hooked] == [("Pod", "test")]


def test_a_digest_wins_over_the_tag() -> None:
    digest = "sha256:" + "0" * 64
    images = [pod["containers"][0]["image"] for pod in pods(template(CHART, f"image.digest={digest}"))]
    assert images == [f"localhost/diego/operator@{digest}"] * 2


@pytest.mark.parametrize(
    ("setting", "words"),
    [("watchNamespace=a", "watchNamespace"), ("image.tag=latest", "/image/tag"), ("replicas=9", "/replicas")],
)
def test_a_wrong_value_is_refused_by_its_name(setting: str, words: str) -> None:
    done = helm("template", "x", str(CHARTS / CHART), "--kube-version", "1.34.0", "--set", setting)
    assert (done.returncode, words in done.stderr) == (1, True)
