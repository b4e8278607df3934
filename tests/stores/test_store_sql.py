"""What relational stores promise beyond the contract: tables, hosts, and clear words about a wrong configuration."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bbs.layouts.contract import Row
from bbs.stores import mysql_codes, postgresql_codes
from bbs.stores.contract import (
    DropRoot,
    PutRow,
    Store,
    StoreError,
    StoreFull,
    StoreMisconfigured,
    StoreRefused,
    StoreUnavailable,
)
from bbs.stores.mysql_session import failure as mysql_failure
from bbs.stores.opening import StoreConfig, open_store
from bbs.stores.postgresql_session import failure as postgresql_failure
from bbs.stores.sql_hosts import SQLPlace
from bbs.stores.sql_session import ReadOnly
from bbs.stores.sql_tls import SQLTrust
from tests.engines.certificates import Authority
from tests.engines.ports import free_port
from tests.engines.relational import RelationalServer
from tests.stores.conformance import LIVE, STAGED, adopt, anchor_of, apply, stored

OWN = {"configurations", "diego_anchor", "diego_intent", "diego_liveness", "diego_touched"}


def _opened(server: RelationalServer, place: SQLPlace, timeout: float = 5.0) -> Store:
    return open_store(StoreConfig(server.engine, timeout=timeout, place=place))


@pytest_asyncio.fixture
async def store(server: RelationalServer) -> AsyncIterator[Store]:
    store = _opened(server, server.place())
    yield store
    await store.close()


@pytest.fixture
def trust(server: RelationalServer) -> SQLTrust:
    found = server.place().tls
    assert found is not None
    return found


async def _misconfigured(server: RelationalServer, place: SQLPlace) -> str:
    """What a store says at its first call."""
    store = _opened(server, place)
    try:
        async with asyncio.timeout(20):
            with pytest.raises(StoreMisconfigured) as said:
                await store.read_liveness()
            with pytest.raises(StoreMisconfigured):
                await adopt(store)
    finally:
        await store.close()
    return str(said.value)


async def test_a_program_holds_no_more_connections_than_the_pool_has(server: RelationalServer) -> None:
    store = _opened(server, replace(server.place(), pool_size=6))
    try:
        async with store.snapshot(), store.snapshot():
            with pytest.raises(StoreUnavailable, match="pool_size"):
                async with store.snapshot():
                    pass
        async with store.snapshot() as again:
            assert await again.anchor() is None
    finally:
        await store.close()


# --- tables -----------------------------------------------------------------------------------------------------------


async def test_tables_have_their_names_and_go_with_their_root(store: Store, server: RelationalServer) -> None:
    anchor = await adopt(store)
    for root in ("v1", LIVE, STAGED):
        anchor = await apply(store, anchor, PutRow(root, Row("a", b"01", 5)))
    assert server.tables() == OWN | {"diego_kv", "diego_records__1_1", "diego_kv__1_2"}
    await apply(store, anchor, DropRoot(STAGED))
    assert server.tables() == OWN | {"diego_kv", "diego_records__1_1"}


async def test_tables_of_others_are_surveyed_as_foreign(store: Store, server: RelationalServer) -> None:
    server.own_sql("CREATE TABLE users (name VARCHAR(255)); CREATE TABLE diego_kv__9_9 (a INT);")
    async with store.snapshot() as snapshot:
        assert (await snapshot.survey()).foreign == ("diego_kv__9_9", "users")


async def test_looking_creates_no_table(store: Store, server: RelationalServer) -> None:
    async with store.snapshot() as snapshot:
        await snapshot.survey()
    assert await store.read_liveness() is None
    assert server.tables() == set()


async def test_keys_are_told_apart_byte_by_byte(store: Store) -> None:
    keys = sorted(["a", "A", "ä", "a ", "a\x00", "ß", "ss", "\U0001f600"], key=str.encode)
    await apply(store, await adopt(store), *(PutRow(LIVE, Row(key, key.encode())) for key in keys))
    assert [row.key for row in await stored(store)] == keys


async def test_a_root_that_somebody_reads_is_dropped_by_the_next_clean_up(
    store: Store, server: RelationalServer
) -> None:
    """A reader that was paused for hours must not hold up the master's commits."""
    anchor = await apply(store, await adopt(store), PutRow(STAGED, Row("a", b"01")))
    reader = _opened(server, server.place())
    async with reader.snapshot() as snapshot:
        assert [page async for page in snapshot.scan(STAGED)] == [[Row("a", b"01")]]
        anchor = await apply(store, anchor, DropRoot(STAGED))
    assert "diego_kv__1_2" in server.tables()
    await apply(store, anchor, DropRoot(STAGED))
    assert "diego_kv__1_2" not in server.tables()
    await reader.close()


# --- hosts ------------------------------------------------------------------------------------------------------------


async def test_a_host_that_is_away_is_passed_over(server: RelationalServer) -> None:
    store = _opened(server, server.place(f"127.0.0.1:{free_port()}", f"127.0.0.1:{server.port}"))
    anchor = await apply(store, await adopt(store))
    assert await anchor_of(store) == anchor
    await store.close()


async def test_all_hosts_that_are_away_are_named(server: RelationalServer) -> None:
    hosts = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    store = _opened(server, server.place(*hosts))
    with pytest.raises(StoreUnavailable) as said:
        await store.read_liveness()
    assert all(host in str(said.value) for host in hosts)
    await store.close()


@pytest.mark.parametrize("host", ["", "a:b", "localhost:0", "::1", "a:70000"])
def test_what_is_no_host_is_said(server: RelationalServer, host: str) -> None:
    with pytest.raises(StoreMisconfigured, match=rf"store\.{server.engine}\.hosts"):
        _opened(server, server.place(host, "localhost"))


