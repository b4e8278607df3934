"""Where a Diego keeps its records: one of four engines, and the once-only move from etcd to a relational one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from .references import LocalReference
from .scalars import ObjectName, Quantity, ShortText
from .shape import Declared, atomic, rule, ruled


class StoreType(StrEnum):
    """The engine."""

    ETCD = "Etcd"
    MYSQL = "MySQL"
    POSTGRESQL = "PostgreSQL"
    SQLITE = "SQLite"


class AdoptionPolicy(StrEnum):
    """Whether a store that names another owner may be taken over."""

    IF_UNOWNED = "IfUnowned"
    ALWAYS = "Always"


class SQLTLSMode(StrEnum):
    """How the certificate of a relational server is checked."""

    DISABLED = "Disabled"
    REQUIRED = "Required"
    VERIFY_CA = "VerifyCA"
    VERIFY_IDENTITY = "VerifyIdentity"


class Storage(Declared):
    """A volume. A smaller size than the bound volume has is kept as it is, and said in a condition."""

    size: Quantity = "2Gi"
    """Size of the volume; a smaller one than it has is kept as it is, and said."""
    storage_class_name: ObjectName | None = None
    """Storage class. Absent: the cluster's default."""


class StoreTLS(Declared):
    """Trust and client certificate towards a store that somebody else runs."""

    ca_secret_ref: LocalReference | None = None
    """Secret with `ca.crt`, the roots that sign the server."""
    client_certificate_secret_ref: LocalReference | None = None
    """Secret with `tls.crt` and `tls.key`, shown to the server."""
    server_name: ShortText = ""
    """Name that the server's certificate must carry, when it is not the host dialled."""


class ManagedEtcd(Declared):
    """An etcd that the operator runs: one member is not highly available, three are."""

    replicas: Annotated[int, Field(ge=1, le=5)] = 1
    """Members: 1 is not highly available, 3 are."""
    storage: Storage = Storage()
    """Volume of each member."""


Endpoint = Annotated[str, StringConstraints(min_length=8, max_length=255, pattern=r"^https?://[^/\s]+$")]


class ExternalEtcd(Declared):
    """An etcd that somebody else runs."""

    endpoints: Annotated[tuple[Endpoint, ...], Field(min_length=1, max_length=9, json_schema_extra=atomic())]
    """Client URLs."""
    tls: StoreTLS | None = None
    """Trust and client certificate."""


_ONE_ETCD = rule(
    "has(self.managed) != has(self.external)",
    "etcd must have exactly one of managed and external; remove the other one",
)


class EtcdStore(Declared):
    """etcd: run by the operator, or external."""

    model_config = ConfigDict(json_schema_extra=ruled(_ONE_ETCD))

    managed: ManagedEtcd | None = None
    """An etcd that the operator runs."""
    external: ExternalEtcd | None = None
    """An etcd that somebody else runs."""


class SQLHost(Declared):
    """One address of a relational server."""

    host: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    """Host name or address."""
    port: Annotated[int, Field(ge=1, le=65535)]
    """Port."""


class SQLTLS(StoreTLS):
    """Trust towards a relational server, and how strictly it is applied."""

    mode: SQLTLSMode = SQLTLSMode.VERIFY_IDENTITY
    """How strictly the server's certificate is checked."""


class SQLStore(Declared):
    """A MySQL or PostgreSQL that somebody else runs; user name and password lie in one Secret."""

    hosts: Annotated[tuple[SQLHost, ...], Field(min_length=1, max_length=9, json_schema_extra=atomic())]
    """Addresses, tried in order."""
    database: Annotated[str, StringConstraints(min_length=1, max_length=63)] = "diego"
    """Name of the database."""
    credentials_secret_ref: LocalReference
    """Secret with `username` and `password`."""
    tls: SQLTLS | None = None
    """Trust and client certificate."""
    pool_size: Annotated[int, Field(ge=6, le=500)] = 20
    """Connections that one BBS holds at most."""


class SQLiteStore(Declared):
    """One file on a volume of the only BBS member."""

    storage: Storage = Storage()
    """Volume of the file."""


def _member(type_: StoreType, member: str) -> Mapping[str, str]:
    return rule(
        f"(self.type == '{type_}') == has(self.{member})",
        f"{member} must be given exactly when type is {type_}; set the type to the one member that is given",
    )


_EXACTLY_THE_MEMBER = (
    _member(StoreType.ETCD, "etcd"),
    _member(StoreType.MYSQL, "mysql"),
    _member(StoreType.POSTGRESQL, "postgresql"),
    _member(StoreType.SQLITE, "sqlite"),
)


class StoreUnion(Declared):
    """An engine and exactly the member that describes it."""

    model_config = ConfigDict(json_schema_extra=ruled(*_EXACTLY_THE_MEMBER))

    type: StoreType
    """The engine; exactly the member of that name is given."""
    etcd: EtcdStore | None = None
    """For type Etcd."""
    mysql: SQLStore | None = None
    """For type MySQL."""
    postgresql: SQLStore | None = None
    """For type PostgreSQL."""
    sqlite: SQLiteStore | None = None
    """For type SQLite."""


_MOVE = rule(
    "!has(self.migrateFrom) || (self.migrateFrom.type == 'Etcd' && self.type in ['MySQL', 'PostgreSQL'])",
    "migrateFrom moves records once, from Etcd to MySQL or PostgreSQL; remove it or set these types",
)


class Store(StoreUnion):
    """The store in use, what it was moved from, and whether a store of another owner may be adopted."""

    model_config = ConfigDict(json_schema_extra=ruled(*_EXACTLY_THE_MEMBER, _MOVE))

    migrate_from: StoreUnion | None = None
    """The store that records move from, once, when the type changes from Etcd to a relational one."""
    adoption_policy: AdoptionPolicy = AdoptionPolicy.IF_UNOWNED
    """Whether a store that names another owner may be taken over."""
