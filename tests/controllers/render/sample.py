"""The resource that the expected manifests belong to."""

from typing import Any

from controllers.api import Diego
from controllers.render.names import Names

SPEC: dict[str, Any] = {
    "version": "0.2.0",
    "store": {"type": "Etcd", "etcd": {"managed": {"replicas": 1, "storage": {"size": "2Gi"}}}},
    "bbs": {"replicas": 3, "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}}},
    "cells": {
        "rollout": {"evacuationTimeout": "10m"},
        "pools": [{"name": "default", "replicas": 3, "zone": "z1", "capacity": {"memory": "1Gi", "disk": "4Gi"}}],
    },
}
NAMES = Names("diego", "ns")


def diego(**changes: Any) -> Diego:
    """The sample with some fields of its spec changed."""
    metadata = {"name": "diego", "namespace": "ns", "uid": "0000-uid", "generation": 1}
    return Diego.parse({"metadata": metadata, "spec": {**SPEC, **changes}})
