"""The StatefulSets: all OnDelete and Parallel, so nothing restarts but by a decision of the operator.

`inputs` are the spec fields and images that reach a pod; their hash stands on the object. Equal inputs: the template is
not written, even if this operator would render it differently, so an operator upgrade restarts nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controllers.api import DeletionPolicy, Diego
from controllers.api.workload import Workload
from controllers.render import components
from controllers.render.configs import NO_INPUTS
from controllers.render.hashing import digest
from controllers.render.images import image
from controllers.render.names import INPUTS_HASH, RELEASE, RENDERED_HASH, STORE, Names
from controllers.render.pods import Parts, pod_template


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One StatefulSet in all its parts, before it becomes a dict."""

    name: str
    component: str
    version: str
    replicas: int
    inputs: Mapping[str, Any]
    config: Mapping[str, Any] | None
    parts: Parts
    service: str
    claims: tuple[dict[str, Any], ...] = ()
    member: int | None = None
    pool: str | None = None
    store: str = ""

    @property
    def inputs_hash(self) -> str:
        """Equal: these pods need not be replaced."""
        return digest(self.inputs)


def blueprints(diego: Diego, names: Names, version: str, initial_key: str) -> dict[str, Blueprint]:
    """Every StatefulSet of this Diego by name, as release `version` runs it."""
    found: list[Blueprint] = []
    for plan in components.plans(diego, names, initial_key):
        settings = plan.settings
        inputs = {
            "image": image(diego.spec, plan.component, version),
            "pull": diego.spec.images.model_dump(mode="json", include={"pull_policy", "pull_secrets"}),
            "settings": _settings(settings),
            "config": {key: value for key, value in (plan.config or {}).items() if key not in NO_INPUTS},
            **plan.inputs,
        }
        found.append(
            Blueprint(
                name=plan.name,
                component=plan.component,
                version="" if plan.component == "etcd" else version,
                replicas=plan.replicas,
                inputs=inputs,
                config=plan.config,
                parts=plan.parts(digest(inputs)),
                service=plan.service,
                claims=plan.claims,
                member=plan.member,
                pool=plan.pool,
                store=plan.store,
            )
        )
    return {one.name: one for one in found}


def _settings(settings: Workload | None) -> dict[str, Any]:
    """Fields of the pod itself, never the number of replicas."""
    fields = set(Workload.model_fields)
    return settings.model_dump(mode="json", include=fields) if settings else {}


def template(diego: Diego, names: Names, blueprint: Blueprint, mark: str = "") -> dict[str, Any]:
    """The pod template. `mark` is this build's own, for proving that another rendering restarts nothing."""
    labels = names.labels(blueprint.component, member=blueprint.member, pool=blueprint.pool)
    found = pod_template(diego, names, blueprint.parts, labels, blueprint.version)
    if blueprint.version:
        found["metadata"].setdefault("annotations", {})[RELEASE] = blueprint.version
    if mark:
        found["metadata"].setdefault("annotations", {})["diego-operator.io/renderer"] = mark
    return found


def rendered_hash(diego: Diego, names: Names, blueprint: Blueprint, mark: str = "") -> str:
    """What this operator would write."""
    return digest(template(diego, names, blueprint, mark))


def statefulset(
    diego: Diego, names: Names, blueprint: Blueprint, *, replicas: int | None = None, mark: str = ""
) -> dict[str, Any]:
    """The whole object. `replicas` keeps a live number that another step changes."""
    keeps = "Retain" if diego.spec.deletion_policy is DeletionPolicy.RETAIN else "Delete"
    # A member that left etcd can't come back with what it had: its volume goes with it.
    scaled = "Delete" if blueprint.component == "etcd" else "Retain"
    spec: dict[str, Any] = {
        "replicas": blueprint.replicas if replicas is None else replicas,
        "serviceName": blueprint.service,
        "podManagementPolicy": "Parallel",
        "updateStrategy": {"type": "OnDelete"},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": keeps, "whenScaled": scaled},
        "revisionHistoryLimit": 10,
        "selector": {"matchLabels": names.selector(blueprint.component, member=blueprint.member, pool=blueprint.pool)},
        "template": template(diego, names, blueprint, mark),
    }
    if blueprint.claims:
        spec["volumeClaimTemplates"] = [dict(claim) for claim in blueprint.claims]
    annotations = {
        INPUTS_HASH: blueprint.inputs_hash,
        RENDERED_HASH: rendered_hash(diego, names, blueprint, mark),
        RELEASE: blueprint.version,
        **({STORE: blueprint.store} if blueprint.store else {}),
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {
            "name": blueprint.name,
            "namespace": names.namespace,
            "labels": names.labels(blueprint.component, member=blueprint.member, pool=blueprint.pool),
            "annotations": annotations,
            "ownerReferences": [owner(diego)],
        },
        "spec": spec,
    }


def owner(diego: Diego) -> dict[str, Any]:
    """The Diego as controlling owner: children go with it, without a finalizer."""
    return {
        "apiVersion": Diego.API_VERSION,
        "kind": "Diego",
        "name": diego.metadata.name,
        "uid": diego.metadata.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }
