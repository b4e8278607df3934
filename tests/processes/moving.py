"""A deployment that moves from etcd to a database: members with one store and with both."""

from __future__ import annotations

from typing import Any

from tests.processes.cluster import Cluster
from tests.processes.member import Member


class MovingCluster(Cluster):
    """Its members have both stores, but for those that are added by `add_on`."""

    def store(self, endpoint: str | None = None) -> dict[str, Any]:
        """See Cluster."""
        assert self.database is not None
        return {**self.database.section(), "migrate_from": self.etcd_section(endpoint)}

    def etcd_section(self, endpoint: str | None = None) -> dict[str, Any]:
        """The section of etcd alone."""
        database, self.database = self.database, None
        try:
            return super().store(endpoint)
        finally:
            self.database = database

    def add_on(self, store: dict[str, Any], **settings: Any) -> Member:
        """One more member, of that store alone."""
        name = f"m{len(self.members)}"
        member = Member(self.folder, name, self.certificates, store, **{**self._settings, **settings})
        self.members.append(member)
        return member
