"""The store that a BBS and a Locket are told of: its section of the configuration, and the files that it names.

Credentials, trust and client certificates of a store that somebody else runs are mounted from the Secrets that the spec
names, and read by nobody but the process. The names of those Secrets are inputs of a pod; their contents are not: the
kubelet renews the files, and both programs read them anew for each connection (docs/reference/store-sql.md).
"""

from typing import Any

from controllers.api import Diego, SQLStore, SQLTLSMode, StoreTLS
from controllers.render.names import Names
from controllers.render.pods import DATA, DIRECTORY, READ_BY_GROUP, secret_files, tls_section
from controllers.render.volumes import volume_claim

TLS_MOUNT, CREDENTIALS_MOUNT = "store-tls", "store"
_TRUST, _CLIENT, _CREDENTIALS = ("ca.crt",), ("tls.crt", "tls.key"), ("username", "password")


def store_kind(diego: Diego) -> str:
    """Which store this is, as far as records can't be had by going to another one: what N-identity remembers."""
    store = diego.spec.store
    if store.etcd is not None:
        return f"{store.type} ({'external' if store.etcd.external is not None else 'managed'})"
    return str(store.type)


def store_section(diego: Diego, names: Names, program: str) -> dict[str, Any]:
    """The section `store` of a BBS or a Locket. Nothing in it is secret. With SQLite each has a file of its own."""
    engine = str(diego.spec.store.type).lower()
    if diego.spec.store.sqlite is not None:
        return {"type": engine, engine: {"path": f"{DATA}/{program}.sqlite"}}
    relational = _relational(diego)
    return {"type": engine, engine: _etcd(diego, names) if relational is None else _sql(relational)}


def store_files(diego: Diego, names: Names) -> tuple[dict[str, Any], ...]:
    """The volumes that the section speaks of."""
    etcd, relational = diego.spec.store.etcd, _relational(diego)
    if etcd is not None and etcd.external is None:
        return (secret_files(TLS_MOUNT, names.tls("etcd-client")),)
    if relational is None:
        return _tls_files(etcd.external.tls if etcd is not None and etcd.external is not None else None)
    used = relational.tls if relational.tls is not None and relational.tls.mode is not SQLTLSMode.DISABLED else None
    source = _source(relational.credentials_secret_ref.name, _CREDENTIALS)
    return (_projected(CREDENTIALS_MOUNT, source), *_tls_files(used))


def store_inputs(diego: Diego, names: Names) -> dict[str, Any]:
    """What reaches the pods beside the configuration: the Secrets of a store that is not ours, by name."""
    return {} if managed(diego) else {"store": list(store_files(diego, names))}


def store_claims(diego: Diego, names: Names, component: str) -> tuple[dict[str, Any], ...]:
    """With SQLite: the volume of the file, mounted as `data`."""
    sqlite = diego.spec.store.sqlite
    return (volume_claim(names, component, sqlite.storage),) if sqlite is not None else ()


def managed(diego: Diego) -> bool:
    """The operator runs the store itself."""
    return diego.spec.store.etcd is not None and diego.spec.store.etcd.managed is not None


def _relational(diego: Diego) -> SQLStore | None:
    return diego.spec.store.postgresql or diego.spec.store.mysql


def _etcd(diego: Diego, names: Names) -> dict[str, Any]:
    etcd = diego.spec.store.etcd
    if etcd is not None and etcd.external is not None:
        endpoints, tls = list(etcd.external.endpoints), etcd.external.tls
        return {"endpoints": endpoints, **({"tls": _tls(tls)} if tls is not None else {})}
    count = etcd.managed.replicas if etcd is not None and etcd.managed is not None else 1
    pods = [names.host("etcd", f"{names.name}-etcd-{index}") for index in range(count)]
    return {"endpoints": [f"https://{pod}:2379" for pod in pods], "tls": tls_section(TLS_MOUNT)}


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
    return {**found, "tls": {"mode": str(tls.mode), **_tls(tls)}}


def _tls(tls: StoreTLS) -> dict[str, str]:
    """What the spec names, and nothing else: trust without a certificate of ours is a wish, and so is the reverse."""
    paths, section = tls_section(TLS_MOUNT), {}
    if tls.ca_secret_ref is not None:
        section["ca_file"] = paths["ca_file"]
    if tls.client_certificate_secret_ref is not None:
        section |= {"cert_file": paths["cert_file"], "key_file": paths["key_file"]}
    if tls.server_name:
        section["server_name"] = tls.server_name
    return section


def _tls_files(tls: StoreTLS | None) -> tuple[dict[str, Any], ...]:
    """One folder out of two Secrets: who trusts the server and who vouches for the client are seldom the same."""
    if tls is None:
        return ()
    given = ((tls.ca_secret_ref, _TRUST), (tls.client_certificate_secret_ref, _CLIENT))
    sources = [_source(reference.name, files) for reference, files in given if reference is not None]
    return (_projected(TLS_MOUNT, *sources),) if sources else ()


def _source(secret: str, files: tuple[str, ...]) -> dict[str, Any]:
    return {"secret": {"name": secret, "items": [{"key": file, "path": file} for file in files]}}


def _projected(mount: str, *sources: dict[str, Any]) -> dict[str, Any]:
    return {"name": mount, "projected": {"defaultMode": READ_BY_GROUP, "sources": list(sources)}}
