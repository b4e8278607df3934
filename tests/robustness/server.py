"""One `bbs serve` that is misbehaved against: what it may be asked for, and how much memory it holds."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from bbs.wire.core_pb2 import UpsertDomainRequest
from tests.processes.member import Member, leaf
from tests.processes.wire import context
from tests.server.raw import Raw, Reply, post

MIB = 1024 * 1024
PATIENCE_S = 60
"""Within which a closing is awaited: twice what the server itself gives a client, and room for a busy machine."""


class Server:
    """The master of a deployment of one."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.port = member.port
        self.tls: ssl.SSLContext = context(leaf(member.certificates, "client"))

    def raw(self) -> Raw:
        """A connection that sends bytes as they are, inside TLS."""
        return Raw(self.port, self.tls)

    async def post(self, path: str, body: bytes = b"") -> Reply:
        """One call on a connection of its own."""
        async with self.raw() as raw:
            raw.send(post(path, body))
            return await raw.reply()

    def resident(self) -> int:
        """Bytes of the server process in memory."""
        pid = self.member.child()
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096

    @contextlib.asynccontextmanager
    async def keeps(self, growth: int) -> AsyncIterator[None]:
        """The process of before still lives at the end, and never held `growth` bytes more than at the beginning."""
        pid, before = self.member.child(), self.resident()
        highest = before

        async def watch() -> None:
            nonlocal highest
            while True:
                highest = max(highest, self.resident())
                await asyncio.sleep(0.05)

        watching = asyncio.create_task(watch())
        try:
            yield
        finally:
            watching.cancel()
        assert self.member.child() == pid
        assert highest - before < growth, f"grew by {(highest - before) // MIB} MiB, {growth // MIB} are allowed"

    @contextlib.asynccontextmanager
    async def serves_others(self) -> AsyncIterator[None]:
        """Everything a well-behaved client asks for meanwhile is answered, at the first attempt."""
        enough, done = asyncio.Event(), asyncio.Event()
        neighbours = [asyncio.create_task(one(enough, done)) for one in (self._stays, self._comes_again)]
        try:
            yield
            await asyncio.wait_for(enough.wait(), PATIENCE_S)
        finally:
            done.set()
            await asyncio.wait_for(asyncio.gather(*neighbours), PATIENCE_S)

    async def _stays(self, enough: asyncio.Event, done: asyncio.Event) -> None:
        """A client that keeps its connection, reads and writes."""
        async with self.raw() as raw:

            async def call() -> None:
                raw.send(post("/v1/ping"))
                assert (await raw.reply()).body == b"\x08\x01"
                raw.send(post("/v1/domains/upsert", UpsertDomainRequest(domain="d", ttl=60).SerializeToString()))
                assert (await raw.reply()).body == b""

            await _again(call, enough, done)

    async def _comes_again(self, _enough: asyncio.Event, done: asyncio.Event) -> None:
        """A client that comes with a new connection each time."""

        async def call() -> None:
            assert (await self.post("/v1/ping")).body == b"\x08\x01"

        await _again(call, asyncio.Event(), done)


async def _again(call: Callable[[], Awaitable[None]], enough: asyncio.Event, done: asyncio.Event) -> None:
    calls = 0
    while not done.is_set() or not calls:
        await call()
        calls += 1
        if calls >= 3:
            enough.set()
        await asyncio.sleep(0.02)
