"""A server that says what it was told to, once per request, and notes what it was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

CUT = b""
"""An answer that is none: the connection is closed."""


@dataclass
class Script:
    """`answers` are sent in order; requests are noted as (request line, body)."""

    answers: list[bytes]
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def cut(self) -> None:
        """Close every connection now."""
        for writer in self.writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0] or 0)
                self.requests.append((head.partition("\r\n")[0], await reader.readexactly(length)))
                answer = self.answers.pop(0) if self.answers else CUT
                writer.write(answer)
                await writer.drain()
                if answer == CUT:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()


@asynccontextmanager
async def scripted(*answers: bytes) -> AsyncIterator[Script]:
    """The server on a free port of this machine."""
    script = Script(list(answers))
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    async with server:
        yield script


def answer(status: int, content_type: str, body: bytes = b"", *headers: str) -> bytes:
    """One response."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def proto(body: bytes = b"") -> bytes:
    """A response of a `/v1` route."""
    return answer(200, "application/x-protobuf", body)
