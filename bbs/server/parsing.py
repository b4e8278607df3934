"""Bytes in, whole requests out, within limits; llhttp does the grammar and the checks against smuggling.

A request that breaks a limit or the grammar becomes a `failure`: the connection answers it after what came before,
and closes. Source of the limits: docs/reference/http.md.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import httptools

from bbs.server.message import Request

ANY_METHOD = re.compile(rb"([!-~]{1,32}) ([!-~]{1,2048}) HTTP/1\.[01]\r?\n")
"""A request line whose method llhttp does not know; it is answered 404 or 405 like any other method."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes. `head`: request line and headers. `body`: of one request."""

    head: int = 128 * 1024
    body: int = 64 * 1024 * 1024


@dataclass(slots=True)
class Budget:
    """Bytes of unfinished bodies that all connections may hold together."""

    limit: int = 512 * 1024 * 1024
    used: int = 0


class RequestReader:
    """Turns the bytes of one connection into requests, in order."""

    def __init__(self, limits: Limits, budget: Budget, wants_body: Callable[[str, str], bool]) -> None:
        self.ready: deque[Request] = deque()
        self.failure: int | None = None
        self.awaiting_continue = False
        self.in_head = False
        self.in_body = False
        self._limits = limits
        self._budget = budget
        self._held = 0
        self._wants_body = wants_body
        self._parser = httptools.HttpRequestParser(self)
        self._request = Request("", "")
        self._url = b""
        self._head_bytes = 0
        self._heads = 0
        self._chunks: list[bytes] = []
        self._received = 0
        self._keeps_body = True

    def feed(self, data: bytes) -> None:
        """Take the next bytes; look at `ready` and `failure` afterwards."""
        if self.failure is not None:
            return
        at_start, heads = not (self.in_head or self.in_body), self._heads
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # No upgrade is offered: the request counts as a plain one, what follows it is the next.
            rest = data[upgrade.args[0] :]
            self._parser = httptools.HttpRequestParser(self)
            if rest:
                self.feed(rest)
            return
        except httptools.HttpParserInvalidMethodError:
            # Only where `data` begins with it: behind another request, its line would be taken for this one's.
            self._unknown_method(data if at_start and self._heads == heads else b"")
        except httptools.HttpParserError:
            self.failure = self.failure or 400
        if self.in_head:
            self._head_bytes += len(data)
            if self._head_bytes > self._limits.head:
                self.failure = self.failure or 431

    def _unknown_method(self, data: bytes) -> None:
        line = ANY_METHOD.match(data)
        self.failure = 400
        if line is not None:
            path, _, query = line[2].decode("latin-1").partition("?")
            self.ready.append(Request(line[1].decode("latin-1"), path, query, keep_alive=False))

    # --- httptools ---

    def on_message_begin(self) -> None:
        self._request = Request("", "")
        self._url = b""
        self._chunks = []
        self._received = 0
        self._head_bytes = 0
        self.in_head = True

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._request.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        request = self._request
        self.in_head = False
        self.in_body = True
        self._heads += 1
        request.method = self._parser.get_method().decode("latin-1")
        request.path, _, request.query = _origin_form(self._url.decode("latin-1")).partition("?")
        request.keep_alive = self._parser.should_keep_alive()
        request.http_1_0 = self._parser.get_http_version() == "1.0"
        self._keeps_body = self._wants_body(request.method, request.path)
        length = request.headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._limits.body:
            self.failure = 413
        elif (expect := request.headers.get("expect")) is not None:
            self.awaiting_continue = expect.lower() == "100-continue" and (
                length != "0" or "transfer-encoding" in request.headers
            )
            if expect.lower() != "100-continue":
                self.failure = 417

    def on_body(self, body: bytes) -> None:
        self.awaiting_continue = False
        self._received += len(body)
        if self._received > self._limits.body:
            self._fail(413)
        elif not self._keeps_body:
            self._request.forgotten = True
        elif self._budget.used + len(body) > self._budget.limit:
            self._fail(503)
        elif self.failure is None:
            self._chunks.append(body)
            self._held += len(body)
            self._budget.used += len(body)

    def on_message_complete(self) -> None:
        self.in_head = self.in_body = self.awaiting_continue = False
        if self.failure is None:
            self._request.body = b"".join(self._chunks)
            self.ready.append(self._request)
        self.release()

    def release(self) -> None:
        """Give back what the unfinished body holds."""
        self._chunks = []
        self._budget.used -= self._held
        self._held = 0

    def _fail(self, status: int) -> None:
        self.failure = self.failure or status
        self.release()


def _origin_form(target: str) -> str:
    """The path of a request target; an absolute form loses scheme and host, as Go's server does it."""
    if target.startswith("/"):
        return target
    _, marker, rest = target.partition("://")
    return "/" + rest.partition("/")[2] if marker else target
