"""An answer that the lease does not cover: a reset, not a byte, and a line in the log."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from tests.server.conftest import StartServer
from tests.server.member import Member
from tests.server.raw import Raw, post

UPSERT = post("/v1/domains/upsert", b"\n\x04apps")


@pytest.fixture
async def raw(start_server: StartServer) -> AsyncIterator[Raw]:
    server = await start_server(tls=False)
    async with Raw(server.address.port) as raw:
        yield raw


@pytest.mark.parametrize("request_bytes", [post("/v1/ping"), post("/v1/cells/list.r1"), UPSERT])
async def test_without_the_lease_nothing_is_said(member: Member, raw: Raw, request_bytes: bytes) -> None:
    member.holds = lambda: False
    with capture_logs() as lines:
        raw.send(request_bytes)
        with pytest.raises(ConnectionError):
            await raw.ends()
    assert [line["event"] for line in lines] == ["answer-withheld"]


async def test_a_change_of_unknown_outcome_is_not_answered(member: Member, raw: Raw) -> None:
    member.withheld = True
    with capture_logs() as lines:
        raw.send(UPSERT)
        with pytest.raises(ConnectionError):
            await raw.ends()
    assert [line["event"] for line in lines] == ["answer-withheld"]


async def test_the_lease_is_asked_after_the_change_not_before(member: Member, raw: Raw) -> None:
    member.release.clear()
    raw.send(UPSERT)
    member.holds = lambda: False
    member.release.set()
    with pytest.raises(ConnectionError):
        await raw.ends()


async def test_status_and_refusals_need_no_lease(member: Member, raw: Raw) -> None:
    member.holds = lambda: False
    raw.send(b"GET /status HTTP/1.1\r\nHost: bbs\r\n\r\n" + post("/v1/nope"))
    assert [(await raw.reply()).status, (await raw.reply()).status] == [200, 404]


async def test_requests_are_counted_by_route_and_a_scan_adds_one_route(start_server: StartServer) -> None:
    server = await start_server(tls=False)
    async with Raw(server.address.port) as raw, Raw(server.health_address.port) as plain:
        for path in ("/v1/ping", "/v1/ping", "/a", "/b"):
            raw.send(post(path))
            await raw.reply()
        plain.send(b"GET /metrics HTTP/1.1\r\nHost: bbs\r\n\r\n")
        text = (await plain.reply()).body.decode()
    assert 'diego_bbs_request_count_total{route="/v1/ping",status="200"} 2.0' in text
    assert 'diego_bbs_request_count_total{route="unknown",status="404"} 2.0' in text
    assert 'diego_bbs_request_latency_seconds_count{route="/v1/ping"} 2.0' in text
