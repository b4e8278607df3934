"""What the client makes of what it is answered."""

from __future__ import annotations

import json
import time

import pytest

from bbs.client import BBSClient, BBSError, ErrorType, NotAvailable, Refused, UnexpectedAnswer, Unreachable
from bbs.wire.actual_lrp_pb2 import ActualLRPInstanceKey, ActualLRPKey, EvacuationResponse
from bbs.wire.core_pb2 import Error, PingResponse
from tests.client.scripted import CUT, answer, proto, scripted

PONG = PingResponse(available=True).SerializeToString()
KEY = ActualLRPKey(process_guid="p", index=0, domain="d")
INSTANCE = ActualLRPInstanceKey(instance_guid="i", cell_id="c")


def unavailable(code: str, *headers: str) -> bytes:
    body = json.dumps({"code": code, "message": "why", "remedy": "what to do"}).encode()
    return answer(503, "application/json", body, *headers)


async def test_one_connection_carries_many_calls() -> None:
    async with scripted(*[proto(PONG)] * 3) as server, BBSClient(server.url) as client:
        for _ in range(3):
            assert await client.ping()
        assert server.connections == 1


async def test_an_error_inside_the_answer_is_typed_and_not_repeated() -> None:
    error = Error(type=ErrorType.ActualLRPCannotBeClaimed, message="cannot claim actual LRP")
    async with scripted(proto(b"\n" + bytes([error.ByteSize()]) + error.SerializeToString())) as server:
        async with BBSClient(server.url) as client:
            with pytest.raises(BBSError, match="ActualLRPCannotBeClaimed: cannot claim actual LRP") as raised:
                await client.claim_actual_lrp("p", 0, INSTANCE)
        assert raised.value.type == ErrorType.ActualLRPCannotBeClaimed
        assert len(server.requests) == 1


async def test_evacuation_says_whether_to_keep_the_container() -> None:
    kept = EvacuationResponse(keep_container=True).SerializeToString()
    async with scripted(proto(kept), proto()) as server, BBSClient(server.url) as client:
        assert await client.evacuate_claimed_actual_lrp(KEY, INSTANCE)
        assert not await client.evacuate_claimed_actual_lrp(KEY, INSTANCE)
        assert server.requests[0][0] == "POST /v1/actual_lrps/evacuate_claimed HTTP/1.1"


async def test_a_cut_connection_is_tried_again_with_the_same_bytes() -> None:
    async with scripted(CUT, proto()) as server, BBSClient(server.url) as client:
        await client.upsert_domain("apps", 60)
        assert server.requests[0] == server.requests[1]


async def test_503_is_waited_out() -> None:
    async with scripted(unavailable("Migrating"), proto(PONG)) as server, BBSClient(server.url) as client:
        assert await client.ping()


async def test_patience_ends_at_the_time_limit_and_names_the_reason() -> None:
    async with scripted(*[unavailable("Held", "Retry-After: 1")] * 9) as server, BBSClient(server.url) as client:
        began = time.monotonic()
        with pytest.raises(NotAvailable, match="Held: why; what to do"):
            await client.ping(within=0.5)
        assert time.monotonic() - began < 2


async def test_a_server_that_says_nothing_is_unreachable_in_time() -> None:
    async with scripted(b"HTTP/1.1 200 X\r\nContent-Le") as server, BBSClient(server.url) as client:
        with pytest.raises(Unreachable, match="no answer in time"):
            await client.ping(within=0.3)


async def test_a_redirect_keeps_method_and_body_and_is_remembered() -> None:
    async with scripted(proto(), proto()) as there:
        moved = answer(307, "application/json", b"{}", f"Location: {there.url}/v1/domains/upsert")
        async with scripted(moved) as here, BBSClient(here.url) as client:
            await client.upsert_domain("apps", 1)
            await client.upsert_domain("apps", 2)
            assert (len(here.requests), len(there.requests)) == (1, 2)
            assert here.requests[0] == there.requests[0]


