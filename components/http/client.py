"""JSON calls to another component: one connection a call, mutual TLS, a deadline over all of it."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httptools
import orjson

from components.http.tls import ClientIdentity, TLSFiles

MAX_BODY = 64 * 1024 * 1024


class HTTPFailure(Exception):
    """The call got no answer: refused, reset, not trusted, or too slow."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an answer."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises HTTPFailure when it is not."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise HTTPFailure(f"answered {self.status} with a body that is not JSON: {error}") from error


class JSONClient:
    """Calls https URLs with the certificate of `files` (plain http only when `files` is None)."""

    def __init__(self, files: TLSFiles | None, *, timeout: float = 10.0) -> None:
        self._identity = ClientIdentity(files) if files else None
        self._timeout = timeout

    async def call(self, method: str, url: str, value: Any = None, *, within: float | None = None) -> Answer:
        """One exchange within `within` seconds (default: the client's timeout). Raises HTTPFailure."""
        limit = within or self._timeout
        body = b"" if value is None else orjson.dumps(value)
        try:
            return await asyncio.wait_for(self._exchange(method, url, body), limit)
        except TimeoutError as error:
            raise HTTPFailure(f"{method} {url}: no answer within {limit} s") from error
        except (OSError, ssl.SSLError, EOFError, httptools.HttpParserError) as error:
            raise HTTPFailure(f"{method} {url}: {error}") from error

    async def _exchange(self, method: str, url: str, body: bytes) -> Answer:
        parts = urlsplit(url)
        host, tls = parts.hostname or "", parts.scheme == "https"
        if tls and self._identity is None:
            raise HTTPFailure(f"{method} {url}: https needs certificates, none are configured")
        context = self._identity.context() if tls and self._identity else None
        reader, writer = await asyncio.open_connection(host, parts.port or (443 if tls else 80), ssl=context)
        try:
            head = f"{method} {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode("latin-1") + body)
            await writer.drain()
            return await _read(reader)
        finally:
            writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> Answer:
    collector = _Collector()
    parser = httptools.HttpResponseParser(collector)
    while not collector.complete:
        data = await reader.read(65536)
        if not data:
            raise EOFError("the connection was closed before the answer was whole")
        parser.feed_data(data)
        if len(collector.body) > MAX_BODY:
            raise EOFError(f"the answer is larger than {MAX_BODY} bytes")
    return Answer(parser.get_status_code(), bytes(collector.body))


class _Collector:
    def __init__(self) -> None:
        self.body = bytearray()
        self.complete = False

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True
