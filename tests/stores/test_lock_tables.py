"""What every table of Locket's locks promises: compare-and-set for each key on its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from bbs.stores import LockRecord, LockTable, Modification, StoreConfig, TlsFiles, open_locks
from bbs.stores.contract import StoreUnavailable
from tests.engines.etcd import EtcdServer
from tests.engines.mariadb import MariaDBServer
from tests.engines.postgresql import PostgreSQLServer

LOCK = LockRecord("bbs", "owner-1", '{"a":1}', 1, 15)


def _config(engine: str, request: pytest.FixtureRequest, folder: Path) -> StoreConfig:
    if engine == "sqlite":
        return StoreConfig("sqlite", path=folder / "locket.sqlite")
    if engine == "mysql":
        mariadb: MariaDBServer = request.getfixturevalue("mariadb_server")
        mariadb.empty()
        return StoreConfig("mysql", place=mariadb.place())
    if engine == "postgresql":
        postgresql: PostgreSQLServer = request.getfixturevalue("postgresql_server")
        postgresql.empty()
        return StoreConfig("postgresql", place=postgresql.place())
    server: EtcdServer = request.getfixturevalue("etcd_server")
    server.empty()
    secrets = server.secrets
    tls = TlsFiles(secrets.ca_file, secrets.cert_file, secrets.key_file)
    return StoreConfig("etcd", endpoints=(server.endpoint,), tls=tls)


@pytest_asyncio.fixture(params=["etcd", "mysql", "postgresql", "sqlite"])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Callable[[], LockTable]]:
    config = _config(request.param, request, tmp_path)
    clients: list[LockTable] = []

    def client() -> LockTable:
        clients.append(open_locks(config))
        return clients[-1]

    yield client
    for each in clients:
        await each.close()


@pytest.fixture
def table(opened: Callable[[], LockTable]) -> LockTable:
    return opened()


async def test_an_absent_key_reads_as_none(table: LockTable) -> None:
    assert await table.get("bbs") is None
    assert await table.list() == []


async def test_a_record_is_created_only_where_there_is_none(table: LockTable) -> None:
    first = LOCK.created("id-1")
    assert await table.put_if(first, None)
    assert not await table.put_if(LOCK.created("id-2"), None)
    assert await table.get("bbs") == first


async def test_a_write_names_the_modification_it_follows(table: LockTable) -> None:
    first = LOCK.created("id-1")
    await table.put_if(first, None)
    second = LOCK.follows(first)
    assert second.modification == Modification("id-1", 2)
    assert await table.put_if(second, first.modification)
    assert not await table.put_if(LOCK.follows(first), first.modification)
    assert not await table.put_if(second, Modification("id-2", 2))
    assert await table.get("bbs") == second


async def test_a_write_that_expects_a_record_creates_none(table: LockTable) -> None:
    assert not await table.put_if(LOCK.created("id-1"), Modification("id-1", 1))
    assert await table.get("bbs") is None


async def test_a_record_is_deleted_only_as_it_was_seen(table: LockTable) -> None:
    first = LOCK.created("id-1")
    await table.put_if(first, None)
    assert not await table.delete_if("bbs", Modification("id-1", 2))
    assert not await table.delete_if("bbs", Modification("id-0", 1))
    assert await table.delete_if("bbs", first.modification)
    assert not await table.delete_if("bbs", first.modification)
    assert await table.get("bbs") is None


async def test_all_records_are_listed_in_key_order(table: LockTable) -> None:
    keys = sorted({*(f"cell-{number:04}" for number in range(1100)), "a/b", "ü", "bbs", "%2F"})
    for key in keys:
        assert await table.put_if(LockRecord(key, "o", "v" * 100, 2, 15, "id", 1), None)
    assert [record.key for record in await table.list()] == keys


async def test_of_many_writers_one_wins_each_modification(opened: Callable[[], LockTable]) -> None:
    tables = [opened() for _ in range(3)]
    current = LOCK.created("id-1")
    await tables[0].put_if(current, None)
    for _ in range(5):
        rivals = [LockRecord("bbs", f"owner-{number}", "", 1, 15).follows(current) for number in range(3)]
        won = await asyncio.gather(
            *(each.put_if(rival, current.modification) for each, rival in zip(tables, rivals, strict=True))
        )
        assert sum(won) == 1
        current = rivals[won.index(True)]
        assert await tables[0].get("bbs") == current


async def test_a_closed_table_answers_unavailable(table: LockTable) -> None:
    await table.close()
    with pytest.raises(StoreUnavailable):
        await table.get("bbs")
