"""The database of a real Go BBS under the program `bbs`: adopted, migrated to our layout and down again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bbs.client import BBSClient
from bbs.client.caller import Caller
from bbs.interchange.lines import export_line
from bbs.stores.sql_hosts import SQLPlace
from tests.cli.test_a_store_from_end_to_end import Deployment
from tests.cli.test_command_line import bbs
from tests.components.certificates import Trust
from tests.components.test_locket import Locket
from tests.engines.mariadb import MariaDBServer
from tests.engines.relational import RelationalServer
from tests.engines.upstream import load
from tests.layouts.test_upstream_databases import normal
from tests.layouts.upstream_databases import KEYS, answers, records

OURS, UPSTREAM = 4000000001, 1772581987


@asynccontextmanager
async def running_locket(folder: Path, trust: Trust) -> AsyncIterator[Locket]:
    """A Locket like the one that a Go BBS used."""
    locket = Locket(folder, trust, "locket", {"type": "sqlite", "sqlite": {"path": str(folder / "locks.db")}})
    await locket.start()
    try:
        yield locket
    finally:
        await locket.stop()


def configured(deployment: Deployment, server: RelationalServer, locket: Locket, trust: Trust) -> Deployment:
    """A configuration for that server, the keys of the recorded databases and Locket."""
    files = trust.leaf("bbs")
    place: SQLPlace = server.place()
    engine = "mysql" if isinstance(server, MariaDBServer) else "postgresql"
    access = place.tls
    assert access is not None
    text = deployment.config.read_text().partition("store:")[0]
    deployment.keyring.mkdir()
    for label, passphrase in KEYS.items():
        (deployment.keyring / label).write_text(passphrase)
    deployment.config.write_text(
        f"{text}locket_address: {locket.address}\nlocket_ca_cert_file: {files.ca_file}\n"
        f"locket_client_cert_file: {files.cert_file}\nlocket_client_key_file: {files.key_file}\n"
        f"keyring_dir: {deployment.keyring}\ninitial_key: key1\n"
        f"store: {{type: {engine}, {engine}: {{hosts: ['{place.hosts[0]}'], database: {place.database},"
        f" username_file: {place.username_file}, password_file: {place.password_file},"
        f" tls: {{ca_file: {access.ca_file}, cert_file: {access.cert_file}, key_file: {access.key_file}}}}}}}\n"
    )
    return deployment


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    return Trust(tmp_path / "trust")


@pytest.fixture
async def locket(tmp_path: Path, trust: Trust) -> AsyncIterator[Locket]:
    async with running_locket(tmp_path, trust) as locket:
        yield locket


@pytest.fixture
def deployment(name: str, tmp_path: Path, request: pytest.FixtureRequest, locket: Locket, trust: Trust) -> Deployment:
    fixture = "mariadb_server" if name.startswith("mysql") else "postgresql_server"
    server: RelationalServer = request.getfixturevalue(fixture)
    server.empty()
    load(server, name)
    return configured(Deployment(tmp_path), server, locket, trust)


@pytest.mark.parametrize(
    "name",
    ["postgresql-1676360874", "postgresql-1772581987-rotating", "mysql-1772581987-key1"],
)
async def test_it_goes_to_our_layout_and_down_to_upstreams_and_every_record_is_the_same(
    name: str, deployment: Deployment
) -> None:
    wanted = [export_line(record).decode().rstrip() for record in records(name)]
    for to in (OURS, UPSTREAM, OURS):
        moved = await bbs("migrate", "run", "--to", to, "--config", deployment.config)
        assert (moved.returncode, moved.stdout) == (0, f"{to}\n"), moved.stderr
        exported = await bbs("export", "--config", deployment.config)
        assert sorted(exported.stdout.splitlines()) == sorted(wanted)


@pytest.mark.parametrize("name", ["postgresql-1772581987-key1"])
async def test_nothing_is_adopted_while_a_go_bbs_holds_its_lock(
    name: str, deployment: Deployment, locket: Locket
) -> None:
    await locket.client.lock("bbs", "a-go-bbs", ttl_s=60)
    refused = await bbs("export", "--config", deployment.config)
    assert (refused.returncode, refused.stdout, "stop every Go BBS" in refused.stderr) == (3, "", True)
    await locket.client.release("bbs", "a-go-bbs")
    adopted = await bbs("export", "--config", deployment.config)
    assert (adopted.returncode, len(adopted.stdout.splitlines())) == (0, len(records(name)))
    assert await locket.client.fetch("bbs") is None


@pytest.mark.parametrize("name", ["postgresql-1772581987-key1"])
async def test_without_locket_nobody_knows_whether_a_go_bbs_serves(deployment: Deployment) -> None:
    lines = deployment.config.read_text().splitlines()
    deployment.config.write_text("\n".join(line for line in lines if not line.startswith("locket_address")))
    refused = await bbs("export", "--config", deployment.config)
    assert (refused.returncode, "no locket_address is configured" in refused.stderr) == (3, True)


@pytest.mark.parametrize("name", ["postgresql-1772581987-key1", "mysql-1772581987-key1"])
async def test_served_in_place_it_is_answered_as_the_real_server_answered_and_changed_in_its_own_tables(
    name: str, deployment: Deployment, request: pytest.FixtureRequest
) -> None:
    """The deployment's target is managed and none was set: the version that was found is the one that is served."""
    tls = deployment.certificates.client()
    async with deployment.served(), BBSClient(deployment.url, tls, timeout=30) as client:
        caller = Caller(deployment.url, tls, timeout=30)
        for answer in answers(name):
            given = await caller.exchange("POST", answer.path, answer.request, "application/x-protobuf")
            assert normal(answer.path, given.body) == normal(answer.path, answer.response), answer.path
        await caller.close()
        await client.upsert_domain("ours", 60)
    fixture = "mariadb_server" if name.startswith("mysql") else "postgresql_server"
    server: RelationalServer = request.getfixturevalue(fixture)
    assert server.sql("SELECT domain FROM domains WHERE domain = 'ours'", "diego") == ["ours"]
    assert server.sql("SELECT value FROM configurations WHERE id = 'version'", "diego") == [
        '{"CurrentVersion":4000000000,"TargetVersion":1772581987}'
    ]
