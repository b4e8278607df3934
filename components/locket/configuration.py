"""What a Locket server can be told."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from components.configuration import Duration, LogSection, Section
from components.http.tls import TLSFiles


class StoreTLSSection(Section):
    """TLS to a store, by the same names as a BBS's."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    server_name: str | None = None

    @model_validator(mode="after")
    def _certificate_and_key(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together; give both or none")
        return self


class EtcdSection(Section):
    """etcd: every endpoint as a URL, trust and client certificate."""

    endpoints: list[str]
    tls: StoreTLSSection | None = None


class SQLiteSection(Section):
    """One file; only for one Locket."""

    path: Path


class SQLTLSSection(StoreTLSSection):
    """TLS to a database server, and how strictly its certificate is looked at."""

    mode: Literal["Required", "VerifyCA", "VerifyIdentity"] = "VerifyIdentity"


class SQLSection(Section):
    """A database of MySQL or PostgreSQL; hosts are tried in their order, credentials are files.

    `pool_size` is a BBS's: the locks need one connection.
    """

    hosts: tuple[str, ...] = Field(min_length=1)
    database: str
    username_file: Path
    password_file: Path
    tls: SQLTLSSection | None = None
    pool_size: int = Field(default=20, ge=6)


class StoreSection(Section):
    """Where locks lie: exactly the member that `type` names."""

    type: Literal["etcd", "mysql", "postgresql", "sqlite"]
    etcd: EtcdSection | None = None
    mysql: SQLSection | None = None
    postgresql: SQLSection | None = None
    sqlite: SQLiteSection | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> StoreSection:
        given = {name for name in ("etcd", "mysql", "postgresql", "sqlite") if getattr(self, name) is not None}
        if given != {self.type}:
            raise ValueError(f"store.type is {self.type}; wanted exactly the section {self.type}, seen {sorted(given)}")
        return self


class LocketConfiguration(Section):
    """The whole file. `presence_settle`: how long a Locket that found no presence at start answers "unavailable"."""

    listen_address: str = "0.0.0.0:8891"
    health_address: str = "0.0.0.0:8892"
    tls: TLSFiles
    store: StoreSection
    presence_settle: Duration = 15.0
    log: LogSection = LogSection()
