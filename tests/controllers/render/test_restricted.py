"""Every pod meets Pod Security `restricted` and holds no token."""

from typing import Any

from controllers.certificates import FIRST_LABEL
from controllers.render.workloads import blueprints, template
from tests.controllers.render.sample import NAMES, diego


def context_user(pod: dict[str, Any], container: dict[str, Any]) -> int:
    """Who the container's processes are."""
    return int({**pod["securityContext"], **container["securityContext"]}["runAsUser"])


def test_every_pod_is_restricted_and_without_a_token() -> None:
    for one in blueprints(diego(), NAMES, "0.2.0", FIRST_LABEL).values():
        pod = template(diego(), NAMES, one)["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            assert context_user(pod, container) > 0
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["readOnlyRootFilesystem"] is True
            assert context["capabilities"] == {"drop": ["ALL"]}


def test_no_probe_names_a_host_and_no_mount_has_a_sub_path() -> None:
    for one in blueprints(diego(), NAMES, "0.2.0", FIRST_LABEL).values():
        text = str(template(diego(), NAMES, one))
        assert "'host':" not in text
        assert "subPath" not in text
