"""HTTP/1.1 as Diego's clients meet it, byte by byte. Expected answers are those of the reference server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bbs.master.serving import Redirect, Unavailable
from bbs.server import BBSServer
from bbs.server.listener import Times
from bbs.server.parsing import Limits
from bbs.wire.core_pb2 import Error, UpsertDomainRequest, UpsertDomainResponse
from bbs.wire.frames import frame
from tests.server.conftest import StartServer
from tests.server.member import Member
from tests.server.raw import Raw, post

PONG = b"\x08\x01"


async def listed(raw: Raw) -> bytes:
    """The answer of the list of domains, on the same connection."""
    raw.send(post("/v1/domains/list"))
    return (await raw.reply()).body


@pytest.fixture
async def raw(start_server: StartServer) -> AsyncIterator[Raw]:
    server = await start_server(tls=False, limits=Limits(body=1000), times=Times(head=0.5, body=0.5))
    async with Raw(server.address.port) as raw:
        yield raw


async def test_a_ping_has_type_length_and_two_bytes(raw: Raw) -> None:
    raw.send(post("/v1/ping"))
    reply = await raw.reply()
    assert (reply.status, reply.body) == (200, PONG)
    assert reply.headers["Content-Type"] == "application/x-protobuf"


async def test_an_empty_success_keeps_its_content_type(raw: Raw) -> None:
    raw.send(post("/v1/domains/list"))
    reply = await raw.reply()
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["Content-Type"] == "application/x-protobuf"
    assert reply.headers["Content-Length"] == "0"


async def test_an_error_is_an_answer_of_200_with_the_protobuf_type(raw: Raw) -> None:
    for body in (b"", b"\xff"):
        raw.send(post("/v1/domains/upsert", body))
        reply = await raw.reply()
        assert (reply.status, reply.headers["Content-Type"]) == (200, "application/x-protobuf")
        assert UpsertDomainResponse.FromString(reply.body).error.type == Error.InvalidRequest
        assert int(reply.headers["Content-Length"]) == len(reply.body)


@pytest.mark.parametrize("type_", ["application/x-protobuf", "application/json", "text/plain; charset=x", ""])
async def test_the_content_type_of_a_request_is_not_looked_at(raw: Raw, type_: str) -> None:
    raw.send(post("/v1/domains/upsert", UpsertDomainRequest(domain="d").SerializeToString(), f"Content-Type: {type_}"))
    assert ((await raw.reply()).body, (await listed(raw))) == (b"", b"\x12\x01d")


@pytest.mark.parametrize("path", ["/v1/ping", "/v1/domains/list", "/v1/cells/list.r1"])
async def test_a_body_that_a_route_does_not_read_may_be_anything(raw: Raw, path: str) -> None:
    raw.send(post(path, b"\xff\xff\xff"))
    reply = await raw.reply()
    assert (reply.status, reply.body) == (200, PONG if path == "/v1/ping" else b"")


async def test_a_request_of_several_megabytes_is_read(start_server: StartServer) -> None:
    server = await start_server(tls=False)
    async with Raw(server.address.port) as big:
        unknown = frame(999, b"x" * (3 << 20))
        big.send(post("/v1/domains/upsert", UpsertDomainRequest(domain="d").SerializeToString() + unknown))
        assert ((await big.reply()).body, (await listed(big))) == (b"", b"\x12\x01d")


@pytest.mark.parametrize(
    "path",
    ["/", "/v1/ping/", "/v1//ping", "/V1/ping", "/v1/%70ing", "/v1/domains%2flist", "/v1/x/../ping", "/v1/tasks/list"],
)
async def test_an_odd_spelling_is_not_found(raw: Raw, path: str) -> None:
    raw.send(post(path))
    reply = await raw.reply()
    assert (reply.status, reply.body) == (404, b"404 page not found\n")
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "FOO"])
async def test_another_method_is_not_allowed(raw: Raw, method: str) -> None:
    raw.send(f"{method} /v1/ping HTTP/1.1\r\nHost: bbs\r\n\r\n".encode())
    reply = await raw.reply()
    assert (reply.status, reply.headers["Allow"], reply.body) == (405, "POST", b"Method Not Allowed\n")


async def test_head_has_the_length_and_no_body(raw: Raw) -> None:
    raw.send(b"HEAD /v1/ping HTTP/1.1\r\nHost: bbs\r\n\r\n" + post("/v1/ping"))
    head = await raw.reply(head_only=True)
    assert (head.status, head.headers["Content-Length"]) == (405, "19")
    assert (await raw.reply()).body == PONG


async def test_a_query_string_is_ignored(raw: Raw) -> None:
    raw.send(post("/v1/ping?trace=1"))
    assert (await raw.reply()).body == PONG


async def test_pipelined_requests_are_answered_in_order(member: Member, raw: Raw) -> None:
    member.release.clear()
    upsert = UpsertDomainRequest(domain="apps").SerializeToString()
    raw.send(post("/v1/domains/upsert", upsert) + post("/v1/domains/list") + post("/v1/nope"))
    member.release.set()
    replies = [await raw.reply() for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 404]
    assert replies[1].body == b"\x12\x04apps"


async def test_a_request_may_come_byte_by_byte(raw: Raw) -> None:
    for byte in post("/v1/ping", b"abc"):
        raw.send(bytes([byte]))
        await raw.writer.drain()
    assert (await raw.reply()).body == PONG


async def test_a_chunked_body_is_read(raw: Raw) -> None:
    body = UpsertDomainRequest(domain="apps").SerializeToString()
    raw.send(b"POST /v1/domains/upsert HTTP/1.1\r\nHost: bbs\r\nTransfer-Encoding: chunked\r\n\r\n")
    raw.send(b"2\r\n" + body[:2] + b"\r\n" + b"%x\r\n" % len(body[2:]) + body[2:] + b"\r\n0\r\n\r\n")
    assert (await raw.reply()).status == 200
    raw.send(post("/v1/domains/list"))
    assert b"apps" in (await raw.reply()).body


async def test_who_waits_for_a_sign_gets_it_before_the_answer(raw: Raw) -> None:
    raw.send(b"POST /v1/ping HTTP/1.1\r\nHost: bbs\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert (await raw.reply()).status == 100
    raw.send(b"ab")
    assert (await raw.reply()).body == PONG


@pytest.mark.parametrize("sign", ["", "Expect: 100-continue"])
async def test_a_body_that_is_too_long_is_refused_and_the_refusal_arrives(raw: Raw, sign: str) -> None:
    headers = [sign] if sign else []
    raw.send(post("/v1/domains/upsert", b"x" * 100_000, *headers))
    reply = await raw.reply()
    assert (reply.status, reply.headers["Connection"]) == (413, "close")
    assert await raw.ends() == b""


async def test_a_chunked_body_that_is_too_long_is_refused(raw: Raw) -> None:
    raw.send(b"POST /v1/domains/upsert HTTP/1.1\r\nHost: bbs\r\nTransfer-Encoding: chunked\r\n\r\n")
    raw.send(b"600\r\n" + b"x" * 0x600 + b"\r\n")
    assert (await raw.reply()).status == 413


@pytest.mark.parametrize(
    "malformed",
    [
        b"no http at all\r\n\r\n",
        b"POST /v1/ping HTTP/1.1\r\nHost: bbs\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/ping HTTP/1.1\r\nHost: bbs\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /v1/ping HTTP/1.1\r\nHost: bbs\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/ping HTTP/1.1\r\nBad Header: x\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_said_and_ends_the_connection(raw: Raw, malformed: bytes) -> None:
    raw.send(malformed)
    assert (await raw.reply()).status == 400
    assert await raw.ends() == b""


async def test_headers_without_end_are_refused(raw: Raw) -> None:
    raw.send(b"POST /v1/ping HTTP/1.1\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(200)))
    assert (await raw.reply()).status == 431


async def test_a_head_that_never_ends_times_out(raw: Raw) -> None:
    raw.send(b"POST /v1/ping HTTP/1.1\r\nHost:")
    assert (await raw.reply()).status == 408
    assert await raw.ends() == b""


async def test_a_body_that_never_ends_times_out(raw: Raw) -> None:
    raw.send(b"POST /v1/domains/upsert HTTP/1.1\r\nHost: bbs\r\nContent-Length: 10\r\n\r\nab")
    assert (await raw.reply()).status == 408


async def test_who_asks_to_close_is_closed_after_the_answer(raw: Raw) -> None:
    raw.send(post("/v1/ping", b"", "Connection: close"))
    reply = await raw.reply()
    assert (reply.body, reply.headers["Connection"]) == (PONG, "close")
    assert await raw.ends() == b""


async def test_who_ends_his_side_still_gets_the_answer(raw: Raw) -> None:
    raw.send(post("/v1/ping"))
    raw.writer.write_eof()
    assert (await raw.reply()).body == PONG


async def test_an_offer_to_upgrade_is_passed_over(raw: Raw) -> None:
    raw.send(post("/v1/ping", b"", "Connection: Upgrade", "Upgrade: h2c") + post("/v1/nope"))
    assert (await raw.reply()).body == PONG
    assert (await raw.reply()).status == 404


async def test_a_standby_redirects_to_the_same_path_below_the_url(member: Member, raw: Raw) -> None:
    member.instead = Redirect("https://bbs-1.members:8889/")
    raw.send(post("/v1/domains/upsert?a=b", b"x" * 900))
    reply = await raw.reply()
    assert reply.status == 307
    assert reply.headers["Location"] == "https://bbs-1.members:8889/v1/domains/upsert?a=b"
    assert "protobuf" not in reply.headers["Content-Type"]


async def test_who_can_not_answer_says_why_and_when_to_ask_again(member: Member, raw: Raw) -> None:
    member.instead = Unavailable("Held", "a record is malformed", "repair it", retry_after_s=7)
    raw.send(post("/v1/ping"))
    reply = await raw.reply()
    assert (reply.status, reply.headers["Retry-After"], reply.headers["Content-Type"]) == (503, "7", "application/json")
    assert b'"code":"Held"' in reply.body


async def test_a_body_that_was_drained_is_never_taken_for_an_empty_one(member: Member, raw: Raw) -> None:
    member.instead = Unavailable("NoMaster", "nobody", "wait")
    raw.send(b"POST /v1/domains/upsert HTTP/1.1\r\nHost: bbs\r\nContent-Length: 4\r\n\r\n\n\x02")
    await asyncio.sleep(0.2)
    member.instead = None
    raw.send(b"ab")
    reply = await raw.reply()
    assert (reply.status, reply.headers["Content-Type"]) == (503, "application/json")
    raw.send(post("/v1/domains/upsert", b"\n\x02ab"))
    assert (await raw.reply()).status == 200


async def test_bodies_of_all_connections_together_are_bounded(start_server: StartServer) -> None:
    server = await start_server(tls=False, max_body_bytes_in_flight=1000)
    unfinished = b"POST /v1/domains/upsert HTTP/1.1\r\nHost: bbs\r\nContent-Length: 900\r\n\r\n" + bytes(600)
    async with Raw(server.address.port) as first, Raw(server.address.port) as second:
        first.send(unfinished)
        await first.writer.drain()
        await asyncio.sleep(0.2)
        second.send(unfinished)
        reply = await second.reply()
        assert (reply.status, reply.headers["Retry-After"]) == (503, "1")
        first.send(bytes(300))
        assert (await first.reply()).status == 200
        second.send(b"")
    async with Raw(server.address.port) as third:
        third.send(unfinished + bytes(300))
        assert (await third.reply()).status == 200


async def test_a_client_of_http_1_0_is_told_that_the_connection_stays(raw: Raw) -> None:
    raw.send(b"POST /v1/ping HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n")
    assert (await raw.reply()).headers["Connection"] == "keep-alive"


async def test_a_client_that_takes_nothing_of_its_answer_is_cut_off(start_server: StartServer) -> None:
    server = await start_server(tls=False, times=Times(stall=0.5))
    async with Raw(server.address.port) as raw:
        raw.writer.transport.pause_reading()  # type: ignore[attr-defined]
        raw.send(post("/v1/nope") * 20_000)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(sending_on(raw), 10)


async def sending_on(raw: Raw) -> None:
    while True:
        raw.send(post("/v1/nope"))
        await raw.writer.drain()
        await asyncio.sleep(0.05)


async def test_a_handler_that_fails_ends_the_connection_without_an_answer(member: Member, raw: Raw) -> None:
    member.state = None  # type: ignore[assignment]
    raw.send(post("/v1/domains/list"))
    with pytest.raises(ConnectionError):
        await raw.ends()


async def test_probes_are_answered_on_the_plain_port_and_nothing_else(
    start_server: StartServer, member: Member
) -> None:
    server = await start_server()
    async with Raw(server.health_address.port) as raw:
        raw.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await raw.reply()).status == 200
        member.stands = False
        raw.send(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await raw.reply()).status == 503
        raw.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"diego_bbs_lock_held 1.0" in (await raw.reply()).body
        raw.send(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await raw.reply()).status == 404


async def test_a_server_that_closes_lets_the_answer_out_first(
    server: BBSServer, member: Member, start_server: StartServer
) -> None:
    plain = await start_server(tls=False)
    member.release.clear()
    async with Raw(plain.address.port) as raw, Raw(plain.address.port) as idle:
        raw.send(post("/v1/domains/upsert", UpsertDomainRequest(domain="apps").SerializeToString()))
        idle.send(post("/v1/ping"))
        assert (await idle.reply()).status == 200
        closing = asyncio.create_task(plain.close(5))
        assert await idle.ends() == b""
        member.release.set()
        reply = await raw.reply()
        assert (reply.status, reply.headers["Connection"]) == (200, "close")
        assert await raw.ends() == b""
        await closing
