"""The managed etcd: mutual TLS to clients and peers under its own authority, health on a plain port, one volume each.

The members are fixed when the first one starts; their number is never changed.
"""

from typing import Any

from controllers.api import Storage
from controllers.render.names import Names
from controllers.render.pods import DIRECTORY, Parts, secret_files

DATA = "/var/lib/diego"


def etcd_parts(names: Names, members: int) -> Parts:
    """Flags only: the etcd image holds nothing of ours. `$(NAME)` is expanded by the kubelet, the rest by nobody."""
    return Parts(
        component="etcd",
        command=("etcd", *_flags(names, members)),
        settings=None,
        files=(secret_files("tls", names.tls("etcd")),),
        ports={"tls": 2379, "peer": 2380, "plain": 2381},
        mounts=({"name": "data", "mountPath": DATA},),
        environment=({"name": "NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},),
    )


def _flags(names: Names, members: int) -> list[str]:
    pods = [f"{names.name}-etcd-{index}" for index in range(members)]
    me = names.host("etcd", "$(NAME)")
    tls = f"{DIRECTORY}/tls"
    pairs = {
        "name": "$(NAME)",
        "data-dir": f"{DATA}/etcd",
        "listen-client-urls": "https://0.0.0.0:2379",
        "advertise-client-urls": f"https://{me}:2379",
        "listen-peer-urls": "https://0.0.0.0:2380",
        "initial-advertise-peer-urls": f"https://{me}:2380",
        "initial-cluster": ",".join(f"{pod}=https://{names.host('etcd', pod)}:2380" for pod in pods),
        "initial-cluster-state": "new",
        "initial-cluster-token": f"{names.namespace}-{names.name}",
        "listen-metrics-urls": "http://0.0.0.0:2381",
        "cert-file": f"{tls}/tls.crt",
        "key-file": f"{tls}/tls.key",
        "trusted-ca-file": f"{tls}/ca.crt",
        "client-cert-auth": "true",
        "peer-cert-file": f"{tls}/tls.crt",
        "peer-key-file": f"{tls}/tls.key",
        "peer-trusted-ca-file": f"{tls}/ca.crt",
        "peer-client-cert-auth": "true",
        "max-request-bytes": "1572864",
        "quota-backend-bytes": "2147483648",
    }
    return [f"--{name}={value}" for name, value in pairs.items()]


def volume_claim(names: Names, storage: Storage) -> dict[str, Any]:
    """One volume a member; what becomes of it is the StatefulSet's retention policy."""
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": storage.size}},
    }
    if storage.storage_class_name:
        spec["storageClassName"] = storage.storage_class_name
    return {"metadata": {"name": "data", "labels": names.selector("etcd")}, "spec": spec}
