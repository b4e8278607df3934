"""What each component's StatefulSet is made of: one function a component."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from controllers.api import Diego, ManagedEtcd
from controllers.api.workload import Workload
from controllers.render import configs
from controllers.render.etcd import etcd_parts
from controllers.render.names import Names
from controllers.render.pods import DATA, DIRECTORY, Parts, Sidecar, config_file, pod_files, secret_files
from controllers.render.stores import (
    bbs_store_files,
    locket_store_files,
    locket_store_kind,
    managed,
    store_claims,
    store_inputs,
)
from controllers.render.volumes import volume_claim

CONFIG = f"{DIRECTORY}/config/config.yaml"
EVACUATION_MARGIN_S = 60
APPS_USER = 65533
"""Who the apps of a cell are: not the owner of the rep, so that they reach neither its files nor its process."""
REP_REQUESTS = {"cpu": "50m", "memory": "128Mi"}
"""What the rep asks for itself; the pool's resources are those of the apps."""
RUNTIME = Sidecar(
    name="runtime",
    command=("rep", "runtime", "--config", CONFIG),
    user=APPS_USER,
    mounts=({"name": "data", "mountPath": "/var/lib/diego"}, {"name": "tmp-of-apps", "mountPath": "/tmp"}),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A StatefulSet whose parts still wait for the hash of its inputs (the configuration file is named by it)."""

    name: str
    component: str
    replicas: int
    service: str
    settings: Workload | None
    config: Mapping[str, Any] | None
    parts: Callable[[str], Parts]
    inputs: Mapping[str, Any] = field(default_factory=dict)
    claims: tuple[dict[str, Any], ...] = ()
    member: int | None = None
    pool: str | None = None
    store: str = ""
    """Of Locket: which store its locks lie in. Locks in two stores would be two lock services."""


def plans(diego: Diego, names: Names, initial_key: str) -> list[Plan]:
    """All StatefulSets that this release deploys."""
    etcd = managed(diego)
    return [
        *([_etcd(names, etcd)] if etcd is not None else []),
        _locket(diego, names),
        *_bbs(diego, names, initial_key),
        _auctioneer(diego, names),
        *_cells(diego, names),
    ]


def _etcd(names: Names, etcd: ManagedEtcd) -> Plan:
    return Plan(
        name=names.of("etcd"),
        component="etcd",
        replicas=etcd.replicas,
        service=names.of("etcd"),
        settings=None,
        config=None,
        parts=lambda _: etcd_parts(names),
        claims=(volume_claim(names, "etcd", etcd.storage),),
    )


def _locket(diego: Diego, names: Names) -> Plan:
    """With SQLite there is one, on a volume of its own: its locks lie in a file."""
    settings, files = diego.spec.locket, locket_store_files(diego, names)
    claims = store_claims(diego, names, "locket")
    return Plan(
        name=names.of("locket"),
        component="locket",
        replicas=1 if claims else settings.replicas,
        service=names.of("locket"),
        settings=settings,
        config=configs.locket(diego, names),
        parts=lambda inputs: Parts(
            component="locket",
            command=("locket", "serve", "--config", CONFIG),
            settings=settings,
            files=(
                config_file(names, "locket", inputs),
                secret_files("tls", names.tls("locket")),
                *files,
            ),
            mounts=({"name": "data", "mountPath": DATA},) if claims else (),
        ),
        inputs=store_inputs(diego, files),
        claims=claims,
        store=locket_store_kind(diego),
    )


def _bbs(diego: Diego, names: Names, initial_key: str) -> list[Plan]:
    """Each member a set of its own. With SQLite there is one, and its folder is a volume that holds the records."""
    settings, files = diego.spec.bbs, bbs_store_files(diego, names)
    claims = store_claims(diego, names, "bbs")
    return [
        Plan(
            name=names.member(index),
            component="bbs",
            replicas=1,
            service=names.of("bbs-members"),
            settings=settings,
            config=configs.bbs(diego, names, initial_key),
            parts=lambda inputs: Parts(
                component="bbs",
                command=("bbs", "serve", "--config", CONFIG),
                settings=settings,
                files=(
                    config_file(names, "bbs", inputs),
                    secret_files("tls", names.tls("bbs")),
                    *files,
                    secret_files("keyring", names.keyring),
                    {"name": "identity", "configMap": {"name": names.identity}},
                    pod_files(),
                ),
                grace=60,
                mounts=({"name": "data", "mountPath": DATA},),
                volumes=() if claims else ({"name": "data", "emptyDir": {}},),
            ),
            inputs=store_inputs(diego, files),
            claims=claims,
            member=index,
        )
        for index in range(settings.replicas)
    ]


def _auctioneer(diego: Diego, names: Names) -> Plan:
    settings = diego.spec.auctioneer
    return Plan(
        name=names.of("auctioneer"),
        component="auctioneer",
        replicas=settings.replicas,
        service=names.of("auctioneer"),
        settings=settings,
        config=configs.auctioneer(diego, names),
        parts=lambda inputs: Parts(
            component="auctioneer",
            command=("auctioneer", "serve", "--config", CONFIG),
            settings=settings,
            files=(config_file(names, "auctioneer", inputs), secret_files("tls", names.tls("auctioneer"))),
        ),
    )


def _cells(diego: Diego, names: Names) -> list[Plan]:
    timeout = int(diego.spec.cells.rollout.evacuation_timeout.seconds)
    drain = {"preStop": {"exec": {"command": ["rep", "drain", "--config", CONFIG]}}}
    return [
        Plan(
            name=names.pool(pool.name),
            component="cell",
            replicas=pool.replicas,
            service=names.of("cells"),
            settings=pool,
            config=configs.cell(diego, names, pool),
            parts=lambda inputs, pool=pool: Parts(  # type: ignore[misc]
                component="cell",
                command=("rep", "serve", "--config", CONFIG),
                settings=pool,
                files=(config_file(names, "cell", inputs), secret_files("tls", names.tls("cell"))),
                grace=timeout + EVACUATION_MARGIN_S,
                lifecycle=drain,
                volumes=({"name": "data", "emptyDir": {}}, {"name": "tmp-of-apps", "emptyDir": {}}),
                sidecar=RUNTIME,
                requests=REP_REQUESTS,
            ),
            pool=pool.name,
        )
        for pool in diego.spec.cells.pools
    ]
