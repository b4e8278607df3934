"""A small HTTP/1.1 server: asyncio transport, httptools parser, a table of routes.

Made for short JSON exchanges between components, one request at a time on a connection. Bodies are bounded, an idle or
slow connection is closed, a handler has a deadline, and a handler's fault is one log line and a 500.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

import httptools
import structlog

from components.http.messages import Refusal, Request, Response, Route, json_response
from components.http.tls import ServerIdentity, common_name

MAX_BODY = 32 * 1024 * 1024
IDLE_S = 120.0
"""Longer than the 90 s for which Go clients keep idle connections."""
HANDLER_S = 60.0

log = structlog.get_logger()


class Connection(asyncio.Protocol):
    """One client: parses, dispatches, answers in order."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: asyncio.Queue[Request] = asyncio.Queue()
        self._start_message()

    def _start_message(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._peer = common_name(transport.get_extra_info("peercert"))
        self._answering = asyncio.create_task(self._answer_all())
        self._listener.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._answering.cancel()
        self._listener.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > MAX_BODY:
            self._transport.abort()

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode()
        path = self._url.split(b"?", 1)[0].decode("latin-1")
        self._waiting.put_nowait(Request(method, path, {}, self._headers, bytes(self._body), self._peer))
        self._start_message()

    async def close(self) -> None:
        self._transport.close()
        self._answering.cancel()
        await asyncio.wait([self._answering])

    async def _answer_all(self) -> None:
        while True:
            try:
                request = await asyncio.wait_for(self._waiting.get(), IDLE_S)
            except TimeoutError:
                self._transport.close()
                return
            self._write(await self._listener.answer(request))
            if request.headers.get("connection", "").lower() == "close":
                self._transport.close()
                return

    def _write(self, response: Response) -> None:
        lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        lines += [f"Content-Type: {response.content_type}", f"Content-Length: {len(response.body)}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        self._transport.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + response.body)


class Listener:
    """A listening socket with its routes. `port` is the one that was bound."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = tuple(routes)
        self.connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self, host: str, port: int, identity: ServerIdentity | None) -> None:
        """Listen on `host`:`port` (0 = a free one); plain without an identity."""
        context = identity.context if identity else None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), host, port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and close every connection."""
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            await connection.close()

    async def answer(self, request: Request) -> Response:
        """Dispatch: 404 for an unknown path, 405 for a known one, 403 for a certificate that may not."""
        allowed: set[str] = set()
        for route in self._routes:
            params = route.match(request.path)
            if params is None:
                continue
            if route.method == request.method:
                return await self._run(route, request, params)
            allowed.add(route.method)
        if allowed:
            headers = {"Allow": ", ".join(sorted(allowed))}
            return Response(405, b"Method Not Allowed\n", "text/plain; charset=utf-8", headers)
        return Response(404, b"404 page not found\n", "text/plain; charset=utf-8")

    async def _run(self, route: Route, request: Request, params: dict[str, str]) -> Response:
        if route.only is not None and request.peer != route.only:
            text = f"certificate of {request.peer!r}; wanted CN {route.only!r}; call with the operator's certificate"
            return json_response({"error": text}, 403)
        known = Request(request.method, request.path, params, request.headers, request.body, request.peer)
        try:
            return await asyncio.wait_for(route.handler(known), HANDLER_S)
        except Refusal as refusal:
            return json_response({"error": refusal.text}, refusal.status)
        except Exception as error:
            log.exception("handler-failed", path=request.path)
            return json_response({"error": f"{type(error).__name__}: {error}"}, 500)


async def listen(address: str, routes: Sequence[Route], identity: ServerIdentity | None = None) -> Listener:
    """Open a listener on `address` (host:port); plain HTTP without an identity."""
    host, _, port = address.rpartition(":")
    listener = Listener(routes)
    await listener.open(host.strip("[]"), int(port), identity)
    return listener
