"""Services. N-bbs selects every Ready BBS pod: Ready means that it can answer, or tell the way to the master."""

from typing import Any

from controllers.render.names import TLS_PORTS, Names


def services(names: Names, *, etcd: bool) -> dict[str, dict[str, Any]]:
    """By name. Headless ones publish pods that are not ready: members find each other before they are."""
    found = [
        _service(names, "locket", "locket"),
        _service(names, "auctioneer", "auctioneer"),
        _service(names, "bbs-members", "bbs", headless=True),
        _service(names, "cells", "cell", headless=True),
        _service(names, "bbs", "bbs"),
    ]
    if etcd:
        found.append(_service(names, "etcd", "etcd", headless=True))
    return {one["metadata"]["name"]: one for one in found}


def _service(names: Names, service: str, component: str, *, headless: bool = False) -> dict[str, Any]:
    port = TLS_PORTS[component]
    ports = [{"name": "tls", "port": port, "targetPort": port, "protocol": "TCP"}]
    if component == "etcd":
        ports.append({"name": "peer", "port": 2380, "targetPort": 2380, "protocol": "TCP"})
    spec: dict[str, Any] = {"type": "ClusterIP", "selector": names.selector(component), "ports": ports}
    if headless:
        spec |= {"clusterIP": "None", "publishNotReadyAddresses": True}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": names.of(service),
            "namespace": names.namespace,
            "labels": names.labels(component),
        },
        "spec": spec,
    }
