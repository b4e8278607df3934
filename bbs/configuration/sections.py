"""The parts of the configuration: each a closed set of keys."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bbs.configuration.values import ExistingFile, Seconds


class Section(BaseModel):
    """A part of a configuration: unknown keys are refused, nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ClientFiles(Section):
    """Mutual TLS: the authorities trusted, the own certificate and its key."""

    ca_file: ExistingFile
    cert_file: ExistingFile
    key_file: ExistingFile


class StoreTLSSection(Section):
    """TLS to a store. No `ca_file`: the system's authorities. `server_name`: if not the host dialled."""

    ca_file: ExistingFile | None = None
    cert_file: ExistingFile | None = None
    key_file: ExistingFile | None = None
    server_name: str | None = None

    @model_validator(mode="after")
    def _certificate_and_key(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            message = "cert_file and key_file go together; give both or none"
            raise ValueError(message)
        return self


class EtcdSection(Section):
    """etcd 3.6: client URLs of all members."""

    endpoints: tuple[str, ...] = Field(min_length=1)
    tls: StoreTLSSection | None = None


class SQLiteSection(Section):
    """One file on a local disk; its folder must exist."""

    path: Path


class SQLTLSSection(StoreTLSSection):
    """TLS to a database server, and how strictly its certificate is looked at."""

    mode: Literal["Required", "VerifyCA", "VerifyIdentity"] = "VerifyIdentity"


class SQLSection(Section):
    """A MySQL or PostgreSQL database; credentials only as files. Hosts are tried in their order.

    `pool_size`: connections that one program holds at most; who wants one more waits (docs/reference/store-sql.md).
    """

    hosts: tuple[str, ...] = Field(min_length=1)
    database: str = Field(min_length=1)
    username_file: ExistingFile
    password_file: ExistingFile
    tls: SQLTLSSection | None = None
    pool_size: int = Field(default=20, ge=6)


class SourceSection(Section):
    """The etcd that records are moved from."""

    type: Literal["etcd"]
    etcd: EtcdSection


class StoreSection(Section):
    """Where records lie: exactly the section that `type` names; `migrate_from`: where they are moved from."""

    type: Literal["etcd", "mysql", "postgresql", "sqlite"]
    etcd: EtcdSection | None = None
    mysql: SQLSection | None = None
    postgresql: SQLSection | None = None
    sqlite: SQLiteSection | None = None
    migrate_from: SourceSection | None = None

    @model_validator(mode="after")
    def _one_section(self) -> StoreSection:
        given = {name for name in ("etcd", "mysql", "postgresql", "sqlite") if getattr(self, name) is not None}
        if given != {self.type}:
            seen = ", ".join(sorted(given)) or "none"
            message = f"type is {self.type}, sections given: {seen}; wanted exactly the section `{self.type}`"
            raise ValueError(message)
        if self.migrate_from is not None and self.type not in ("mysql", "postgresql"):
            message = f"type is {self.type} and migrate_from is given; records move from etcd to mysql or postgresql"
            raise ValueError(message)
        return self


class LockSection(Section):
    """Liveness and lease. `margin` covers the sum of the clock errors of master and standby over one ttl."""

    ttl: Seconds = 5.0
    renew: Seconds = 1.0
    margin: Seconds = 1.0
    poll: Seconds = 0.2

    @model_validator(mode="after")
    def _leaves_time(self) -> LockSection:
        if min(self.ttl, self.renew, self.poll) <= 0:
            message = "ttl, renew and poll must be more than 0"
            raise ValueError(message)
        if self.renew + self.margin >= self.ttl:
            message = (
                f"renew {self.renew}s + margin {self.margin}s is not below ttl {self.ttl}s: "
                "the lease would lapse between two renewals; raise ttl or lower renew"
            )
            raise ValueError(message)
        return self


class MigrationSection(Section):
    """`max_records_per_second`: throttle on a shared store. `keep_old_roots`: how many superseded copies stay. `mode`:
    whether requests are answered meanwhile."""

    mode: Literal["Offline", "Online"] = "Offline"

    max_records_per_second: int | None = Field(default=None, gt=0)
    keep_old_roots: int = Field(default=1, ge=0)


class LogSection(Section):
    """How much is logged."""

    level: Literal["debug", "info", "warning", "error"] = "info"
