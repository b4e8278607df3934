"""The operator as the thing that is taken away, killed, replaced and brought back."""

from __future__ import annotations

import contextlib
import subprocess
import time

from e2e import kube
from e2e.expect import await_
from e2e.kube import kubectl, run
from e2e.places import CLUSTER, OPERATOR_NAMESPACE, SCRIPTS, environment

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


def mend_network() -> None:
    """See that Services are reached from every node, and let kube-proxy write its rules anew where they are not.

    In nftables mode it can lose Services, cluster DNS among them, when a sync fails while a namespace is deleted (seen
    once in a dozen lives: "nftables sync failed"), and a restart alone does not mend it. A network that is whole is
    left alone: the remedy itself takes Services away for a moment, and was once seen not to bring them back.
    """
    nodes = run("kind", "get", "nodes", "--name", CLUSTER).split()
    for _ in range(3):
        if _services_reached(nodes):
            return
        for node in nodes:
            with contextlib.suppress(kube.CommandFailed):
                run("docker", "exec", node, "nft", "delete", "table", "ip", "kube-proxy")
        kubectl("-n", "kube-system", "rollout", "restart", "daemonset/kube-proxy")
        kubectl("-n", "kube-system", "rollout", "status", "daemonset/kube-proxy", "--timeout=90s")
        time.sleep(5)
    if not _services_reached(nodes):
        message = "Services are not reached from every node: see the logs of kube-proxy in kube-system"
        raise kube.CommandFailed(message)


def _services_reached(nodes: list[str]) -> bool:
    """The API and cluster DNS, by the addresses that every kind cluster gives them."""
    connect = 'for to in 10.96.0.1/443 10.96.0.10/53; do timeout 3 bash -c "</dev/tcp/$to" || exit 1; done'
    try:
        for node in nodes:
            run("docker", "exec", node, "bash", "-c", connect)
    except kube.CommandFailed:
        return False
    return True
