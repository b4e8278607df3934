"""Clients that take their time: they are ended when it is over, and nobody waits for them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from tests.robustness.server import MIB, PATIENCE_S, Server
from tests.server.raw import Raw, post

CLIENTS = 200
HEAD = b"POST /v1/domains/upsert HTTP/1.1\r\nHost: bbs\r\nContent-Length: 6\r\nX-Slow: "


async def test_hundreds_of_slow_heads_are_answered_408_and_closed(server: Server) -> None:
    """A byte now and then does not buy more time: a head has 15 s in all."""

    async def slow(raw: Raw) -> bytes:
        raw.send(HEAD)
        answer = asyncio.create_task(asyncio.wait_for(raw.reader.read(), PATIENCE_S))
        while not answer.done():
            raw.send(b"x")
            await asyncio.wait([answer], timeout=1)
        return answer.result()

    async with AsyncExitStack() as stack, server.keeps(200 * MIB), server.serves_others():
        clients = [await stack.enter_async_context(server.raw()) for _ in range(CLIENTS)]
        answers = await asyncio.gather(*map(slow, clients))
        assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers)


async def test_hundreds_of_slow_readers_hold_little_memory(server: Server) -> None:
    """Each asks for more answers than the kernel takes, and reads none of them."""
    big = post("/v1/domains/upsert", b"\x0a\xf4\x03" + b"\xff" * 500) * 200
    async with AsyncExitStack() as stack, server.keeps(300 * MIB), server.serves_others():
        for _ in range(CLIENTS):
            raw = await stack.enter_async_context(server.raw())
            raw.writer.transport.pause_reading()  # type: ignore[attr-defined]
            raw.send(big)
        async with asyncio.timeout(PATIENCE_S):
            assert (await server.post("/v1/ping")).status == 200