async def test_a_master_that_is_gone_is_looked_for_where_the_search_began() -> None:
    async with scripted(proto(), CUT) as there:
        moved = answer(307, "application/json", b"{}", f"Location: {there.url}/v1/domains/upsert")
        async with scripted(moved, proto()) as here, BBSClient(here.url) as client:
            await client.upsert_domain("apps", 1)
            await client.upsert_domain("apps", 2)
            assert len(here.requests) == 2


async def test_a_redirect_to_another_path_is_not_followed() -> None:
    moved = answer(307, "application/json", b"{}", "Location: http://localhost:1/elsewhere")
    async with scripted(moved) as server, BBSClient(server.url) as client:
        with pytest.raises(UnexpectedAnswer, match="not to the same path"):
            await client.ping()


async def test_what_is_no_protobuf_is_no_success() -> None:
    async with scripted(answer(200, "text/html", b"hello")) as server, BBSClient(server.url) as client:
        with pytest.raises(UnexpectedAnswer, match="no protobuf"):
            await client.ping()


async def test_a_stream_is_given_chunk_by_chunk_until_its_end() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with scripted(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") as server, BBSClient(server.url) as client:
        assert b"".join([chunk async for chunk in client.follow()]) == b"abcde"


async def test_a_stream_that_is_cut_is_said_to_be() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with scripted(head + b"3\r\nabc\r\n") as server, BBSClient(server.url) as client:
        chunks = client.follow()
        assert await anext(chunks) == b"abc"
        server.cut()
        with pytest.raises(Unreachable):
            await anext(chunks)


@pytest.mark.parametrize("url", ["localhost:8889", "ftp://x", "https://"])
def test_a_url_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="is no URL of a BBS"):
        BBSClient(url)


@pytest.mark.parametrize("code", ["Migrating", "Held", "StoreFull"])
async def test_a_503_in_the_masters_own_words_does_not_make_it_forgotten(code: str) -> None:
    async with scripted(proto(PONG), unavailable(code), proto(PONG)) as there:
        moved = answer(307, "application/json", b"{}", f"Location: {there.url}/v1/ping")
        async with scripted(moved) as here, BBSClient(here.url) as client:
            assert await client.ping()
            assert await client.ping()
            assert (len(here.requests), len(there.requests)) == (1, 3)


async def test_a_member_that_is_not_master_any_more_is_forgotten() -> None:
    async with scripted(proto(PONG), unavailable("NoMaster")) as there:
        moved = answer(307, "application/json", b"{}", f"Location: {there.url}/v1/ping")
        async with scripted(moved, proto(PONG)) as here, BBSClient(here.url) as client:
            assert await client.ping()
            assert await client.ping()
            assert (len(here.requests), len(there.requests)) == (2, 2)


async def test_a_typed_error_does_not_make_the_master_forgotten() -> None:
    error = Error(type=ErrorType.ResourceNotFound, message="the requested resource could not be found")
    typed = proto(b"\n" + bytes([error.ByteSize()]) + error.SerializeToString())
    async with scripted(typed, proto(PONG)) as there:
        moved = answer(307, "application/json", b"{}", f"Location: {there.url}/v1/domains/upsert")
        async with scripted(moved) as here, BBSClient(here.url) as client:
            with pytest.raises(BBSError):
                await client.upsert_domain("apps", 60)
            assert await client.ping()
            assert len(here.requests) == 1


async def test_a_refusal_of_a_redirected_admin_call_does_not_make_the_master_forgotten() -> None:
    refused = answer(412, "application/json", b'{"code":"StaleEpoch","message":"m","remedy":"r"}')
    async with scripted(refused, answer(202, "application/json", b"{}")) as there:
        moved = answer(307, "application/json", b"{}", f"Location: {there.url}/admin/v1/step-down")
        async with scripted(moved) as here, BBSClient(here.url) as client:
            with pytest.raises(Refused):
                await client.step_down(1)
            await client.step_down(2)
            assert len(here.requests) == 1
