"""Bodies larger than anybody needs."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bbs.wire.desired_lrp_pb2 import DesiredLRPLifecycleResponse
from tests.robustness.server import MIB, Server
from tests.server.raw import post


async def test_a_body_of_100_mb_is_refused_before_it_is_sent(server: Server) -> None:
    head = b"POST /v1/desired_lrp/desire.r2 HTTP/1.1\r\nHost: bbs\r\nContent-Length: 104857600\r\n\r\n"
    async with server.keeps(100 * MIB), server.serves_others(), server.raw() as raw:
        raw.send(head)
        assert (await raw.reply()).status == 413


async def test_a_body_of_100_mb_in_chunks_is_refused_without_being_kept(server: Server) -> None:
    async def stranger() -> None:
        async with server.raw() as raw:
            raw.send(b"POST /v1/desired_lrp/desire.r2 HTTP/1.1\r\nHost: bbs\r\nTransfer-Encoding: chunked\r\n\r\n")
            with suppress(ConnectionError):  # the answer has come, and this client ends when the server's side has
                for _ in range(100):
                    raw.send(b"100000\r\n" + bytes(MIB) + b"\r\n")
                    await raw.writer.drain()
            assert (await raw.reply()).status == 413

    async with server.keeps(400 * MIB), server.serves_others():
        await asyncio.gather(*(stranger() for _ in range(3)))


async def test_a_message_of_elements_without_content_is_refused(server: Server) -> None:
    """60 MB of empty image layers would be some gigabytes of objects."""
    async with server.keeps(400 * MIB), server.serves_others(), server.raw() as raw:
        raw.send(post("/v1/desired_lrp/desire.r2", b"\x0a\x80\x80\x80\x1e" + b"\x92\x02\x00" * (21 * MIB)))
        reply = await raw.reply()
        error = DesiredLRPLifecycleResponse.FromString(reply.body).error
        assert error.message.endswith("at most 8388608 are taken")


async def test_many_bodies_that_never_end_hold_bounded_memory(server: Server) -> None:
    """The budget of all connections together is 512 MiB; beyond it a request is answered 503."""
    head = b"POST /v1/domains/upsert HTTP/1.1\r\nHost: bbs\r\nContent-Length: 67108864\r\n\r\n"

    async def stranger() -> None:
        async with server.raw() as raw:
            raw.send(head)
            with suppress(ConnectionError):  # those beyond the budget are answered 503 and closed
                for _ in range(60):
                    raw.send(bytes(MIB))
                    await raw.writer.drain()
            await asyncio.wait_for(held.wait(), 60)

    held = asyncio.Event()
    async with server.keeps(900 * MIB), server.serves_others():
        strangers = [asyncio.create_task(stranger()) for _ in range(12)]
        await asyncio.wait(strangers, timeout=5)
        held.set()
        await asyncio.gather(*strangers)
