"""The client and the server over real mutual TLS."""

from __future__ import annotations

import pytest

from bbs.client import BBSClient, NotAvailable, Refused
from bbs.master.serving import Redirect, Unavailable
from bbs.server import BBSServer
from tests.certificates import Certificates
from tests.server.conftest import StartServer
from tests.server.member import Member


async def test_a_ping_is_answered(client: BBSClient) -> None:
    assert await client.ping()


async def test_what_was_written_is_read(client: BBSClient) -> None:
    await client.upsert_domain("apps", 0)
    assert await client.domains() == ["apps"]


async def test_a_standby_sends_the_call_to_the_master(
    member: Member, client: BBSClient, start_server: StartServer
) -> None:
    master = Member()
    there = await start_server(master)
    member.instead = Redirect(f"https://localhost:{there.address.port}")
    await client.upsert_domain("apps", 0)
    assert len(master.state.records) == 1
    assert not member.state.records


async def test_two_standbys_that_point_at_each_other_are_nobody(
    member: Member, client: BBSClient, server: BBSServer
) -> None:
    member.instead = Redirect(f"https://localhost:{server.address.port}")
    with pytest.raises(NotAvailable) as failure:
        await client.call("/v1/ping", within=0.3)
    assert failure.value.code == "NoMaster"


async def test_a_migration_is_waited_for_and_then_named(member: Member, client: BBSClient) -> None:
    member.instead = Unavailable("Migrating", "0 -> 4000000001", "wait", 0, 4000000001, 10, 500, 2.5)
    with pytest.raises(NotAvailable) as failure:
        await client.call("/v1/ping", within=0.2)
    assert failure.value.code == "Migrating"
    assert failure.value.body["done"] == 10


async def test_status_is_the_members_own(member: Member, client: BBSClient) -> None:
    member.instead = Redirect("https://localhost:1")
    assert (await client.status())["epoch"] == 7


async def test_only_the_operator_raises_the_target(
    server: BBSServer, certificates: Certificates, client: BBSClient
) -> None:
    with pytest.raises(Refused) as failure:
        await client.set_target(4000000001, "t", 3)
    assert failure.value.status == 403
    url = f"https://localhost:{server.address.port}"
    async with BBSClient(url, certificates.client("diego-operator")) as operator:
        assert await operator.set_target(4000000001, "t", 3) == {"generation": 4}


async def test_a_stale_generation_is_refused_with_what_to_do(server: BBSServer, certificates: Certificates) -> None:
    url = f"https://localhost:{server.address.port}"
    async with BBSClient(url, certificates.client("diego-operator")) as operator:
        with pytest.raises(Refused, match="read /status again") as failure:
            await operator.set_target(4000000001, "t", 2)
    assert failure.value.status == 412
