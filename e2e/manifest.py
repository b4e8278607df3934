"""Manifests that the scenarios apply: a small Diego with short timers, and pods of the harness's own."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from e2e.kube import Object
from e2e.places import NEW, REGISTRY

NAME = "diego"
KEYS = "diego-keys"
GENERATED_KEY = "generated-1"
_SMALL = {"resources": {"requests": {"cpu": "10m", "memory": "48Mi"}}}
_TLS = "/etc/diego/tls"
CLIENT = ("--cert", f"{_TLS}/tls.crt", "--key", f"{_TLS}/tls.key", "--ca", f"{_TLS}/ca.crt")


def hold(namespace: str) -> str:
    """The node label that the BBS of this life waits for."""
    return f"e2e.diego-operator.io/{namespace}"


def namespace(name: str) -> Object:
    """Enforces Pod Security `restricted`."""
    labels = {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "latest",
    }
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def diego(namespace: str, version: str, target: int | None, rate: int) -> Object:
    """Three BBS members and two cells. The BBS waits for a node with the namespace's label: seeds come first."""
    spec: dict[str, Any] = {
        "version": version,
        "images": {"repository": REGISTRY},
        "store": {"type": "Etcd", "etcd": {"managed": {"replicas": 1, "storage": {"size": "1Gi"}}}},
        "migration": {"maxRecordsPerSecond": rate},
        "bbs": {"replicas": 3, "nodeSelector": {hold(namespace): "released"}, **_SMALL},
        "locket": {"replicas": 1, **_SMALL},
        "auctioneer": {"replicas": 1, **_SMALL},
        "routeEmitter": {"replicas": 0},
        "cells": {
            "rollout": {"maxUnavailable": 1, "evacuationTimeout": "2m", "minReadySeconds": 5},
            "pools": [{"name": "default", "replicas": 2, "capacity": {"memory": "1Gi", "containers": 50}, **_SMALL}],
        },
    }
    if target is not None:
        spec["targetDataVersion"] = target
    metadata = {"name": NAME, "namespace": namespace}
    return {"apiVersion": "diego-operator.io/v1alpha1", "kind": "Diego", "metadata": metadata, "spec": spec}


def key_secret(namespace: str, passphrases: Mapping[str, str]) -> Object:
    """The user's own Secret with keys."""
    metadata = {"name": KEYS, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": dict(passphrases)}


def encryption(active: str, *labels: str, rate: int = 5000) -> Object:
    """`spec.encryption`; the generated key is named where the operator has put it."""
    sources = {GENERATED_KEY: f"{NAME}-keyring"}
    keys = [{"name": one, "secretKeyRef": {"name": sources.get(one, KEYS), "key": one}} for one in labels]
    return {"activeKey": active, "keys": keys, "maxRecordsPerSecond": rate}


def service_url(namespace: str) -> str:
    """Where clients call the BBS."""
    return f"https://{NAME}-bbs.{namespace}.svc:8889"


def member_url(namespace: str, index: int) -> str:
    """Where one member answers."""
    return f"https://{NAME}-bbs-{index}-0.{NAME}-bbs-members.{namespace}.svc:8889"


def like_a_member(template: Mapping[str, Any], namespace: str, name: str, command: Sequence[str]) -> Object:
    """A pod with the configuration, certificates and keyring of a BBS member, but another command, run once."""
    spec = copy.deepcopy(dict(template["spec"]))
    spec |= {"restartPolicy": "Never", "nodeSelector": {}}
    container = spec["containers"][0]
    for probe in ("livenessProbe", "readinessProbe", "startupProbe", "ports"):
        container.pop(probe, None)
    container["command"] = list(command)
    return _pod(namespace, name, spec)


def client_pod(namespace: str, name: str, image: str, command: Sequence[str], secret: str = "client-tls") -> Object:
    """A pod with a client's certificate."""
    mounts = [{"name": "tls", "mountPath": _TLS, "readOnly": True}, {"name": "tmp", "mountPath": "/tmp"}]
    container = {
        "name": "main",
        "image": f"{REGISTRY}/{image}",
        "command": list(command),
        "workingDir": "/app",
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": mounts,
    }
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 3,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "runAsGroup": 65532,
            "fsGroup": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [
            {"name": "tls", "secret": {"secretName": f"{NAME}-{secret}", "defaultMode": 0o440}},
            {"name": "tmp", "emptyDir": {}},
        ],
    }
    return _pod(namespace, name, spec)


def probe_pod(namespace: str, name: str, members: int, *, watching: Sequence[str]) -> Object:
    """The probe: `watching` are its switches."""
    urls = [part for index in range(members) for part in ("--member", member_url(namespace, index))]
    command = ["python3", "-m", "e2e.probe", "--bbs", service_url(namespace), *urls, "--tls", _TLS, *watching]
    return client_pod(namespace, name, f"probe:{NEW}", command)


def _pod(namespace: str, name: str, spec: Mapping[str, Any]) -> Object:
    metadata = {"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/part-of": "e2e"}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": dict(spec)}
