"""From the resource to `Wanted`: names, hashes and numbers on which decisions are made."""

from controllers.api import Diego, DiegoSpec, FailurePolicy, MigrationMode
from controllers.decide.wanted import ACCEPT_LOSSES, Wanted, WantedCertificate, WantedKey, WantedObject, WantedWorkload
from controllers.render.disruption import budgets
from controllers.render.hashing import digest
from controllers.render.images import images
from controllers.render.leaves import leaves_of
from controllers.render.names import REFRESH, Names
from controllers.render.network import services
from controllers.render.refusals import refusals, remarks
from controllers.render.stores import managed, store_kind
from controllers.render.workloads import Blueprint, blueprints, rendered_hash

AFTER_ADOPTION = ("bbs",)
"""Components whose client-facing Service waits until a master has served."""


def resolve(diego: Diego, initial_key: str, mark: str = "") -> Wanted:
    """`initial_key` is the label of the generated key; `mark` that of this build of the operator."""
    names, spec = Names(diego.metadata.name, diego.metadata.namespace), diego.spec
    found = blueprints(diego, names, spec.version, initial_key)
    rollout = spec.cells.rollout
    return Wanted(
        namespace=names.namespace,
        name=names.name,
        uid=diego.metadata.uid,
        generation=diego.metadata.generation,
        version=spec.version,
        workloads={name: _workload(diego, names, one, mark) for name, one in found.items()},
        objects=_objects(diego, names, {one.component for one in found.values()}),
        certificates=_certificates(names, etcd=managed(diego) is not None),
        store=store_kind(spec.store),
        migrates_from=store_kind(spec.store.migrate_from) if spec.store.migrate_from else "",
        target_data_version=spec.target_data_version,
        paused=spec.paused,
        deleting=diego.metadata.deletion_timestamp is not None,
        retry_token=spec.migration.retry_token or "",
        max_records_per_second=spec.migration.max_records_per_second,
        migrates_online=spec.migration.mode is MigrationMode.ONLINE,
        roll_back_on_failure=spec.migration.on_failure is FailurePolicy.ROLL_BACK,
        slow_after=spec.migration.slow_after.seconds,
        renew_before=spec.tls.renew_before.seconds,
        max_unavailable=rollout.max_unavailable,
        min_ready_seconds=rollout.min_ready_seconds,
        keys=_keys(spec),
        active_key=spec.encryption.active_key if spec.encryption else "",
        rotation_pace=spec.encryption.max_records_per_second if spec.encryption else None,
        consent=diego.metadata.annotations.get(REFRESH, ""),
        accepted_losses=diego.metadata.annotations.get(ACCEPT_LOSSES, ""),
        refused=refusals(spec),
        remarks=remarks(spec),
        images=images(spec),
    )


def _keys(spec: DiegoSpec) -> tuple[WantedKey, ...]:
    keys = spec.encryption.keys if spec.encryption else ()
    return tuple(WantedKey(one.name, one.secret_key_ref.name, one.secret_key_ref.key) for one in keys)


def _workload(diego: Diego, names: Names, one: Blueprint, mark: str) -> WantedWorkload:
    return WantedWorkload(
        name=one.name,
        component=one.component,
        version=one.version,
        replicas=one.replicas,
        inputs_hash=one.inputs_hash,
        rendered_hash=rendered_hash(diego, names, one, mark),
        member=one.member,
        pool=one.pool,
        store=one.store,
    )


def _objects(diego: Diego, names: Names, components: set[str]) -> tuple[WantedObject, ...]:
    rendered = [
        *services(names, etcd="etcd" in components).values(),
        *budgets(diego, names, tuple(sorted(components))).values(),
    ]
    late = {names.of(component) for component in AFTER_ADOPTION}
    plain = [
        WantedObject(
            kind=one["kind"],
            name=one["metadata"]["name"],
            digest=digest(one),
            after_adoption=one["kind"] == "Service" and one["metadata"]["name"] in late,
        )
        for one in rendered
    ]
    configs = [WantedObject("ConfigMap", names.of(c), "") for c in sorted(components - {"etcd"})]
    return tuple(sorted([*plain, *configs], key=lambda one: one.key))


def _certificates(names: Names, *, etcd: bool) -> tuple[WantedCertificate, ...]:
    """Without an etcd of ours nothing is made for one."""
    known = (names.authority, *((names.etcd_authority,) if etcd else ()))
    authorities = [WantedCertificate(secret, "", None) for secret in known]
    leaves = [WantedCertificate(one.secret, one.digest, one.authority) for one in leaves_of(names)]
    return (*authorities, *(leaf for leaf in leaves if leaf.authority in known))
