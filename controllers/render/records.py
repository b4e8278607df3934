"""ConfigMaps and Secrets: the configuration revisions of a tier, the identity, certificates and keyring."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import yaml

from controllers.api import DeletionPolicy, Diego
from controllers.decide.observation import Identity
from controllers.render.etcd import entry_map
from controllers.render.names import INPUTS_HASH, Names
from controllers.render.workloads import Blueprint, owner


def config_map(
    diego: Diego, names: Names, component: str, found: list[Blueprint], kept: Mapping[str, str]
) -> dict[str, Any]:
    """N-<component>: one file per inputs hash that a template names, so an old pod comes back with its own file.

    `kept` are the files of templates that are in use; a file once written is never changed.
    """
    files = dict(kept)
    for one in found:
        text = yaml.safe_dump(dict(one.config or {}), sort_keys=True)
        files.setdefault(f"config-{one.inputs_hash}.yaml", text)
        files["config.yaml"] = text
    return _record(diego, names, "ConfigMap", names.of(component), component, {"data": files})


def etcd_map(diego: Diego, names: Names, entry: str) -> dict[str, Any]:
    """N-etcd: who may begin with an empty volume."""
    return _record(diego, names, "ConfigMap", names.of("etcd"), "etcd", {"data": entry_map(names, entry)})


def identity_map(diego: Diego, names: Names, identity: Identity) -> dict[str, Any]:
    """N-identity, never owned."""
    said = {"store_id": identity.store_id, "adopted": identity.adopted}
    served = {
        version: {"reads": list(one.reads), "serves": list(one.serves)}
        for version, one in sorted(identity.served.items())
    }
    data = {
        "identity.json": json.dumps(said),
        "served.json": json.dumps(served),
        "last_served": identity.last_served,
        "store": identity.store,
        **({"migrated_from": identity.migrated_from} if identity.migrated_from else {}),
    }
    return _record(diego, names, "ConfigMap", names.identity, "bbs", {"data": data}, retained=True)


def certificate_secret(
    diego: Diego, names: Names, secret: str, files: Mapping[str, bytes], digest: str
) -> dict[str, Any]:
    """A leaf or an authority."""
    retained = secret in (names.authority, names.etcd_authority)
    content = {"type": "kubernetes.io/tls", "data": encoded(files)}
    found = _record(diego, names, "Secret", secret, "certificates", content, retained=retained)
    found["metadata"]["annotations"] = {INPUTS_HASH: digest}
    return found


def keyring_secret(diego: Diego, names: Names, passphrases: Mapping[str, bytes]) -> dict[str, Any]:
    """One file per label."""
    content = {"type": "Opaque", "data": encoded(passphrases)}
    return _record(diego, names, "Secret", names.keyring, "bbs", content, retained=True)


def plain_object(diego: Diego, rendered: Mapping[str, Any], digest: str) -> dict[str, Any]:
    """A Service or budget with its owner and the digest of what was rendered."""
    metadata = {**rendered["metadata"], "annotations": {INPUTS_HASH: digest}, "ownerReferences": [owner(diego)]}
    return {**rendered, "metadata": metadata}


def _record(
    diego: Diego,
    names: Names,
    kind: str,
    name: str,
    component: str,
    content: Mapping[str, Any],
    *,
    retained: bool = False,
) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": names.namespace,
        "labels": names.labels(component),
    }
    goes_along = diego.spec.deletion_policy is DeletionPolicy.DELETE and name != names.identity
    if not retained or goes_along:
        metadata["ownerReferences"] = [owner(diego)]
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **content}


def encoded(files: Mapping[str, bytes]) -> dict[str, str]:
    """Files as the data of a Secret."""
    return {name: base64.b64encode(content).decode() for name, content in sorted(files.items())}
