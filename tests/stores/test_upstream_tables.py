"""Upstream's tables on real servers: read as they were written, written column by column."""

from __future__ import annotations

import pytest

from bbs.layouts.contract import Row
from bbs.layouts.upstream_tables import decode, encode
from bbs.stores.anchor import Anchor, Live, Version
from bbs.stores.contract import Commit, DeleteRange, DeleteRow, DropRoot, PutRow, StoreRefused
from bbs.stores.mysql import MySQL
from bbs.stores.postgresql import PostgreSQL
from bbs.stores.sql import SQLStore
from tests.engines.mariadb import MariaDBServer
from tests.engines.relational import RelationalServer
from tests.engines.upstream import load
from tests.layouts.upstream_databases import DATABASES, rows
from tests.stores.conformance import adopt, after, apply, apply_all, first_anchor, stored

NATURAL, COPY = "tables", "v1772581987@3-1"
WRITTEN = pytest.mark.parametrize("name", ["postgresql-1772581987-key1", "mysql-1772581987-key1"])


@pytest.fixture
def server(name: str, request: pytest.FixtureRequest) -> RelationalServer:
    """The server of that database, with nothing but the database in it."""
    fixture = "mariadb_server" if name.startswith("mysql") else "postgresql_server"
    server: RelationalServer = request.getfixturevalue(fixture)
    server.empty()
    load(server, name)
    return server


@pytest.fixture
def store(server: RelationalServer) -> SQLStore:
    """A client of it."""
    dialect = MySQL(5.0) if isinstance(server, MariaDBServer) else PostgreSQL(5.0)
    return SQLStore(dialect, server.place(), timeout=5.0)


def by_key(found: list[Row]) -> dict[str, bytes]:
    return {row.key: row.value for row in found}


def in_place(version: int = 1772581987) -> Anchor:
    return first_anchor(version).change(live=Live(version, NATURAL), version=Version(version))


@pytest.mark.parametrize("name", DATABASES)
async def test_every_row_is_read_as_it_was_written(name: str, store: SQLStore) -> None:
    wanted = rows(name)
    found = await stored(store, NATURAL)
    assert by_key(found) == by_key(wanted)
    assert len(found) == len(wanted)
    async with store.snapshot() as snapshot:
        survey = await snapshot.survey()
        some = [row.key for row in wanted[::7]]
        assert [row.key for row in await snapshot.rows(NATURAL, ["tasks/nobody", *some])] == some
    assert survey.roots == {NATURAL}
    assert survey.version_record == b'{"CurrentVersion":%d}' % DATABASES[name]
    assert survey.key_label == b"key1"
    await store.close()


@WRITTEN
async def test_a_row_is_written_over_added_and_removed_in_place(name: str, store: SQLStore) -> None:
    wanted = by_key(rows(name))
    anchor = await adopt(store, in_place())
    changed, gone = (
        next(key for key in wanted if key.startswith("actual")),
        next(key for key in wanted if "tasks" in key),
    )
    columns = decode(wanted[changed])
    wanted[changed] = encode({**columns, "crash_reason": "it's \\ \u00fc", "since": 2**62, "routable": True})
    new = {**columns, "process_guid": "a/b", "presence": 2, "placement_error": "", "metric_tags": None}
    wanted["actual_lrps/a%2Fb/" + changed.split("/")[2] + "/2"] = encode(new)
    del wanted[gone]
    puts = [PutRow(NATURAL, Row(key, wanted[key])) for key in (changed, next(key for key in wanted if "%2F" in key))]
    anchor = await apply(store, anchor, *puts, DeleteRow(NATURAL, gone))
    assert by_key(await stored(store, NATURAL)) == wanted
    await apply(store, anchor, DeleteRow(NATURAL, puts[1].row.key))
    assert len(await stored(store, NATURAL)) == len(wanted) - 1
    await store.close()


@WRITTEN
async def test_a_deposed_holder_changes_no_row_of_upstreams_tables(name: str, store: SQLStore) -> None:
    before = by_key(rows(name))
    anchor = await adopt(store, in_place())
    late = Commit(
        anchor.change(epoch=0), anchor.change(seq=9), after(anchor, DeleteRow(NATURAL, next(iter(before)))).writes
    )
    await store.commit(late)
    assert by_key(await stored(store, NATURAL)) == before
    await store.close()


@WRITTEN
async def test_a_copy_lies_beside_and_goes_without_a_trace(
    name: str, store: SQLStore, server: RelationalServer
) -> None:
    wanted = rows(name)
    anchor = await adopt(store, in_place())
    anchor = await apply_all(store, anchor, COPY, wanted)
    assert by_key(await stored(store, COPY)) == by_key(wanted)
    async with store.snapshot() as snapshot:
        assert (await snapshot.survey()).roots == {NATURAL, COPY}
        pages = [page async for page in snapshot.scan(COPY)]
    for page in pages:
        anchor = await apply(store, anchor, DeleteRange(COPY, page[0].key, page[-1].key))
    assert await stored(store, COPY) == []
    await apply(store, anchor, DropRoot(COPY))
    async with store.snapshot() as snapshot:
        assert (await snapshot.survey()).roots == {NATURAL}
    assert by_key(await stored(store, NATURAL)) == by_key(wanted)
    await store.close()


@WRITTEN
async def test_while_ours_serves_the_version_record_is_one_that_every_go_bbs_refuses(
    name: str, store: SQLStore
) -> None:
    await adopt(store, in_place())
    async with store.snapshot() as snapshot:
        record = (await snapshot.survey()).version_record
    assert record == b'{"CurrentVersion":4000000000,"TargetVersion":1772581987}'
    await store.close()


@pytest.mark.parametrize("name", ["mysql-1772581987-key1"])
async def test_a_guid_that_differs_in_case_only_is_refused_and_not_written_over(name: str, store: SQLStore) -> None:
    before = by_key(rows(name))
    anchor = await adopt(store, in_place())
    taken = decode(before["desired_lrps/app-0001"])
    other = Row("desired_lrps/APP-0001", encode({**taken, "process_guid": "APP-0001"}))
    with pytest.raises(StoreRefused):
        await store.commit(after(anchor, PutRow(NATURAL, other)))
    assert by_key(await stored(store, NATURAL)) == before
    await store.close()
