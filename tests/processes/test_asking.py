"""Who may ask what, of a master and of a standby: one deployment for all."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from bbs.certs.directory import write_certificates
from tests.engines.etcd import EtcdServer
from tests.processes.cluster import PATIENT_LOCK, Cluster
from tests.processes.member import Member, leaf
from tests.processes.wire import ask, context, exchange, plain, request

STALE = {"name": "none", "if_generation": 0, "if_active": "another", "max_records_per_second": 5}
TARGET = "/admin/v1/target"
LIVE = "v4000000001@1-0"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Member, Member]]:
    """A master and a standby that run for the whole module."""
    etcd = EtcdServer(tmp_path_factory.mktemp("etcd-of-a-pair"))
    etcd.start()
    cluster = Cluster(tmp_path_factory.mktemp("pair"), 2, etcd, lock=PATIENT_LOCK)
    try:
        master = asyncio.run(cluster.start())
        yield master, cluster.others(master)[0]
    finally:
        cluster.end()
        etcd.kill()


async def test_a_standby_sends_clients_to_the_master(pair: tuple[Member, Member]) -> None:
    master, standby = pair
    heard = await ask(standby, "POST", "/v1/domains/list")
    assert (heard.status, heard.headers["location"]) == (307, f"{master.url}/v1/domains/list")
    assert "protobuf" not in heard.headers["content-type"]
    async with standby.client() as client:
        await client.upsert_domain("by-way-of-the-standby", 0)
    async with master.client() as client:
        assert "by-way-of-the-standby" in await client.domains()


async def test_each_member_tells_its_own_status(pair: tuple[Member, Member]) -> None:
    master, standby = pair
    of_master, of_standby = await master.status() or {}, await standby.status() or {}
    assert (of_master["role"], of_standby["role"]) == ("Master", "Standby")
    assert set(of_master) == set(of_standby)
    assert of_standby["master"] == {"member": master.name, "url": master.url, "epoch": of_master["epoch"]}


async def test_health_readiness_and_metrics_are_plain(pair: tuple[Member, Member]) -> None:
    for member in pair:
        assert (await plain(member, "/healthz")).status == 200
        assert (await plain(member, "/readyz")).status == 200
        metrics = (await plain(member, "/metrics")).body.decode()
        assert f"diego_bbs_lock_held {1.0 if member is pair[0] else 0.0}" in metrics
        assert (await plain(member, "/status")).status == 404


async def test_a_client_of_another_authority_is_refused(pair: tuple[Member, Member], tmp_path: Path) -> None:
    master, _ = pair
    write_certificates(tmp_path / "others", datetime.datetime.now(datetime.UTC))
    theirs = leaf(tmp_path / "others", "operator")
    tls = ssl.create_default_context(cafile=str(master.certificates / "ca.crt"))
    tls.load_cert_chain(theirs.cert_file, theirs.key_file)
    with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
        await exchange(master.port, request("POST", "/v1/ping"), tls)
    await master.logged("handshake-refused")


async def test_a_client_does_not_believe_a_server_of_another_authority(
    pair: tuple[Member, Member], tmp_path: Path
) -> None:
    write_certificates(tmp_path / "others", datetime.datetime.now(datetime.UTC))
    with pytest.raises(ssl.SSLCertVerificationError):
        await exchange(pair[0].port, request("POST", "/v1/ping"), context(leaf(tmp_path / "others", "client")))


@pytest.mark.parametrize(
    ("name", "method", "path", "body", "status", "code"),
    [
        ("client", "PUT", TARGET, {}, 403, "WrongCertificate"),
        ("server", "POST", "/admin/v1/step-down", {"epoch": 1}, 403, "WrongCertificate"),
        ("client", "GET", "/stream/v1", b"", 403, "WrongCertificate"),
        ("operator", "PUT", TARGET, {"version": 0, "token": "t", "if_generation": 99}, 412, "StaleGeneration"),
        ("operator", "POST", "/admin/v1/step-down", {"epoch": 99}, 412, "StaleEpoch"),
        ("operator", "PUT", TARGET, {"version": 5, "token": "t", "if_generation": 0}, 422, "VersionNotServed"),
        ("operator", "PUT", TARGET, {"version": 5, "token": "t"}, 422, "MalformedRequest"),
        ("operator", "PUT", TARGET, b"{", 422, "MalformedRequest"),
        ("operator", "PUT", "/admin/v1/active-key", {"name": "none", "if_generation": 0}, 422, "KeyMissing"),
        ("operator", "PUT", "/admin/v1/active-key", STALE, 412, "StaleActiveKey"),
        ("operator", "POST", "/admin/v1/prepare", {"version": 5}, 422, "VersionNotServed"),
        ("operator", "POST", "/admin/v1/drop-roots", {"roots": [LIVE], "if_generation": 0}, 422, "RootInUse"),
    ],
)  # fmt: skip
async def test_a_command_that_may_not_be_carried_out_is_refused_with_a_reason(
    pair: tuple[Member, Member], name: str, method: str, path: str, body: object, status: int, code: str
) -> None:
    heard = await ask(pair[0], method, path, body, name=name)
    assert (heard.status, heard.json["code"]) == (status, code)
    assert set(heard.json) == {"code", "message", "remedy"}


async def test_a_command_to_a_standby_goes_to_the_master(pair: tuple[Member, Member]) -> None:
    master, standby = pair
    heard = await ask(standby, "POST", "/admin/v1/step-down", {"epoch": 99}, name="operator")
    assert (heard.status, heard.headers["location"]) == (307, f"{master.url}/admin/v1/step-down")
