"""The pod that every component shares: Pod Security `restricted`, no token, a read-only root, files as directories.

Secrets and identity are mounted whole and never by subPath, so that the kubelet renews them under a running process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from controllers.api import Diego
from controllers.api.workload import Workload
from controllers.render.images import image
from controllers.render.names import PLAIN_PORTS, TLS_PORTS, Names

USER = 65532
"""Who owns a component's process, and the group that may read its Secrets."""
DIRECTORY = "/etc/diego"
DATA = "/var/lib/diego"
READ_BY_GROUP = 0o440
_TMP = {"name": "tmp", "mountPath": "/tmp"}
_RUN = {"name": "run", "mountPath": "/run/diego"}


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A second container of the same image: up before the component, down after it, another user, its own mounts.

    Of the component's files it sees the configuration alone.
    """

    name: str
    command: tuple[str, ...]
    user: int
    mounts: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """What differs between components. `requests`: the component's own, where those of `settings` are the sidecar's."""

    component: str
    command: tuple[str, ...]
    settings: Workload | None
    files: tuple[dict[str, Any], ...]
    grace: int = 30
    ports: Mapping[str, int] = field(default_factory=dict)
    lifecycle: Mapping[str, Any] | None = None
    mounts: tuple[dict[str, Any], ...] = ()
    volumes: tuple[dict[str, Any], ...] = ()
    startup_seconds: int = 300
    environment: tuple[dict[str, Any], ...] = ()
    sidecar: Sidecar | None = None
    requests: Mapping[str, str] = field(default_factory=dict)
    placement: Mapping[str, Any] = field(default_factory=dict)
    """Where the pods go, of a component whose spec has no say in that."""


def pod_template(diego: Diego, names: Names, parts: Parts, labels: Mapping[str, str], version: str) -> dict[str, Any]:
    """The template of a StatefulSet."""
    settings = parts.settings
    extra = dict(settings.pod_labels) if settings else {}
    annotations = dict(settings.pod_annotations) if settings else {}
    metadata: dict[str, Any] = {"labels": {**extra, **labels}}
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": _pod(diego, parts, version)}


def _pod(diego: Diego, parts: Parts, version: str) -> dict[str, Any]:
    pulls = [{"name": one.name} for one in diego.spec.images.pull_secrets]
    found: dict[str, Any] = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": parts.grace,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(diego, parts, version)],
        "volumes": [*parts.files, *parts.volumes, _empty("tmp"), _empty("run")],
    }
    if parts.sidecar:
        found["initContainers"] = [_sidecar(diego, parts, parts.sidecar, version)]
    if pulls:
        found["imagePullSecrets"] = pulls
    return {**found, **_placement(parts)}


def _container(diego: Diego, parts: Parts, version: str) -> dict[str, Any]:
    component = parts.component
    ports = parts.ports or {"tls": TLS_PORTS[component], "plain": PLAIN_PORTS[component]}
    found: dict[str, Any] = {
        "name": "rep" if component == "cell" else component,
        **_program(diego, parts, version, parts.command),
        "ports": [{"name": name, "containerPort": port} for name, port in ports.items()],
        "securityContext": _security(),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        **probes(component, parts.startup_seconds),
        "volumeMounts": [*(_mount(one) for one in parts.files), *parts.mounts, _TMP, _RUN],
    }
    if parts.environment:
        found["env"] = list(parts.environment)
    if parts.lifecycle:
        found["lifecycle"] = dict(parts.lifecycle)
    if resources := {"requests": dict(parts.requests)} if parts.sidecar else _resources(parts.settings):
        found["resources"] = resources
    return found


def _sidecar(diego: Diego, parts: Parts, sidecar: Sidecar, version: str) -> dict[str, Any]:
    """An init container that restarts: Kubernetes starts it first, keeps it up, and ends it last."""
    found = {
        "name": sidecar.name,
        **_program(diego, parts, version, sidecar.command),
        "restartPolicy": "Always",
        "securityContext": {**_security(), "runAsUser": sidecar.user, "runAsGroup": sidecar.user},
        "volumeMounts": [*(_mount(one) for one in parts.files if one["name"] == "config"), *sidecar.mounts, dict(_RUN)],
    }
    if resources := _resources(parts.settings):
        found["resources"] = resources
    return found


def _program(diego: Diego, parts: Parts, version: str, command: tuple[str, ...]) -> dict[str, Any]:
    return {
        "image": image(diego.spec, parts.component, version),
        "imagePullPolicy": str(diego.spec.images.pull_policy),
        "command": list(command),
    }


def _security() -> dict[str, Any]:
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def _resources(settings: Workload | None) -> dict[str, Any]:
    return settings.resources.model_dump(mode="json", exclude_defaults=True) if settings else {}


def _mount(files: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": files["name"], "mountPath": f"{DIRECTORY}/{files['name']}", "readOnly": True}


def probes(component: str, startup_seconds: int) -> dict[str, Any]:
    """By number, on the plain port, and without a host: a probe that names one would leave the pod."""
    port = PLAIN_PORTS[component]
    alive, ready = ("/livez", "/readyz") if component == "etcd" else ("/healthz", "/readyz")
    return {
        "startupProbe": {
            "httpGet": {"path": alive, "port": port},
            "periodSeconds": 2,
            "failureThreshold": max(1, startup_seconds // 2),
        },
        "livenessProbe": {
            "httpGet": {"path": alive, "port": port},
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "failureThreshold": 6,
        },
        "readinessProbe": {"httpGet": {"path": ready, "port": port}, "periodSeconds": 2, "timeoutSeconds": 3},
    }


def _placement(parts: Parts) -> dict[str, Any]:
    if parts.settings is None:
        return dict(parts.placement)
    plain = parts.settings.model_dump(mode="json", by_alias=True, exclude_none=True)
    fields = ("nodeSelector", "tolerations", "affinity", "topologySpreadConstraints", "priorityClassName")
    return {key: plain[key] for key in fields if plain.get(key)}


def _empty(name: str) -> dict[str, Any]:
    return {"name": name, "emptyDir": {}}


def config_file(names: Names, component: str, inputs_hash: str) -> dict[str, Any]:
    """The configuration that belongs to exactly these inputs: an old pod that comes back finds its own."""
    items = [{"key": f"config-{inputs_hash}.yaml", "path": "config.yaml"}]
    return {"name": "config", "configMap": {"name": names.of(component), "items": items}}


def secret_files(mount: str, secret: str) -> dict[str, Any]:
    """A Secret as a directory under /etc/diego."""
    return {"name": mount, "secret": {"secretName": secret, "defaultMode": READ_BY_GROUP}}


def pod_files() -> dict[str, Any]:
    """The pod's own uid, which a member reports, so that nobody takes an answer for another pod's."""
    item = {"path": "uid", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.uid"}}
    return {"name": "pod", "downwardAPI": {"items": [item]}}


def tls_section(mount: str = "tls") -> dict[str, str]:
    """Paths of certificate, key and trust in a mounted Secret."""
    base = f"{DIRECTORY}/{mount}"
    return {"ca_file": f"{base}/ca.crt", "cert_file": f"{base}/tls.crt", "key_file": f"{base}/tls.key"}
