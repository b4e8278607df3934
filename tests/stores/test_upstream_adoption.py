"""The database of a real Go BBS under the program `bbs`: adopted, migrated to our layout and down again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bbs.interchange.lines import export_line
from bbs.stores.sql_hosts import SQLPlace
from tests.cli.test_a_store_from_end_to_end import Deployment
from tests.cli.test_command_line import bbs
from tests.engines.mariadb import MariaDBServer
from tests.engines.relational import RelationalServer
from tests.engines.upstream import load
from tests.layouts.upstream_databases import KEYS, records

OURS, UPSTREAM = 4000000001, 1772581987


def configured(deployment: Deployment, server: RelationalServer) -> Deployment:
    """A configuration for that server and the keys of the recorded databases."""
    place: SQLPlace = server.place()
    engine = "mysql" if isinstance(server, MariaDBServer) else "postgresql"
    trust = place.tls
    assert trust is not None
    text = deployment.config.read_text().partition("store:")[0]
    deployment.keyring.mkdir()
    for label, passphrase in KEYS.items():
        (deployment.keyring / label).write_text(passphrase)
    deployment.config.write_text(
        f"{text}keyring_dir: {deployment.keyring}\ninitial_key: key1\n"
        f"store: {{type: {engine}, {engine}: {{hosts: ['{place.hosts[0]}'], database: {place.database},"
        f" username_file: {place.username_file}, password_file: {place.password_file},"
        f" tls: {{ca_file: {trust.ca_file}, cert_file: {trust.cert_file}, key_file: {trust.key_file}}}}}}}\n"
    )
    return deployment


@pytest.fixture
def deployment(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Deployment:
    fixture = "mariadb_server" if name.startswith("mysql") else "postgresql_server"
    server: RelationalServer = request.getfixturevalue(fixture)
    server.empty()
    load(server, name)
    return configured(Deployment(tmp_path), server)


@pytest.mark.parametrize(
    "name",
    ["postgresql-1676360874", "postgresql-1722634733", "postgresql-1772581987-rotating", "mysql-1772581987-key1"],
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