async def test_a_server_that_turned_read_only_is_full_for_writes_and_passed_over_by_new_connections(
    store: Store, server: RelationalServer
) -> None:
    anchor = await adopt(store)
    server.read_only(on=True)
    try:
        with pytest.raises(StoreFull, match="takes no writes"):
            await apply(store, anchor)
    finally:
        server.read_only(on=False)
    assert await anchor_of(store) == anchor


# --- a wrong configuration --------------------------------------------------------------------------------------------


async def test_a_wrong_password_is_said_at_once_and_not_shown(server: RelationalServer, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("wrong-password-that-is-long")
    said = await _misconfigured(server, replace(server.place(), password_file=tmp_path / "password"))
    assert "password_file" in said
    assert "wrong-password" not in said


async def test_a_missing_database_is_said_at_once(server: RelationalServer) -> None:
    assert "absent" in await _misconfigured(server, replace(server.place(), database="absent"))


async def test_a_missing_secret_is_named(server: RelationalServer, tmp_path: Path) -> None:
    said = await _misconfigured(server, replace(server.place(), username_file=tmp_path / "absent"))
    assert str(tmp_path / "absent") in said


async def test_a_server_of_another_authority_is_said_at_once(
    server: RelationalServer, trust: SQLTrust, tmp_path: Path
) -> None:
    strange = replace(trust, ca_file=Authority(tmp_path / "strange").ca_file)
    assert "tls.ca_file" in await _misconfigured(server, replace(server.place(), tls=strange))


async def test_a_server_certified_for_another_name_is_said_at_once(server: RelationalServer, trust: SQLTrust) -> None:
    said = await _misconfigured(server, replace(server.place(), tls=replace(trust, server_name="db.example.com")))
    assert "db.example.com" in said


@pytest.mark.parametrize("mode", ["VerifyCA", "Required"])
async def test_a_weaker_mode_takes_a_server_by_any_name(server: RelationalServer, trust: SQLTrust, mode: str) -> None:
    weaker = replace(trust, server_name="db.example.com", mode=mode)  # type: ignore[arg-type]
    store = _opened(server, replace(server.place(), tls=weaker))
    assert await store.read_liveness() is None
    await store.close()


@pytest.mark.parametrize("files", ["none", "strange"])
async def test_a_client_certificate_that_the_server_refuses_is_said_at_once(
    server: RelationalServer, trust: SQLTrust, tmp_path: Path, files: str
) -> None:
    cert_file, key_file = Authority(tmp_path / "strange").leaf("client") if files == "strange" else (None, None)
    refused = replace(trust, cert_file=cert_file, key_file=key_file)
    assert "tls" in await _misconfigured(server, replace(server.place(), tls=refused))


async def test_a_server_that_demands_tls_refuses_a_client_without(server: RelationalServer) -> None:
    assert "tls" in await _misconfigured(server, replace(server.place(), tls=None))


async def test_a_port_that_is_no_database_is_said(server: RelationalServer) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    web = await asyncio.start_server(answer, "127.0.0.1", 0)
    store = _opened(server, server.place(f"127.0.0.1:{web.sockets[0].getsockname()[1]}"), timeout=2.0)
    async with asyncio.timeout(20):
        with pytest.raises(StoreError):
            await store.read_liveness()
    await store.close()
    web.close()


# --- error codes ------------------------------------------------------------------------------------------------------


class _Answer(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("seen")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("22001", StoreRefused),
        ("23505", StoreRefused),
        ("54000", StoreRefused),
        ("53100", StoreFull),
        ("25006", ReadOnly),
        ("28P01", StoreMisconfigured),
        ("3D000", StoreMisconfigured),
        ("42501", StoreMisconfigured),
        ("40001", StoreUnavailable),
        ("40P01", StoreUnavailable),
        ("57P01", StoreUnavailable),
        ("53300", StoreUnavailable),
        ("08006", StoreUnavailable),
    ],
)
def test_each_code_of_postgresql_has_its_kind(code: str, kind: type[StoreError]) -> None:
    assert type(postgresql_failure(_Answer(code), "db:5432")) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1406, StoreRefused),
        (1267, StoreRefused),
        (1153, StoreRefused),
        (1021, StoreFull),
        (1114, StoreFull),
        (1290, ReadOnly),
        (1045, StoreMisconfigured),
        (1049, StoreMisconfigured),
        (3159, StoreMisconfigured),
        (1213, StoreUnavailable),
        (1047, StoreUnavailable),
        (1412, StoreUnavailable),
        (2006, StoreUnavailable),
        (2013, StoreUnavailable),
    ],
)
def test_each_code_of_mysql_has_its_kind(code: int, kind: type[StoreError]) -> None:
    from asyncmy.errors import OperationalError  # noqa: PLC0415 - the driver's own class

    assert type(mysql_failure(OperationalError(code, "seen"), "db:3306")) is kind


@pytest.mark.parametrize(("codes", "page"), [(mysql_codes.CODES, "mysql"), (postgresql_codes.CODES, "postgresql")])
def test_each_code_stands_on_the_page_of_its_engine_and_no_other(codes: dict[object, object], page: str) -> None:
    text = (Path(__file__).parents[2] / f"docs/reference/store-{page}.md").read_text()
    table = text.partition("\n## Errors\n")[2].partition("\n| what is done")[2].partition("\n\n")[0]
    listed = re.findall(r"\b(?:[0-9][0-9A-Z]{4}|\d{1,4})\b", table)
    wanted = sorted(map(str, codes))
    assert sorted(code for code in listed if code != "503") == wanted
