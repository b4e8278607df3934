"""One keep-alive HTTP/1.1 connection of the client: a request out, its answer in, nothing about Diego.

Owns framing through httptools. Never retries and never follows: that is the caller's decision.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import cast

import httptools

QUEUED_CHUNKS = 16
"""A stream's reader that is this far behind stops the socket from being read."""


class Broken(ConnectionError):
    """The connection ended before the answer was whole."""


@dataclass(slots=True)
class Answer:
    """Status, headers (lower-case names) and body of one response."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Connection(asyncio.Protocol):
    """One socket. At most one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer = Answer()
        self._chunks: list[bytes] = []
        self._head: asyncio.Future[Answer] | None = None
        self._whole: asyncio.Future[Answer] | None = None
        self._stream: asyncio.Queue[bytes | None] | None = None
        self.reusable = False

    # --- asyncio ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self.reusable = True

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(Broken(f"the answer is no HTTP: {error}"))
            self.abort()

    def eof_received(self) -> None:
        self._fail(Broken("the server closed the connection before its answer was whole"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or Broken("the connection was closed before the answer was whole"))

    # --- httptools ---

    def on_status(self, _: bytes) -> None:
        self._answer.status = self._parser.get_status_code()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._answer.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._answer.status = self._parser.get_status_code()
        if self._head is not None and not self._head.done() and not self._interim:
            self._head.set_result(self._answer)

    @property
    def _interim(self) -> bool:
        """Whether this is no answer yet but the announcement of one: 100 to go on, 103 to look ahead."""
        return 100 <= self._answer.status < 200 and self._answer.status != 101

    def on_body(self, body: bytes) -> None:
        if self._stream is None:
            self._chunks.append(body)
            return
        self._stream.put_nowait(body)
        if self._stream.qsize() >= QUEUED_CHUNKS and self._transport is not None:
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if self._interim:
            self._answer = Answer()
            return
        self._answer.body = b"".join(self._chunks)
        self.reusable = self.reusable and self._parser.should_keep_alive()
        if self._stream is not None:
            self._stream.put_nowait(None)
        if self._whole is not None and not self._whole.done():
            self._whole.set_result(self._answer)

    # --- requests ---

    async def request(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one request and return its whole answer. Raises OSError kinds; limit the time from outside."""
        self._begin(method, target, headers, body)
        assert self._whole is not None
        try:
            return await self._whole
        except BaseException:
            # A cancelled wait leaves an answer in flight that would be taken for that of the next request.
            self.abort()
            raise

    async def open(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one request and return as soon as the head of its answer is there; read on with `chunks`."""
        self._stream = asyncio.Queue()
        self._begin(method, target, headers, body)
        assert self._head is not None
        try:
            return await self._head
        except BaseException:
            self.abort()
            raise

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives, until the server ends it. Raises Broken when it is cut off."""
        assert self._stream is not None
        assert self._whole is not None
        while (chunk := await self._stream.get()) is not None:
            yield chunk
            if self._transport is not None and self._stream.qsize() < QUEUED_CHUNKS and self.alive:
                self._transport.resume_reading()
        if self._whole.done() and (failure := self._whole.exception()) is not None:
            raise failure

    @property
    def alive(self) -> bool:
        """Whether the socket is open, as far as this side knows."""
        return self._transport is not None and not self._transport.is_closing()

    def abort(self) -> None:
        """Close now, whatever is in flight."""
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    def _begin(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._answer, self._chunks = Answer(), []
        self._head, self._whole = loop.create_future(), loop.create_future()
        for future in (self._head, self._whole):
            future.add_done_callback(_seen)
        if not self.alive or self._transport is None:
            raise Broken("the connection was closed by the server")
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        lines.append(f"Content-Length: {len(body)}")
        self._transport.write("\r\n".join((*lines, "", "")).encode("latin-1") + body)

    def _fail(self, error: Exception) -> None:
        self.reusable = False
        for future in (self._head, self._whole):
            if future is not None and not future.done():
                future.set_exception(error)
        if self._stream is not None:
            self._stream.put_nowait(None)


def _seen(future: asyncio.Future[Answer]) -> None:
    """A failure that nobody awaits any more is no news."""
    if not future.cancelled():
        future.exception()


async def connect(host: str, port: int, context: ssl.SSLContext | None, server_name: str) -> Connection:
    """A new connection to `host`, whose certificate must name `server_name`. Raises OSError, ssl.SSLError."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        Connection, host, port, ssl=context, server_hostname=server_name if context else None
    )
    return connection
