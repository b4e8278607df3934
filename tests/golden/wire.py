"""Raw HTTP to the BBS: each request as it was recorded, each answer as it came."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field

LIMIT_S = 60.0
NO_ANSWER = 0


@dataclass
class Heard:
    """An answer. Status 0: the connection was closed without one."""

    status: int
    headers: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""
    raw_head: bytes = b""


class Caller:
    """Speaks to one server; keeps one connection, as a Go client does, unless a request says `Connection: close`."""

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        self._port = port
        self._tls = tls
        self._kept: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, method: str, path: str, headers: dict[str, list[str]], body: bytes) -> Heard:
        """One request and its answer."""
        async with asyncio.timeout(LIMIT_S):
            kept, self._kept = self._kept, None
            reader, writer = kept or await self.connect()
            try:
                writer.write(request(method, path, headers, body))
                heard = await answer(reader, method)
            except (asyncio.IncompleteReadError, ConnectionError):
                heard = Heard(NO_ANSWER)
            if heard.status == NO_ANSWER or "close" in _values(headers, "connection") + _values(
                heard.headers, "connection"
            ):
                writer.transport.abort()
            else:
                self._kept = reader, writer
            return heard

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection of its own."""
        return await asyncio.open_connection("127.0.0.1", self._port, ssl=self._tls, limit=1 << 26)

    def close(self) -> None:
        if self._kept is not None:
            self._kept[1].transport.abort()
            self._kept = None


def request(method: str, path: str, headers: dict[str, list[str]], body: bytes) -> bytes:
    """The request on the wire."""
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, values in headers.items() for value in values]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


async def head(reader: asyncio.StreamReader) -> Heard:
    """Status line and headers."""
    raw = await reader.readuntil(b"\r\n\r\n")
    lines = raw.decode("latin-1").split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines[1:]:
        if line:
            name, _, value = line.partition(": ")
            headers.setdefault(name, []).append(value)
    return Heard(int(lines[0].split(" ")[1]), headers, raw_head=raw)


async def answer(reader: asyncio.StreamReader, method: str) -> Heard:
    """A whole answer whose length is told."""
    heard = await head(reader)
    length = int(_values(heard.headers, "content-length")[0] if _values(heard.headers, "content-length") else 0)
    if method != "HEAD":
        heard.body = await reader.readexactly(length)
    return heard


def _values(headers: dict[str, list[str]], wanted: str) -> list[str]:
    return [value.lower() for name, values in headers.items() if name.lower() == wanted for value in values]
