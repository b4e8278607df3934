"""The pod of a cell: apps run in a container that holds nothing of the cell's."""

from typing import Any

import pytest

from components.rep.configuration import RepConfiguration
from controllers.certificates import FIRST_LABEL
from controllers.render.workloads import Blueprint, blueprints, template
from tests.controllers.render.sample import NAMES, SPEC, diego

POOL = {"name": "default", "replicas": 3, "capacity": {"memory": "1Gi", "disk": "4Gi"}}
NEEDS = {"requests": {"memory": "2Gi"}, "limits": {"memory": "4Gi"}}


def cell(**changes: Any) -> Blueprint:
    cells = {**SPEC["cells"], "pools": [{**POOL, **changes}]}
    return blueprints(diego(cells=cells), NAMES, "0.2.0", FIRST_LABEL)["diego-cell-default"]


@pytest.fixture
def pod() -> dict[str, Any]:
    found: dict[str, Any] = template(diego(), NAMES, cell())["spec"]
    return found


def mounted(container: dict[str, Any]) -> dict[str, str]:
    return {one["mountPath"]: one["name"] for one in container["volumeMounts"]}


def test_the_runtime_is_a_sidecar_that_is_up_before_the_rep_and_down_after_it(pod: dict[str, Any]) -> None:
    (runtime,), (rep,) = pod["initContainers"], pod["containers"]
    assert (runtime["name"], runtime["restartPolicy"]) == ("runtime", "Always")
    assert runtime["command"][:2] == ["rep", "runtime"]
    assert rep["command"][:2] == ["rep", "serve"]
    assert runtime["image"] == rep["image"]


def test_no_secret_and_no_token_is_mounted_where_apps_run(pod: dict[str, Any]) -> None:
    (runtime,) = pod["initContainers"]
    volumes = {one["name"]: one for one in pod["volumes"]}
    kinds = {path: set(volumes[name]) - {"name"} for path, name in mounted(runtime).items()}
    assert kinds == {
        "/etc/diego/config": {"configMap"},
        "/var/lib/diego": {"emptyDir"},
        "/run/diego": {"emptyDir"},
        "/tmp": {"emptyDir"},
    }
    assert pod["automountServiceAccountToken"] is False
    assert not pod.get("shareProcessNamespace")


def test_only_the_folder_of_the_socket_is_shared_for_writing(pod: dict[str, Any]) -> None:
    (runtime,), (rep,) = pod["initContainers"], pod["containers"]
    assert set(mounted(runtime).values()) & set(mounted(rep).values()) == {"config", "run"}


def test_apps_are_another_user_than_the_owner_of_the_rep_and_reach_the_socket_by_the_pods_group(
    pod: dict[str, Any],
) -> None:
    (runtime,) = pod["initContainers"]
    own = runtime["securityContext"]
    assert 0 < own["runAsUser"] != pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"] != own["runAsGroup"]


def test_ports_probes_and_the_drain_are_those_of_the_rep(pod: dict[str, Any]) -> None:
    (runtime,), (rep,) = pod["initContainers"], pod["containers"]
    wanted = {"ports", "startupProbe", "livenessProbe", "readinessProbe", "lifecycle"}
    assert wanted <= set(rep)
    assert not wanted & set(runtime)


def test_resources_of_a_pool_are_those_of_its_apps() -> None:
    pod = template(diego(), NAMES, cell(resources=NEEDS))["spec"]
    assert pod["initContainers"][0]["resources"] == NEEDS
    assert pod["containers"][0]["resources"] == {"requests": {"cpu": "50m", "memory": "128Mi"}}


def test_the_rep_understands_what_is_rendered_and_looks_for_its_runtime_outside() -> None:
    configuration = RepConfiguration.model_validate(cell().config)
    assert configuration.runtime == "outside"
    assert configuration.bbs_members_address == "diego-bbs-members.ns.svc"
    assert configuration.evacuation_patience == 20
