"""kubectl and the nodes, as functions. Everything a scenario does to the cluster goes through here."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any

import yaml

from e2e.places import environment

Object = dict[str, Any]


class CommandFailed(RuntimeError):
    """A command ended with another code than 0; its words are its stderr."""


def run(*command: str, stdin: str | None = None, timeout: float = 120.0) -> str:
    """stdout of a command. Raises CommandFailed."""
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=timeout, env=environment(), check=False
    )
    if done.returncode != 0:
        raise CommandFailed(f"{' '.join(command)[:300]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def kubectl(*arguments: str, stdin: str | None = None, timeout: float = 120.0) -> str:
    """stdout of kubectl on the cluster of the scenarios."""
    return run("kubectl", *arguments, stdin=stdin, timeout=timeout)


def get(kind: str, name: str, namespace: str) -> Object | None:
    """An object, or None when it is not there."""
    found = kubectl("-n", namespace, "get", kind, name, "--ignore-not-found", "-o", "json")
    return json.loads(found) if found.strip() else None


def listed(kind: str, namespace: str, selector: str = "") -> list[Object]:
    """Objects of a namespace."""
    arguments = ["-l", selector] if selector else []
    items: list[Object] = json.loads(kubectl("-n", namespace, "get", kind, *arguments, "-o", "json"))["items"]
    return items


def apply(*manifests: Mapping[str, Any]) -> None:
    """As a user does: `kubectl apply -f -`."""
    kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all([dict(manifest) for manifest in manifests]))


def uids(objects: list[Object]) -> dict[str, str]:
    """uid by name."""
    return {found["metadata"]["name"]: found["metadata"]["uid"] for found in objects}


def ready(pod: Object) -> bool:
    """Whether a pod is Ready."""
    conditions = pod.get("status", {}).get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def evict(namespace: str, pod: str) -> None:
    """As `kubectl drain` does: PodDisruptionBudgets are asked. Raises CommandFailed when one refuses."""
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": namespace}}
    path = f"/api/v1/namespaces/{namespace}/pods/{pod}/eviction"
    kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(body))
