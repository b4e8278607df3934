"""A database that was a Go BBS's is one again: `bbs handback`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bbs.configuration.loading import load as load_configuration
from bbs.interchange.lines import export_digest
from bbs.master.committer import Draft
from bbs.master.handback import clear_names, roll_forward
from bbs.master.holder import claim_for
from bbs.stores.anchor import HANDED_BACK
from bbs.stores.mysql import MySQL
from bbs.stores.postgresql import PostgreSQL
from bbs.stores.sql import SQLStore
from tests.cli.test_a_store_from_end_to_end import Deployment
from tests.cli.test_command_line import bbs
from tests.components.certificates import Trust
from tests.engines.mariadb import MariaDBServer
from tests.engines.own_server import DATABASE
from tests.engines.relational import RelationalServer
from tests.engines.upstream import load, schema_of
from tests.layouts.upstream_databases import decoded, records, rows
from tests.stores.conformance import stored
from tests.stores.test_upstream_adoption import OURS, UPSTREAM, configured, running_locket

EACH = pytest.mark.parametrize("name", ["postgresql-1772581987-key1", "mysql-1772581987-key1"])
PLAIN = b'{"CurrentVersion":1772581987}'


@pytest.fixture
def server(name: str, request: pytest.FixtureRequest) -> RelationalServer:
    server: RelationalServer = request.getfixturevalue(
        "mariadb_server" if name.startswith("mysql") else "postgresql_server"
    )
    server.empty()
    if isinstance(server, MariaDBServer):
        server.sql(f"ALTER DATABASE {DATABASE} CHARACTER SET latin1", DATABASE)
    load(server, name)
    return server


@pytest.fixture
async def deployment(server: RelationalServer, tmp_path: Path) -> AsyncIterator[Deployment]:
    trust = Trust(tmp_path / "trust")
    async with running_locket(tmp_path, trust) as locket:
        yield configured(Deployment(tmp_path), server, locket, trust)


async def as_a_go_bbs_finds_it(server: RelationalServer) -> tuple[bytes | None, dict[str, bytes]]:
    """Version record and rows."""
    dialect = MySQL(5.0) if isinstance(server, MariaDBServer) else PostgreSQL(5.0)
    store = SQLStore(dialect, server.place(), timeout=5.0)
    async with store.snapshot() as snapshot:
        record = (await snapshot.survey()).version_record
    found = {row.key: row.value for row in await stored(store, "tables")}
    await store.close()
    return record, found


async def moved(deployment: Deployment, *versions: int) -> None:
    for to in versions:
        done = await bbs("migrate", "run", "--to", to, "--config", deployment.config)
        assert done.returncode == 0, done.stderr


async def handed_back(deployment: Deployment) -> None:
    done = await bbs("handback", "--config", deployment.config)
    assert (done.returncode, done.stdout) == (0, f"{UPSTREAM}\n"), done.stderr


@EACH
async def test_a_database_served_in_place_goes_back_as_it_came(
    name: str, server: RelationalServer, deployment: Deployment
) -> None:
    schema = schema_of(server)
    assert (await bbs("export", "--config", deployment.config)).returncode == 0
    assert schema_of(server) != schema
    await handed_back(deployment)
    assert schema_of(server) == schema
    assert await as_a_go_bbs_finds_it(server) == (PLAIN, {row.key: row.value for row in rows(name)})


@EACH
async def test_a_migrated_database_comes_back_with_the_very_schema_and_all_records(
    name: str, server: RelationalServer, deployment: Deployment
) -> None:
    schema = schema_of(server)
    await moved(deployment, OURS, UPSTREAM)
    for _ in range(2):
        await handed_back(deployment)
        assert schema_of(server) == schema
    record, found = await as_a_go_bbs_finds_it(server)
    back = [decoded(UPSTREAM, row) for row in rows(name) if row.key in found]
    assert record == PLAIN
    assert len(found) == len(back)
    assert export_digest(back) == export_digest(records(name))


@EACH
@pytest.mark.parametrize("steps", [1, 2, 3])
async def test_whoever_runs_it_again_finishes_what_was_begun(
    name: str, steps: int, server: RelationalServer, deployment: Deployment
) -> None:
    schema = schema_of(server)
    await moved(deployment, OURS, UPSTREAM)
    async with claim_for(load_configuration(deployment.config), hands_back=True) as (parts, committer):
        assert isinstance(parts.store, SQLStore)
        await clear_names(committer)
        await committer.commit(lambda _: Draft(members={"moved_to": HANDED_BACK}))
        if steps == 2:
            await parts.store.give_upstream_names(committer.anchor.live.root)
        if steps == 3:
            await roll_forward(committer, parts.store.give_upstream_names)
    served = await bbs("export", "--config", deployment.config)
    assert (served.returncode, "bbs handback" in served.stderr) == (3, True)
    await handed_back(deployment)
    assert schema_of(server) == schema
    record, found = await as_a_go_bbs_finds_it(server)
    assert (record, set(found)) == (PLAIN, {row.key for row in rows(name)})


@pytest.mark.parametrize("name", ["postgresql-1772581987-key1"])
async def test_only_upstreams_newest_version_is_handed_back(deployment: Deployment) -> None:
    await moved(deployment, OURS)
    refused = await bbs("handback", "--config", deployment.config)
    assert (refused.returncode, f"bbs migrate run --to {UPSTREAM}" in refused.stderr) == (3, True)


@EACH
async def test_while_somebody_reads_upstreams_old_tables_nothing_is_begun(
    name: str, server: RelationalServer, deployment: Deployment
) -> None:
    """Their names are not free, and once something was marked what lies there may be the records themselves."""
    await moved(deployment, OURS, UPSTREAM)
    dialect = MySQL(5.0) if isinstance(server, MariaDBServer) else PostgreSQL(5.0)
    reader = SQLStore(dialect, server.place(), timeout=5.0)
    async with reader.snapshot() as snapshot:
        assert [page async for page in snapshot.scan("tables")]
        refused = await bbs("handback", "--config", deployment.config)
        assert (refused.returncode, "in use by another session" in refused.stderr) == (3, True), refused.stderr
    await reader.close()
    await handed_back(deployment)
    assert (await as_a_go_bbs_finds_it(server))[0] == PLAIN
