"""The operator as the thing that is taken away, killed, replaced and brought back."""

from __future__ import annotations

import subprocess

from e2e import kube
from e2e.expect import await_
from e2e.kube import kubectl, run
from e2e.places import OPERATOR_NAMESPACE, SCRIPTS, environment

DEPLOYMENT = "deployment/diego-operator"
SELECTOR = "app.kubernetes.io/name=diego-operator"


def install(*arguments: str) -> None:
    """Helm, with more arguments; waits until it is Ready."""
    subprocess.run([str(SCRIPTS / "operator"), *arguments], env=environment(), check=True, capture_output=True)


def uninstall() -> None:
    """`helm uninstall`; the CRDs and with them the Diegos stay."""
    run("helm", "uninstall", "diego-operator", "--namespace", OPERATOR_NAMESPACE, "--wait", "--timeout", "90s")
    gone()


def restart() -> None:
    """A fresh process, of the image that the tag names by now."""
    kubectl("-n", OPERATOR_NAMESPACE, "rollout", "restart", DEPLOYMENT)
    kubectl("-n", OPERATOR_NAMESPACE, "rollout", "status", DEPLOYMENT, "--timeout=120s")


def scale(replicas: int) -> None:
    """0: returns when no process of it is left. Otherwise when it is Ready."""
    kubectl("-n", OPERATOR_NAMESPACE, "scale", DEPLOYMENT, f"--replicas={replicas}")
    if replicas == 0:
        gone()
    else:
        kubectl("-n", OPERATOR_NAMESPACE, "rollout", "status", DEPLOYMENT, "--timeout=120s")


def gone() -> None:
    """Wait until no pod of it is left."""
    await_("the operator is gone", lambda: not kube.listed("pods", OPERATOR_NAMESPACE, SELECTOR), 90)


def pod() -> str:
    """The name of its pod."""
    return str(kube.listed("pods", OPERATOR_NAMESPACE, SELECTOR)[0]["metadata"]["name"])
