"""Writing what everything stands on: certificates, identity, plain objects."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from controllers.act.scene import Scene
from controllers.certificates import Issued, issue_authority, issue_leaf
from controllers.certificates.authority import now_utc
from controllers.cluster import Body, CallFailed
from controllers.decide.actions import ApplyObject, IssueCertificate, RecordAdopted, RecordMoved, RecordServed
from controllers.decide.observation import Identity, Served
from controllers.observe.records import files_of, identity_of
from controllers.render.disruption import budgets
from controllers.render.hashing import digest
from controllers.render.leaves import leaf_of
from controllers.render.network import services
from controllers.render.records import certificate_secret, config_map, identity_map, plain_object
from controllers.render.workloads import Blueprint


async def issue_own_authority(scene: Scene, secret: str) -> None:
    """Create, never overwrite: two authorities at once would split the trust."""
    issued = await asyncio.to_thread(issue_authority, secret, now_utc())
    body = certificate_secret(scene.diego, scene.names, secret, _files(issued), "")
    await _create(scene, "Secret", body)


async def issue_certificate(scene: Scene, action: IssueCertificate) -> None:
    """A leaf, signed by what lies in the authority's Secret now."""
    found = await scene.cluster.get("Secret", scene.names.namespace, action.authority)
    if found is None:
        return
    files = files_of(found)
    authority = Issued(files["tls.crt"], files["tls.key"], files["tls.crt"])
    leaf = leaf_of(scene.names, action.secret)
    life = timedelta(seconds=scene.diego.spec.tls.certificate_duration.seconds)
    issued = await asyncio.to_thread(issue_leaf, leaf, authority, now_utc(), life)
    body = certificate_secret(scene.diego, scene.names, action.secret, _files(issued), leaf.digest)
    await scene.cluster.apply(body)


async def create_identity(scene: Scene) -> None:
    """A store id made before anything could write one into a store."""
    identity = Identity(store_id=str(uuid4()), adopted=False)
    await _create(scene, "ConfigMap", identity_map(scene.diego, scene.names, identity))


async def record_adopted(scene: Scene, action: RecordAdopted) -> None:
    """From here on an empty store is a loss, and another one a change."""
    await _change_identity(scene, lambda identity: replace(identity, adopted=True, store=action.store))


async def record_moved(scene: Scene, action: RecordMoved) -> None:
    """From here on the former store is never gone back to. A note that is there is never changed."""

    def noted(identity: Identity) -> Identity:
        if identity.migrated_from:
            return identity
        return replace(identity, store=action.store, migrated_from=action.source)

    await _change_identity(scene, noted)


async def record_served(scene: Scene, action: RecordServed) -> None:
    """What a release reads and serves, for the way down to it."""

    def noted(identity: Identity) -> Identity:
        served = {**identity.served, action.version: Served(action.reads, action.serves)}
        last = action.version if action.by_master else identity.last_served
        return replace(identity, served=served, last_served=last)

    await _change_identity(scene, noted)


async def apply_object(scene: Scene, action: ApplyObject) -> None:
    """A Service, a budget, or a tier's configuration."""
    if action.kind == "ConfigMap":
        component = action.name.removeprefix(f"{scene.names.name}-")
        found = [one for one in scene.blueprints(scene.diego.spec.version).values() if one.component == component]
        await write_config(scene, component, found)
        return
    components = tuple(sorted({one.component for one in scene.blueprints(scene.diego.spec.version).values()}))
    rendered = {
        "Service": services(scene.names, etcd="etcd" in components),
        "PodDisruptionBudget": budgets(scene.diego, scene.names, components),
    }[action.kind][action.name]
    await scene.cluster.apply(plain_object(scene.diego, rendered, digest(rendered)))


async def write_config(scene: Scene, component: str, found: list[Blueprint]) -> None:
    """Adds the files of these blueprints and keeps those that a pod may still need.

    A container that restarts in an old pod mounts its old file again, so files go only while the whole tier is current.
    """
    name = scene.names.of(component)
    current = await scene.cluster.get("ConfigMap", scene.names.namespace, name)
    tier = [one for one in scene.world.workloads.values() if one.component == component]
    used = {f"config-{one.inputs_hash}.yaml" for one in tier}
    rolling = any(not one.settled or any(p.revision != one.update_revision for p in one.pods) for one in tier)
    data = (current or {}).get("data", {})
    kept = {key: text for key, text in data.items() if key in used or (rolling and key != "config.yaml")}
    await scene.cluster.apply(config_map(scene.diego, scene.names, component, found, kept))


async def _change_identity(scene: Scene, change: Callable[[Identity], Identity]) -> None:
    """Read, change, write under the resourceVersion that was read."""
    namespace, name = scene.names.namespace, scene.names.identity
    found = await scene.cluster.get("ConfigMap", namespace, name)
    identity = identity_of(found) if found else None
    if found is None or identity is None:
        return
    body = identity_map(scene.diego, scene.names, change(identity))
    body["metadata"]["resourceVersion"] = found["metadata"]["resourceVersion"]
    await scene.cluster.apply(body)


async def _create(scene: Scene, kind: str, body: Body) -> None:
    try:
        await scene.cluster.create(kind, scene.names.namespace, body)
    except CallFailed as failed:
        if failed.status != 409:
            raise


def _files(issued: Issued) -> dict[str, bytes]:
    return {"tls.crt": issued.certificate, "tls.key": issued.key, "ca.crt": issued.trust}
