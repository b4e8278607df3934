"""Who may connect, with which TLS, and what happens when certificates are replaced under a running server."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from bbs.client.tls import LiveContext
from bbs.server import BBSApplication, BBSServer, Bind, Credentials
from tests.certificates import Certificates
from tests.server.conftest import StartServer
from tests.server.member import Member, context, no_cells
from tests.server.raw import Raw, post


async def answers(port: int, client: ssl.SSLContext) -> bool:
    """Whether a ping is answered; under TLS 1.3 a refused client sees that only when it reads."""
    try:
        async with Raw(port, client) as raw:
            raw.send(post("/v1/ping"))
            return (await raw.reply()).status == 200
    except (OSError, asyncio.IncompleteReadError):
        return False


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_both_tls_versions_are_spoken(
    server: BBSServer, certificates: Certificates, version: ssl.TLSVersion
) -> None:
    client = certificates.context()
    client.minimum_version = client.maximum_version = version
    assert await answers(server.address.port, client)


async def test_tls_1_2_takes_the_two_suites_of_diego_only(server: BBSServer, certificates: Certificates) -> None:
    client = certificates.context()
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers("ECDHE-RSA-CHACHA20-POLY1305")
    assert not await answers(server.address.port, client)


async def test_who_has_no_certificate_is_refused(server: BBSServer, certificates: Certificates) -> None:
    assert not await answers(server.address.port, ssl.create_default_context(cafile=str(certificates.ca_file)))


async def test_who_has_a_certificate_of_others_is_refused(
    server: BBSServer, certificates: Certificates, tmp_path: Path
) -> None:
    files = Certificates.create(tmp_path, "other ca").client()
    client = ssl.create_default_context(cafile=str(certificates.ca_file))
    client.load_cert_chain(files.cert_file, files.key_file)
    assert not await answers(server.address.port, client)


async def test_an_authority_below_another_is_trusted_as_it_is(certificates: Certificates, tmp_path: Path) -> None:
    """As in Go: what lies in the file need not be self-signed."""
    below = Certificates.create(tmp_path, "below")
    below.sign_authority(certificates)
    credentials = Credentials(below.server())
    member = Member()
    own = BBSServer(member, BBSApplication(member, context, no_cells), CollectorRegistry(), credentials)
    own.start(Bind("127.0.0.1", 0), None)
    try:
        assert await answers(own.address.port, LiveContext(below.client()).current())
    finally:
        await own.close(0.1)


async def test_http_2_is_not_offered(server: BBSServer, certificates: Certificates) -> None:
    client = certificates.context()
    client.set_alpn_protocols(["h2", "http/1.1"])
    async with Raw(server.address.port, client) as raw:
        assert raw.writer.get_extra_info("ssl_object").selected_alpn_protocol() is None


async def test_a_client_that_speaks_no_tls_is_dropped(server: BBSServer) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/ping"))
        assert not (await raw.ends()).startswith(b"HTTP")


async def test_new_authorities_count_for_new_connections_and_old_ones_live_on(tmp_path: Path) -> None:
    old, new = Certificates.create(tmp_path / "old", "old"), Certificates.create(tmp_path / "new", "new")
    old.leaf("bbs")
    new.leaf("bbs")
    member, live = Member(), Certificates.create(tmp_path / "live")
    shutil.copytree(tmp_path / "old", tmp_path / "live", dirs_exist_ok=True)
    credentials = Credentials(live.server())
    server = BBSServer(member, BBSApplication(member, context, no_cells), CollectorRegistry(), credentials)
    server.start(Bind("127.0.0.1", 0), None)
    async with Raw(server.address.port, old.context()) as before:
        before.send(post("/v1/ping"))
        await before.reply()
        shutil.copytree(tmp_path / "new", tmp_path / "live", dirs_exist_ok=True)
        assert credentials.reload()
        assert not await answers(server.address.port, old.context())
        assert await answers(server.address.port, new.context())
        before.send(post("/v1/ping"))
        assert (await before.reply()).status == 200
    await server.close(0.1)


async def test_a_running_server_finds_new_files_by_itself(tmp_path: Path) -> None:
    """Certificate, key and authorities, told by nobody."""
    old, new = Certificates.create(tmp_path / "old", "old"), Certificates.create(tmp_path / "new", "new")
    new.leaf("bbs")
    member, credentials = Member(), Credentials(old.server())
    server = BBSServer(member, BBSApplication(member, context, no_cells), CollectorRegistry(), credentials)
    server.start(Bind("127.0.0.1", 0), None)
    port, known, unknown = server.address.port, old.context(), new.context()
    try:
        assert [await answers(port, client) for client in (known, unknown)] == [True, False]
        shutil.copytree(tmp_path / "new", tmp_path / "old", dirs_exist_ok=True)
        async with asyncio.timeout(60):
            while not await answers(port, unknown):  # each look is a handshake, so the loop gets its turns
                pass
        unknown.maximum_version = ssl.TLSVersion.TLSv1_2
        assert [await answers(port, client) for client in (known, unknown)] == [False, True]
    finally:
        await server.close(0.1)


async def test_half_written_files_leave_the_old_ones_in_use(tmp_path: Path) -> None:
    certificates = Certificates.create(tmp_path)
    credentials = Credentials(certificates.server())
    before = credentials.context(), credentials.trust_sha256
    (tmp_path / "bbs/tls.crt").write_text("-----BEGIN")
    assert not credentials.reload()
    assert (credentials.context(), credentials.trust_sha256) == before


async def test_a_burst_of_clients_is_served_while_calls_go_on(
    start_server: StartServer, certificates: Certificates
) -> None:
    server = await start_server()
    client = certificates.context()
    results = await asyncio.gather(*(answers(server.address.port, client) for _ in range(100)))
    assert all(results)
