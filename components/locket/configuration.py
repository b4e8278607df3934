"""What a Locket server can be told."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import model_validator

from components.configuration import Duration, LogSection, Section
from components.http.tls import TLSFiles


class EtcdSection(Section):
    """etcd: every endpoint as a URL, and the client certificate."""

    endpoints: list[str]
    tls: TLSFiles | None = None


class SQLiteSection(Section):
    """One file; only for one Locket."""

    path: Path


class StoreSection(Section):
    """Where locks lie: exactly the member that `type` names."""

    type: Literal["etcd", "sqlite"]
    etcd: EtcdSection | None = None
    sqlite: SQLiteSection | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> StoreSection:
        given = {name for name in ("etcd", "sqlite") if getattr(self, name) is not None}
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
