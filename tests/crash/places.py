"""Where a crash run's store lies: a real server, or a SQLite file; emptied, saved and put back between two points."""

from __future__ import annotations

import asyncio
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import bbs.stores.etcd
import bbs.stores.mysql
import bbs.stores.postgresql
import bbs.stores.sql
import bbs.stores.sqlite  # noqa: F401 - all engines are loaded before the forks, not in each child
from bbs.configuration.sections import StoreSection
from bbs.stores.etcd_client import EtcdClient, Secrets
from bbs.stores.etcd_client import etcd_pb2 as pb
from tests.engines.certificates import Authority
from tests.engines.etcd import EtcdServer
from tests.engines.relational import SERVERS

_PUTS = 100
_CALL_S = 20.0


class Place(Protocol):
    """One store. `save` and `restore` run in children, since they may talk to a server."""

    engine: str
    authority: Authority

    def section(self) -> StoreSection:
        """The store section of a BBS's configuration."""

    def start(self) -> None:
        """Make it usable."""

    def stop(self) -> None:
        """End what was started."""

    async def save(self, seed: Path) -> None:
        """Keep everything that is in it."""

    async def restore(self, seed: Path | None) -> None:
        """Make it hold exactly what was kept; nothing for None."""


class SQLitePlace:
    """A file below `folder`."""

    engine = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder / "tls")
        self._client = self.authority.leaf("client")
        self._file = folder / "bbs.sqlite"

    def section(self) -> StoreSection:
        """See Place."""
        return StoreSection.model_validate({"type": "sqlite", "sqlite": {"path": self._file}})

    def start(self) -> None:
        """See Place: there is no server."""

    def stop(self) -> None:
        """See Place."""

    async def save(self, seed: Path) -> None:
        """See Place. The last connection was closed, so the write-ahead log is in the file."""
        shutil.copyfile(self._file, seed)

    async def restore(self, seed: Path | None) -> None:
        """See Place."""
        for suffix in ("", "-wal", "-shm", ".lock"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
        if seed is not None:
            shutil.copyfile(seed, self._file)


class EtcdPlace:
    """A server of its own with its data below `folder`."""

    engine = "etcd"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._server = EtcdServer(folder, "--quota-backend-bytes=4000000000")
        self.authority = self._server.authority

    def section(self) -> StoreSection:
        """See Place."""
        secrets: Secrets = self._server.secrets
        tls = {"ca_file": secrets.ca_file, "cert_file": secrets.cert_file, "key_file": secrets.key_file}
        etcd: dict[str, Any] = {"endpoints": [self._server.endpoint], "tls": tls}
        return StoreSection.model_validate({"type": "etcd", "etcd": etcd})

    def start(self) -> None:
        """See Place."""
        self._server.start()

    def stop(self) -> None:
        """See Place."""
        self._server.kill()

    async def save(self, seed: Path) -> None:
        """See Place."""
        await asyncio.to_thread(seed.write_bytes, pickle.dumps(await self._read()))

    async def restore(self, seed: Path | None) -> None:
        """See Place."""
        kept = None if seed is None else await asyncio.to_thread(seed.read_bytes)
        await self._replace({} if kept is None else pickle.loads(kept))

    async def _read(self) -> dict[bytes, bytes]:
        client = EtcdClient([self._server.endpoint], self._server.secrets, _CALL_S)
        try:
            found = await client.range(pb.RangeRequest(key=b"\0", range_end=b"\0"))
        finally:
            await client.close()
        return {pair.key: pair.value for pair in found.kvs}

    async def _replace(self, content: dict[bytes, bytes]) -> None:
        client = EtcdClient([self._server.endpoint], self._server.secrets, _CALL_S)
        pairs = list(content.items())
        try:
            deleted = await client.delete(pb.DeleteRangeRequest(key=b"\0", range_end=b"\0"))
            for at in range(0, len(pairs), _PUTS):
                puts = [pb.PutRequest(key=key, value=value) for key, value in pairs[at : at + _PUTS]]
                await client.txn(pb.TxnRequest(success=[pb.RequestOp(request_put=put) for put in puts]))
            if deleted.deleted:
                await client.compact(deleted.header.revision)
        finally:
            await client.close()


class RelationalPlace:
    """A server of its own; its data lie where its user can reach them."""

    engine = ""

    def __init__(self, _folder: Path) -> None:
        self._server = SERVERS[self.engine]()
        self.authority = self._server.authority

    def section(self) -> StoreSection:
        """See Place."""
        return StoreSection.model_validate(self._server.section())

    def start(self) -> None:
        """See Place."""
        self._server.start()

    def stop(self) -> None:
        """See Place."""
        self._server.remove()

    async def save(self, seed: Path) -> None:
        """See Place."""
        await asyncio.to_thread(lambda: seed.write_text(self._server.dump()))

    async def restore(self, seed: Path | None) -> None:
        """See Place."""
        await asyncio.to_thread(self._restore, seed)

    def _restore(self, seed: Path | None) -> None:
        self._server.empty()
        if seed is not None:
            self._server.load(seed.read_text())


class MySQLPlace(RelationalPlace):
    """MariaDB."""

    engine = "mysql"


class PostgreSQLPlace(RelationalPlace):
    """PostgreSQL."""

    engine = "postgresql"


PLACES: dict[str, Callable[[Path], Place]] = {
    "etcd": EtcdPlace,
    "mysql": MySQLPlace,
    "postgresql": PostgreSQLPlace,
    "sqlite": SQLitePlace,
}
