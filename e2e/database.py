"""A relational server of somebody else's, as a pod of a life: its own CA, a client's certificate, a password."""

from __future__ import annotations

import base64
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from controllers.certificates import Issued, issue_authority, issue_leaf
from controllers.certificates.authority import now_utc
from controllers.render.leaves import Leaf
from e2e import kube
from e2e.expect import await_
from e2e.kube import Object
from e2e.places import CLUSTER, REGISTRY, SCRIPTS, environment

HOST, IMAGE = "db", f"{REGISTRY}/database:1"
LOGIN, CA, SERVER, CLIENT = "db-login", "db-ca", "db-server", "db-client"
ETCD: Object = {"managed": {"replicas": 1, "storage": {"size": "1Gi"}}}
"""As the manifests of the scenarios have it."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What the resource and the BBS call it, and where it listens."""

    type: str
    port: int

    @property
    def name(self) -> str:
        """In the BBS's words."""
        return self.type.lower()


POSTGRESQL, MYSQL = Engine("PostgreSQL", 5432), Engine("MySQL", 3306)


def serve(namespace: str, engine: Engine) -> None:
    """Its image, certificates, login, Service and pod; returns when it takes connections."""
    subprocess.run([str(SCRIPTS / "images"), CLUSTER, "database"], env=environment(), check=True, capture_output=True)
    kube.apply(*_secrets(namespace), _service(namespace, engine), _pod(namespace, engine))
    await_("the database is Ready", lambda: kube.ready(kube.get("pod", HOST, namespace) or {}), 120)


def relational(namespace: str, engine: Engine, *, source: bool) -> Object:
    """`spec.store` as a merge patch: this server; with `source` records move to it from the managed etcd."""
    store = {
        "hosts": [{"host": f"{HOST}.{namespace}.svc", "port": engine.port}],
        "credentialsSecretRef": {"name": LOGIN},
        "tls": {"caSecretRef": {"name": CA}, "clientCertificateSecretRef": {"name": CLIENT}},
    }
    former = {"type": "Etcd", "etcd": ETCD} if source else None
    return {"type": engine.type, "etcd": None, engine.name: store, "migrateFrom": former}


def former(engine: Engine) -> Object:
    """`spec.store` as a merge patch: back to the managed etcd."""
    return {"type": "Etcd", "etcd": ETCD, engine.name: None, "migrateFrom": None}


def _secrets(namespace: str) -> list[Object]:
    authority = issue_authority("database", now_utc())
    names = (f"{HOST}.{namespace}.svc", HOST)
    server = _leaf(authority, SERVER, HOST, names)
    client = _leaf(authority, CLIENT, "diego", ())
    pairs = {one: {"tls.crt": found.certificate, "tls.key": found.key} for one, found in ((CLIENT, client),)}
    trust = {"ca.crt": authority.certificate}
    login = {"username": b"diego", "password": secrets.token_hex(16).encode()}
    files = {**pairs, CA: trust, LOGIN: login}
    files[SERVER] = {"tls.crt": server.certificate, "tls.key": server.key, **trust}
    return [_secret(namespace, name, data) for name, data in files.items()]


def _leaf(authority: Issued, name: str, common_name: str, hosts: tuple[str, ...]) -> Issued:
    return issue_leaf(Leaf(name, "database", common_name, hosts), authority, now_utc(), timedelta(days=2))


def _secret(namespace: str, name: str, files: Mapping[str, bytes]) -> Object:
    data = {key: base64.b64encode(content).decode() for key, content in files.items()}
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}


def _service(namespace: str, engine: Engine) -> Object:
    spec = {"selector": {"e2e": HOST}, "ports": [{"port": engine.port, "targetPort": engine.port}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": HOST, "namespace": namespace}, "spec": spec}


def _pod(namespace: str, engine: Engine) -> Object:
    mounts = [
        {"name": "tls", "mountPath": "/etc/database/tls", "readOnly": True},
        {"name": "login", "mountPath": "/etc/database/login", "readOnly": True},
        {"name": "data", "mountPath": "/data"},
        {"name": "tmp", "mountPath": "/tmp"},
    ]
    container: dict[str, Any] = {
        "name": "main",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": [engine.name],
        "resources": {"requests": {"cpu": "10m", "memory": "96Mi"}},
        "readinessProbe": {"tcpSocket": {"port": engine.port}, "periodSeconds": 2},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": mounts,
    }
    spec = {
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
            {"name": "tls", "secret": {"secretName": SERVER, "defaultMode": 0o440}},
            {"name": "login", "secret": {"secretName": LOGIN, "defaultMode": 0o440}},
            {"name": "data", "emptyDir": {}},
            {"name": "tmp", "emptyDir": {}},
        ],
    }
    metadata = {"name": HOST, "namespace": namespace, "labels": {"e2e": HOST}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
