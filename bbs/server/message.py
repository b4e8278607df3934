"""A request and a response, without sockets: what the handler layer sees of HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"


@dataclass(slots=True)
class Request:
    """One request. `path` is the raw spelling without the query; `peer` the common name of the client's certificate.

    `forgotten`: it had a body that was not kept. It must never be taken for an empty one, which is a valid message.
    """

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    peer: str = ""
    keep_alive: bool = True
    http_1_0: bool = False
    forgotten: bool = False


class Feed(Protocol):
    """A body without end that its connection pulls piece by piece: a thousand of them need no task of their own."""

    @property
    def waiting(self) -> bool:
        """Whether `take` has something to give, be it the end."""

    def start(self, wake: Callable[[], None]) -> None:
        """From now on `wake` is called when there is something to take."""

    def take(self) -> bytes | None:
        """The next piece, chunks included; empty when there is none yet, None after the last."""

    def farewell(self) -> bytes:
        """What ends the body in order."""

    def close(self) -> None:
        """The connection is gone, or over."""


@dataclass(slots=True)
class Response:
    """One answer. `guarded`: it says what only a master may say, so it leaves under the read lease or not at all.

    `body` may be several pieces, sent one after the other. `stream` replaces it: chunks of unknown number. So does
    `feed`: an event stream, which brings its own chunks.
    """

    status: int
    content_type: str = ""
    body: bytes | Sequence[bytes] = b""
    headers: tuple[tuple[str, str], ...] = ()
    guarded: bool = False
    close: bool = False
    stream: AsyncIterator[bytes] | None = None
    feed: Feed | None = None


class Application(Protocol):
    """Answers requests. Knows nothing of connections."""

    def wants_body(self, method: str, path: str) -> bool:
        """Whether the body is needed; False: it is read and forgotten."""

    def answer(self, request: Request) -> Response | Awaitable[Response]:
        """The answer, at once where no waiting is needed. May raise AnswerWithheld."""

    def observe(self, request: Request, status: int, seconds: float) -> None:
        """One request was handled."""


def protobuf(body: bytes | Sequence[bytes]) -> Response:
    """The answer of a `/v1` route: always 200, always guarded."""
    return Response(200, PROTOBUF, body, guarded=True)


def document(status: int, content: Mapping[str, Any], headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """A JSON answer of our own."""
    return Response(status, JSON, json.dumps(content, separators=(",", ":")).encode() + b"\n", headers)


def text(status: int, words: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """A plain answer, as Go's http.Error writes it."""
    return Response(status, TEXT, words.encode() + b"\n", (*headers, ("X-Content-Type-Options", "nosniff")))


def not_found() -> Response:
    """An unknown path, trailing slash and percent-encoded spelling of a known one included."""
    return text(404, "404 page not found")


def method_not_allowed(allowed: str) -> Response:
    """A known path with another method."""
    return text(405, "Method Not Allowed", (("Allow", allowed),))
