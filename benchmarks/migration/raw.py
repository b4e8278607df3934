"""The raw rewrite: the rows of a root read and written below another name by the engine's own driver, and nothing else.

What a migration is compared with: no layout, no cipher, no fence, no verification. One session reads, one writes, in
one transaction where the engine has transactions of that size, in its largest ones where not.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

from bbs.configuration.sections import StoreSection
from bbs.layouts.contract import Row
from bbs.master.wiring import store_config
from bbs.stores.etcd_client import EtcdClient, Secrets
from bbs.stores.etcd_client import etcd_pb2 as pb
from bbs.stores.etcd_keys import end_of, put, rows_of
from bbs.stores.mysql import MySQL
from bbs.stores.postgresql import PostgreSQL
from bbs.stores.sql_hosts import Hosts
from bbs.stores.sql_names import table_of
from bbs.stores.sql_session import Session, Statement
from tests.crash.setting import PATIENT_LOCK, Setting

_CALL_S = 60.0
_ETCD_PUTS, _ETCD_AT_ONCE = 120, 8
_ROWS = 1000
_COPY = "raw_copy"


async def rewrite(setting: Setting, root: str) -> float:
    """Seconds that it takes. The copy is removed again, unmeasured."""
    match setting.store.type:
        case "sqlite":
            return await asyncio.to_thread(_sqlite, setting.store, root)
        case "etcd":
            return await _etcd(setting.store, root)
        case _:
            return await _relational(setting, root)


def _sqlite(section: StoreSection, root: str) -> float:
    assert section.sqlite is not None
    connection = sqlite3.connect(section.sqlite.path, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        began = time.monotonic()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            f"CREATE TABLE {_COPY} (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL, deadline INTEGER)"
        )
        found = connection.execute(f"SELECT key, value, deadline FROM {table_of(root)} ORDER BY key")
        while page := found.fetchmany(_ROWS):
            connection.executemany(f"INSERT INTO {_COPY} VALUES (?, ?, ?)", page)
        connection.execute("COMMIT")
        took = time.monotonic() - began
        connection.execute(f"DROP TABLE {_COPY}")
        return took
    finally:
        connection.close()


async def _etcd(section: StoreSection, root: str) -> float:
    assert section.etcd is not None
    assert section.etcd.tls is not None
    tls = section.etcd.tls
    client = EtcdClient(section.etcd.endpoints, Secrets(tls.ca_file, tls.cert_file, tls.key_file), _CALL_S)
    source, copy = rows_of(root), b"/raw/"
    try:
        began = time.monotonic()
        room = asyncio.Semaphore(_ETCD_AT_ONCE)

        async def write(pairs: Sequence[pb.KeyValue]) -> None:
            async with room:
                puts = [put(copy + pair.key[len(source) :], pair.value) for pair in pairs]
                await client.txn(pb.TxnRequest(success=puts))

        async with asyncio.TaskGroup() as writes:
            async for pairs in _etcd_pages(client, source):
                for at in range(0, len(pairs), _ETCD_PUTS):
                    writes.create_task(write(pairs[at : at + _ETCD_PUTS]))
        took = time.monotonic() - began
        await client.delete(pb.DeleteRangeRequest(key=copy, range_end=end_of(copy)))
        return took
    finally:
        await client.close()


async def _etcd_pages(client: EtcdClient, prefix: bytes) -> AsyncIterator[Sequence[pb.KeyValue]]:
    # A page bounded by its end as well: by a limit alone etcd counts all that is left (docs/reference/store-etcd.md).
    keys = [prefix + kind + b"%x" % digit for kind in (b"actual/", b"desired/", b"task/") for digit in range(16)]
    for start, end in zip(keys, [*keys[1:], end_of(prefix)], strict=True):
        yield (await client.range(pb.RangeRequest(key=start, range_end=end))).kvs


async def _relational(setting: Setting, root: str) -> float:
    place = store_config(setting.configuration("raw", PATIENT_LOCK)).place
    assert place is not None
    dialect = MySQL(_CALL_S) if setting.store.type == "mysql" else PostgreSQL(_CALL_S)
    hosts = Hosts(dialect.engine, place, dialect.port, _CALL_S)
    reading, writing = await hosts.connect(dialect.reader), await hosts.connect(dialect.reader)
    try:
        for statement in dialect.create_root(_COPY, "raw"):
            await writing.execute(statement)
        began = time.monotonic()
        await writing.execute(Statement(dialect.begin))
        page = await _page(reading, dialect, root, b"")
        while page:
            ahead = asyncio.ensure_future(_page(reading, dialect, root, bytes(page[-1][0])))
            for statement in _insert(dialect, page):
                await writing.execute(statement)
            page = await ahead
        await writing.execute(Statement("COMMIT"))
        took = time.monotonic() - began
        await writing.execute(Statement(f"DROP TABLE {_COPY}"))
        return took
    finally:
        await reading.close()
        await writing.close()


async def _page(session: Session, dialect: MySQL | PostgreSQL, root: str, after: bytes) -> list[tuple[Any, ...]]:
    text = f"SELECT {dialect.key}, value, deadline FROM {table_of(root)} WHERE {dialect.key} > ? ORDER BY {dialect.key}"
    return await session.fetch(Statement(f"{text} LIMIT {_ROWS}", (after,)))


def _insert(dialect: MySQL | PostgreSQL, page: list[tuple[Any, ...]]) -> list[Statement]:
    if isinstance(dialect, MySQL):
        return dialect.put_rows(_COPY, [Row(bytes(key).decode(), bytes(value), time) for key, value, time in page])
    columns = tuple(list(column) for column in zip(*page, strict=True))
    text = f"INSERT INTO {_COPY} (key, value, deadline) SELECT * FROM unnest(?::bytea[], ?::bytea[], ?::bigint[])"
    return [Statement(text, columns)]
