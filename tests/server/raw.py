"""A socket and nothing else: what arrives, byte by byte, as a client of another make would see it."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Self

WITHIN_S = 60


@dataclass
class Reply:
    """One response as it came."""

    status: int
    headers: dict[str, str]
    body: bytes


class Raw:
    """One connection; ended hard when the test is done with it."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        self._port = port
        self._context = context

    async def __aenter__(self) -> Self:
        name = "localhost" if self._context else None
        opened = asyncio.open_connection("127.0.0.1", self._port, ssl=self._context, server_hostname=name)
        self.reader, self.writer = await asyncio.wait_for(opened, WITHIN_S)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        self.writer.transport.abort()
        await asyncio.sleep(0)

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def reply(self, *, head_only: bool = False) -> Reply:
        """The next response, whole."""
        async with asyncio.timeout(WITHIN_S):
            lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {}
            for line in lines[1:-2]:
                name, _, value = line.partition(": ")
                headers[name] = value
            length = 0 if head_only else int(headers.get("Content-Length", "0"))
            return Reply(int(lines[0].split()[1]), headers, await self.reader.readexactly(length))

    async def ends(self) -> bytes:
        """What still comes until the server ends the connection."""
        async with asyncio.timeout(WITHIN_S):
            return await self.reader.read()


def post(path: str, body: bytes = b"", *headers: str) -> bytes:
    """A POST with that body."""
    lines = [f"POST {path} HTTP/1.1", "Host: bbs", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
