"""A BBS started from what the operator renders for a PostgreSQL of somebody else: its file, its mounts, its last words.

Only what a pod brings is replaced: the root of the mounts, and addresses of its own instead of all.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from controllers.certificates import FIRST_LABEL
from controllers.decide.observation import STORE_MISCONFIGURED, Identity, Pod
from controllers.observe.members import member_of
from controllers.observe.pods import pod_of
from controllers.render.records import config_map, identity_map
from controllers.render.workloads import blueprints, template
from tests.controllers.render.sample import NAMES, diego
from tests.engines.own_server import DATABASE, PASSWORD, USER
from tests.engines.ports import free_port
from tests.engines.postgresql import PostgreSQLServer
from tests.processes.cluster import Cluster
from tests.processes.member import Member

LAST_WORDS_BYTES, LAST_WORDS_LINES = 2048, 80
"""What a kubelet keeps of the log of a container that failed."""


@pytest.fixture(scope="module")
def started() -> Iterator[PostgreSQLServer]:
    server = PostgreSQLServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def database(started: PostgreSQLServer) -> PostgreSQLServer:
    started.empty()
    return started


@pytest.fixture
def member(folder: Path) -> Iterator[Member]:
    cluster = Cluster(folder, 1)
    yield cluster.members[0]
    cluster.end()


def store(port: int) -> dict[str, Any]:
    """What a user writes."""
    place = {
        "hosts": [{"host": "127.0.0.1", "port": port}],
        "database": DATABASE,
        "credentialsSecretRef": {"name": "db-login"},
        "tls": {"caSecretRef": {"name": "db-ca"}, "clientCertificateSecretRef": {"name": "db-client"}},
    }
    return {"type": "PostgreSQL", "postgresql": place}


def secrets(member: Member, database: PostgreSQLServer, password: str) -> dict[str, dict[str, str]]:
    """What lies in the namespace."""
    server, (cert_file, key_file) = member.certificates / "server", database.client_files
    trust = (member.certificates / "ca.crt").read_text()
    own = {"ca.crt": trust, **{name: (server / name).read_text() for name in ("tls.crt", "tls.key")}}
    return {
        "db-login": {"username": USER, "password": password},
        "db-ca": {"ca.crt": database.authority.ca_file.read_text()},
        "db-client": {"tls.crt": cert_file.read_text(), "tls.key": key_file.read_text()},
        "diego-bbs-tls": own,
        "diego-keyring": {FIRST_LABEL: "a passphrase"},
    }


def deploy(member: Member, port: int, kept: dict[str, dict[str, str]]) -> None:
    """As a kubelet mounts it, below the member's folder instead of /etc/diego."""
    sample = diego(store=store(port))
    found = blueprints(sample, NAMES, "0.2.0", FIRST_LABEL)["diego-bbs-0"]
    maps = {
        "diego-bbs": config_map(sample, NAMES, "bbs", [found], {})["data"],
        "diego-identity": identity_map(sample, NAMES, Identity("store-1", adopted=False))["data"],
    }
    root = member.config.parent / "etc"
    pod = template(sample, NAMES, found)["spec"]
    mounts = {
        one["name"]: one["mountPath"].replace("/etc/diego", str(root)) for one in pod["containers"][0]["volumeMounts"]
    }
    for volume in pod["volumes"]:
        for name, content in files(volume, kept, maps).items():
            Path(mounts[volume["name"]]).mkdir(parents=True, exist_ok=True)
            Path(mounts[volume["name"]], name).write_text(content)
    own = yaml.safe_load(member.config.read_text())
    rendered = yaml.safe_load((root / "config/config.yaml").read_text().replace("/etc/diego", str(root)))
    places = ("listen_address", "health_address", "advertise_url", "member")
    member.config.write_text(yaml.safe_dump({**rendered, **{key: own[key] for key in places}}))


def files(volume: dict[str, Any], kept: dict[str, dict[str, str]], maps: dict[str, dict[str, str]]) -> dict[str, str]:
    """The files of a volume."""
    if "secret" in volume:
        return kept[volume["secret"]["secretName"]]
    if "configMap" in volume:
        data = maps[volume["configMap"]["name"]]
        return {one["path"]: data[one["key"]] for one in volume["configMap"].get("items", ())} or data
    chosen = [one["secret"] for one in volume.get("projected", {}).get("sources", ())]
    return {item["path"]: kept[one["name"]][item["key"]] for one in chosen for item in one["items"]}


async def last_words(member: Member) -> Pod:
    """The pod as the API server tells of it, once its program has ended."""
    code = await member.ended()
    words = "\n".join(member.log.read_text().splitlines()[-LAST_WORDS_LINES:])[-LAST_WORDS_BYTES:]
    ended = {"terminated": {"exitCode": code, "message": words}}
    status = {"restartCount": 1, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": ended}
    metadata = {"name": "diego-bbs-0-0", "uid": "u", "resourceVersion": "1"}
    return pod_of({"metadata": metadata, "status": {"containerStatuses": [status]}})


async def test_a_bbs_serves_from_what_is_rendered(member: Member, database: PostgreSQLServer) -> None:
    deploy(member, database.port, secrets(member, database, PASSWORD))
    member.start()
    seen = await member.comes_to(role="Master", state="Serving")
    assert (seen["store"]["type"], seen["store"]["owner"]) == ("postgresql", "ns/diego")
    assert "diego_anchor" in database.tables()


async def test_a_refused_password_ends_the_bbs_with_words_that_name_it_and_hide_it(
    member: Member, database: PostgreSQLServer
) -> None:
    deploy(member, database.port, secrets(member, database, "not-the-password"))
    member.start()
    pod = await last_words(member)
    assert (pod.waiting, "password authentication failed" in pod.waiting_message) == (STORE_MISCONFIGURED, True)
    assert "not-the-password" not in member.log.read_text()


async def test_a_wrong_server_is_waited_for_and_named_in_the_status(member: Member, database: PostgreSQLServer) -> None:
    port = free_port()
    deploy(member, port, secrets(member, database, PASSWORD))
    member.start()
    seen = member_of("diego-bbs-0-0", await member.comes_to(state="StoreUnavailable"))
    assert f"127.0.0.1:{port}" in seen.reason_message


async def test_a_new_password_is_taken_from_its_file_without_a_restart(
    member: Member, database: PostgreSQLServer
) -> None:
    deploy(member, database.port, secrets(member, database, PASSWORD))
    member.start()
    await member.comes_to(role="Master", state="Serving")
    before = member.child()
    try:
        database.sql(f"ALTER ROLE {USER} PASSWORD 'another'")
        (member.config.parent / "etc/store/password").write_text("another")
        database.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{USER}'")
        async with member.client() as client:
            await client.upsert_domain("after", 0)
        assert member.child() == before
    finally:
        quoted = PASSWORD.replace("'", "''")
        database.sql(f"ALTER ROLE {USER} PASSWORD '{quoted}'")
