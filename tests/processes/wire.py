"""HTTP over mutual TLS as bytes: one request, one answer as it came, nothing repeated and nothing followed."""

from __future__ import annotations

import asyncio
import json
import ssl
from dataclasses import dataclass
from typing import Any

from bbs.client import ClientTLS
from tests.processes.member import Member, leaf


@dataclass(frozen=True)
class Heard:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def context(files: ClientTLS) -> ssl.SSLContext:
    """A client's TLS context."""
    made = ssl.create_default_context(cafile=str(files.ca_file))
    made.load_cert_chain(files.cert_file, files.key_file)
    return made


def request(method: str, path: str, body: bytes = b"", content_type: str = "application/x-protobuf") -> bytes:
    """A request on the wire."""
    head = f"{method} {path} HTTP/1.1\r\nHost: bbs\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


async def ask(member: Member, method: str, path: str, body: Any = b"", *, name: str = "client") -> Heard:
    """Ask a member; `body` is sent as JSON unless it is bytes. `name`: the certificate."""
    content = (body, "application/x-protobuf") if isinstance(body, bytes) else _json(body)
    return await exchange(member.port, request(method, path, *content), context(leaf(member.certificates, name)))


async def plain(member: Member, path: str) -> Heard:
    """Ask the plain port."""
    return await exchange(member.health_port, request("GET", path), None)


async def exchange(port: int, data: bytes, tls: ssl.SSLContext | None) -> Heard:
    """Send those bytes on a new connection and read one answer."""
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
        try:
            writer.write(data)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            return Heard(int(head[0].split()[1]), headers, body)
        finally:
            writer.transport.abort()


def _json(document: Any) -> tuple[bytes, str]:
    return json.dumps(document).encode(), "application/json"
