"""The managed etcd: mutual TLS to clients and peers under its own authority, health on a plain port, one volume each.

Who may begin with an empty volume stands in the ConfigMap N-etcd, read when a container starts: a member that has a
volume never looks at it, so the template is the same for every number of members (controllers.decide.etcd).
"""

from typing import Any

from controllers.render.names import Names
from controllers.render.pods import DATA, DIRECTORY, Parts, secret_files

ENTRY = {"CLUSTER": "initial-cluster", "CLUSTER_STATE": "initial-cluster-state"}
"""Variables of the container, and where the ConfigMap has them."""
ENTRY_KEY = "entry"


def etcd_parts(names: Names) -> Parts:
    """Flags only: the etcd image holds nothing of ours. `$(NAME)` is expanded by the kubelet, the rest by nobody."""
    return Parts(
        component="etcd",
        command=("etcd", *_flags(names)),
        settings=None,
        files=(secret_files("tls", names.tls("etcd")),),
        ports={"tls": 2379, "peer": 2380, "plain": 2381},
        mounts=({"name": "data", "mountPath": DATA},),
        environment=(
            {"name": "NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
            *({"name": variable, "valueFrom": _entry(names, key)} for variable, key in ENTRY.items()),
        ),
        placement={"topologySpreadConstraints": [_apart(names)]},
    )


def entry_map(names: Names, entry: str) -> dict[str, str]:
    """The data of the ConfigMap: the entry in our words, and as etcd's flags say it.

    Of a list that is to join only the joining pod finds its own name; to all others, and when sealed to everybody, etcd
    says that it can't find theirs, and ends. Addresses are compared with the cluster's own list, names are not.
    """
    kind, _, rest = entry.partition(" ")
    match kind:
        case "new":
            listed, state = {pod: pod for pod in (f"{names.of('etcd')}-{i}" for i in range(int(rest)))}, "new"
        case "join":
            joining, _, pods = rest.partition(" of ")
            listed = {pod if pod == joining else f"closed-to-{pod}": pod for pod in pods.split(",")}
            state = "existing"
        case _:
            listed, state = {"closed": f"{names.of('etcd')}-0"}, "existing"
    cluster = ",".join(f"{name}={peer_url(names, pod)}" for name, pod in listed.items())
    return {ENTRY_KEY: entry, ENTRY["CLUSTER"]: cluster, ENTRY["CLUSTER_STATE"]: state}


def peer_url(names: Names, pod: str) -> str:
    """Where its peers reach a member; by this the cluster's list tells of which pod it speaks."""
    return f"https://{names.host('etcd', pod)}:2380"


def pod_at(url: str) -> str:
    """The pod of a peer url."""
    return url.partition("://")[2].partition(".")[0]


def _entry(names: Names, key: str) -> dict[str, Any]:
    return {"configMapKeyRef": {"name": names.of("etcd"), "key": key}}


def _apart(names: Names) -> dict[str, Any]:
    """On different nodes where there are some: the loss of one then costs one member."""
    return {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": names.selector("etcd")},
    }


def _flags(names: Names) -> list[str]:
    me = names.host("etcd", "$(NAME)")
    tls = f"{DIRECTORY}/tls"
    pairs = {
        "name": "$(NAME)",
        "data-dir": f"{DATA}/etcd",
        "listen-client-urls": "https://0.0.0.0:2379",
        "advertise-client-urls": f"https://{me}:2379",
        "listen-peer-urls": "https://0.0.0.0:2380",
        "initial-advertise-peer-urls": f"https://{me}:2380",
        "initial-cluster": "$(CLUSTER)",
        "initial-cluster-state": "$(CLUSTER_STATE)",
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


def objects_of_etcd(names: Names) -> tuple[tuple[str, str], ...]:
    """Kind and name of all that is made for it beside its StatefulSet, which keeps or deletes the volumes."""
    secrets = (names.tls("etcd"), names.tls("etcd-client"), names.etcd_authority)
    plain = ("Service", "PodDisruptionBudget", "ConfigMap")
    return (*((kind, names.of("etcd")) for kind in plain), *(("Secret", name) for name in secrets))
