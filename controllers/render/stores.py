"""The store that a BBS and a Locket are told of: its section of the configuration, and the files that it names.

Credentials, trust and client certificates of a store that somebody else runs are mounted from the Secrets that the spec
names, and read by nobody but the process. The names of those Secrets are inputs of a pod; their contents are not: the
kubelet renews the files, and both programs read them anew for each connection (docs/reference/store-sql.md).

While records are still to be moved (`migrateFrom`), a BBS is told of both stores and Locket of the one that they leave;
once they have moved, `migrateFrom` says nothing any more (`as_it_stands`).
"""

from typing import Any

from controllers.api import Diego, EtcdStore, ManagedEtcd, SQLStore, SQLTLSMode, StoreTLS, StoreUnion
from controllers.render.names import Names
from controllers.render.pods import DATA, DIRECTORY, READ_BY_GROUP, secret_files, tls_section
from controllers.render.volumes import volume_claim

TLS_MOUNT, CREDENTIALS_MOUNT, FROM_TLS_MOUNT = "store-tls", "store", "store-from-tls"
_TRUST, _CLIENT, _CREDENTIALS = ("ca.crt",), ("tls.crt", "tls.key"), ("username", "password")


def as_it_stands(diego: Diego, moved_from: str) -> Diego:
    """The Diego to render. `moved_from`: the kind of store that N-identity says the records came from, or empty."""
    if not moved_from or diego.spec.store.migrate_from is None:
        return diego
    store = diego.spec.store.model_copy(update={"migrate_from": None})
    return diego.model_copy(update={"spec": diego.spec.model_copy(update={"store": store})})


def store_kind(store: StoreUnion) -> str:
    """Which store this is, as far as records can't be had by going to another one: what N-identity remembers."""
    if store.etcd is not None:
        return f"{store.type} ({'external' if store.etcd.external is not None else 'managed'})"
    return str(store.type)


def bbs_store(diego: Diego, names: Names) -> dict[str, Any]:
    """The section `store` of the BBS. Nothing in it is secret."""
    found = _section(diego.spec.store, names, TLS_MOUNT, "bbs")
    source = diego.spec.store.migrate_from
    return found if source is None else {**found, "migrate_from": _section(source, names, FROM_TLS_MOUNT, "bbs")}


def bbs_store_files(diego: Diego, names: Names) -> tuple[dict[str, Any], ...]:
    """The volumes that the section of the BBS speaks of."""
    source = diego.spec.store.migrate_from
    more = () if source is None else _files(source, names, FROM_TLS_MOUNT)
    return (*_files(diego.spec.store, names, TLS_MOUNT), *more)


def locket_store(diego: Diego, names: Names) -> dict[str, Any]:
    """The section `store` of Locket."""
    return _section(_lockets(diego), names, TLS_MOUNT, "locket")


def locket_store_files(diego: Diego, names: Names) -> tuple[dict[str, Any], ...]:
    """The volumes that the section of Locket speaks of."""
    return _files(_lockets(diego), names, TLS_MOUNT)


def locket_store_kind(diego: Diego) -> str:
    """Where Locket keeps its locks."""
    return store_kind(_lockets(diego))


