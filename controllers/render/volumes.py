"""Volumes that outlive a pod: what becomes of them is the StatefulSet's retention policy."""

from typing import Any

from controllers.api import Storage
from controllers.render.names import Names


def volume_claim(names: Names, component: str, storage: Storage) -> dict[str, Any]:
    """One volume a pod, mounted as `data`."""
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": storage.size}},
    }
    if storage.storage_class_name:
        spec["storageClassName"] = storage.storage_class_name
    return {"metadata": {"name": "data", "labels": names.selector(component)}, "spec": spec}
