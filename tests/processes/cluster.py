"""A deployment on loopback: members with a store of their own and certificates, started, watched and ended."""

from __future__ import annotations

import datetime
import signal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bbs.certs.directory import write_certificates
from bbs.client import BBSClient
from tests.engines.etcd import EtcdServer
from tests.engines.relational import RelationalServer
from tests.processes.member import Member, run
from tests.processes.waiting import LIMIT_S, until

QUICK_LOCK = {"ttl": "3s", "renew": "500ms", "margin": "500ms", "poll": "100ms"}
"""For what takes a ttl: short, but with room for a loaded machine."""

PATIENT_LOCK = {"ttl": "10m", "renew": "1s", "margin": "1s", "poll": "100ms"}
"""A ttl that no test lives to see: whoever takes over with it did not wait for it."""


class Cluster:
    """Members m0, m1, ... on one store. Nothing runs before `start`; leaving it ends all of it."""

    def __init__(
        self,
        folder: Path,
        members: int,
        etcd: EtcdServer | None = None,
        database: RelationalServer | None = None,
        **settings: Any,
    ) -> None:
        """Neither `etcd` nor `database`: SQLite. `settings`: further keys of each member's configuration."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.etcd = etcd
        self.database = database
        self.certificates = folder / "certificates"
        write_certificates(self.certificates, datetime.datetime.now(datetime.UTC))
        self.members: list[Member] = []
        self._settings = settings
        for _ in range(members):
            self.add()

    def add(self, endpoint: str | None = None, **settings: Any) -> Member:
        """One more member; `endpoint`: where it meets the store, if not where the others do."""
        name = f"m{len(self.members)}"
        merged = {"store": self.store(endpoint), **self._settings, **settings}
        member = Member(self.folder, name, self.certificates, **merged)
        self.members.append(member)
        return member

    def store(self, endpoint: str | None = None) -> dict[str, Any]:
        """The section `store` of a configuration."""
        if self.database is not None:
            return self.database.section()
        if self.etcd is None:
            return {"type": "sqlite", "sqlite": {"path": str(self.folder / "bbs.db")}}
        secrets = self.etcd.secrets
        files = {"ca_file": secrets.ca_file, "cert_file": secrets.cert_file, "key_file": secrets.key_file}
        tls = {name: str(file) for name, file in files.items()}
        return {"type": "etcd", "etcd": {"endpoints": [endpoint or self.etcd.endpoint], "tls": tls}}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.end()

    def end(self) -> None:
        """End every process of every member."""
        for member in self.members:
            member.end()

    async def start(self) -> Member:
        """Start all members; the master, once it serves and all others follow it."""
        for member in self.members:
            member.start()
        master = await self.master()
        for other in self.others(master):
            await other.comes_to(role="Standby", state="Following")
        return master

    def others(self, member: Member) -> list[Member]:
        """All but that one."""
        return [other for other in self.members if other is not member]

    async def master(self, *among: Member, state: str = "Serving", limit: float = LIMIT_S) -> Member:
        """The member that is master and serves, waited for."""

        async def look() -> Member | None:
            for member in among or tuple(self.members):
                seen = await member.status()
                if seen is not None and (seen["role"], seen["state"]) == ("Master", state):
                    return member
            return None

        return await until(f"one of {[member.name for member in self.members]} is master and {state}", look, limit)

    async def cli(self, *arguments: object, limit: float = 120.0) -> str:
        """What a verb of the CLI prints, which works on the store itself; it must succeed."""
        code, out, err = await run(*arguments, "--config", self.members[0].config, limit=limit)
        assert code == 0, err
        return out

    async def stored(self) -> str:
        """The export of what the store holds, once all members have left in order."""
        for member in self.members:
            member.signal_supervisor(signal.SIGTERM)
        for member in self.members:
            await member.ended()
        return await self.cli("export")

    async def export(self, through: Member) -> str:
        """The export through a master."""
        files = self.certificates / "operator"
        options = ("--cert", files / "tls.crt", "--key", files / "tls.key", "--ca", self.certificates / "ca.crt")
        code, out, err = await run("export", "--url", through.url, *options)
        assert code == 0, err
        return out

    def operator(self, member: Member, timeout: float = 30.0) -> BBSClient:
        """A client with the operator's certificate."""
        return member.client("operator", timeout)