def store_inputs(diego: Diego, files: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """What reaches the pods beside the configuration: the Secrets of a store that is not ours, by name."""
    ours = all(one["name"] == TLS_MOUNT and "secret" in one for one in files)
    return {} if managed(diego) and ours else {"store": list(files)}


def managed(diego: Diego) -> ManagedEtcd | None:
    """The etcd that the operator runs, if this Diego needs one."""
    etcd = diego.spec.store.etcd or (diego.spec.store.migrate_from.etcd if diego.spec.store.migrate_from else None)
    return etcd.managed if etcd is not None else None


def _lockets(diego: Diego) -> StoreUnion:
    """All Locket pods go to another store at once, and only after the records have."""
    return diego.spec.store.migrate_from or diego.spec.store


def _section(store: StoreUnion, names: Names, mount: str, program: str) -> dict[str, Any]:
    """With SQLite BBS and Locket have a file each."""
    if store.sqlite is not None:
        return {"type": "sqlite", "sqlite": {"path": f"{DATA}/{program}.sqlite"}}
    engine, relational = str(store.type).lower(), store.postgresql or store.mysql
    return {"type": engine, engine: _etcd(store.etcd, names, mount) if relational is None else _sql(relational)}


def _files(store: StoreUnion, names: Names, mount: str) -> tuple[dict[str, Any], ...]:
    etcd, relational = store.etcd, store.postgresql or store.mysql
    if etcd is not None and etcd.external is None:
        return (secret_files(mount, names.tls("etcd-client")),)
    if relational is None:
        return _tls_files(etcd.external.tls if etcd is not None and etcd.external is not None else None, mount)
    used = relational.tls if relational.tls is not None and relational.tls.mode is not SQLTLSMode.DISABLED else None
    source = _source(relational.credentials_secret_ref.name, _CREDENTIALS)
    return (_projected(CREDENTIALS_MOUNT, source), *_tls_files(used, mount))


def store_claims(diego: Diego, names: Names, component: str) -> tuple[dict[str, Any], ...]:
    """With SQLite: the volume of the file, mounted as `data`."""
    sqlite = diego.spec.store.sqlite
    return (volume_claim(names, component, sqlite.storage),) if sqlite is not None else ()


def _etcd(etcd: EtcdStore | None, names: Names, mount: str) -> dict[str, Any]:
    if etcd is not None and etcd.external is not None:
        endpoints, tls = list(etcd.external.endpoints), etcd.external.tls
        return {"endpoints": endpoints, **({"tls": _tls(tls, mount)} if tls is not None else {})}
    count = etcd.managed.replicas if etcd is not None and etcd.managed is not None else 1
    pods = [names.host("etcd", f"{names.name}-etcd-{index}") for index in range(count)]
    return {"endpoints": [f"https://{pod}:2379" for pod in pods], "tls": tls_section(mount)}


def _sql(store: SQLStore) -> dict[str, Any]:
    folder, tls = f"{DIRECTORY}/{CREDENTIALS_MOUNT}", store.tls
    found: dict[str, Any] = {
        "hosts": [f"[{one.host}]:{one.port}" if ":" in one.host else f"{one.host}:{one.port}" for one in store.hosts],
        "database": store.database,
        "username_file": f"{folder}/username",
        "password_file": f"{folder}/password",
        "pool_size": store.pool_size,
    }
    if tls is None or tls.mode is SQLTLSMode.DISABLED:
        return found
    return {**found, "tls": {"mode": str(tls.mode), **_tls(tls, TLS_MOUNT)}}


def _tls(tls: StoreTLS, mount: str) -> dict[str, str]:
    """What the spec names, and nothing else: trust without a certificate of ours is a wish, and so is the reverse."""
    paths, section = tls_section(mount), {}
    if tls.ca_secret_ref is not None:
        section["ca_file"] = paths["ca_file"]
    if tls.client_certificate_secret_ref is not None:
        section |= {"cert_file": paths["cert_file"], "key_file": paths["key_file"]}
    if tls.server_name:
        section["server_name"] = tls.server_name
    return section


def _tls_files(tls: StoreTLS | None, mount: str) -> tuple[dict[str, Any], ...]:
    """One folder out of two Secrets: who trusts the server and who vouches for the client are seldom the same."""
    if tls is None:
        return ()
    given = ((tls.ca_secret_ref, _TRUST), (tls.client_certificate_secret_ref, _CLIENT))
    sources = [_source(reference.name, files) for reference, files in given if reference is not None]
    return (_projected(mount, *sources),) if sources else ()


def _source(secret: str, files: tuple[str, ...]) -> dict[str, Any]:
    return {"secret": {"name": secret, "items": [{"key": file, "path": file} for file in files]}}


def _projected(mount: str, *sources: dict[str, Any]) -> dict[str, Any]:
    return {"name": mount, "projected": {"defaultMode": READ_BY_GROUP, "sources": list(sources)}}
