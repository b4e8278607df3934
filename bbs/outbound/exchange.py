"""One call out: a JSON request to a URL under mutual TLS, its whole answer back.

Looks at the permit after the connection stands and right before the first byte: dialling may take seconds. Never
repeats and never follows a redirect; never quotes a URL in an error, which may hold a password.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import orjson

from bbs.client.connection import Answer
from bbs.client.pool import Address, Pool, parse_url
from bbs.client.tls import ClientTLS, LiveContext
from bbs.configuration.sections import ClientFiles
from bbs.models.traces import HEADER
from bbs.outbound.permit import Permit

_KEPT = "/%:=&?~#+!$,;'@()*[]-._"
"""What a target may hold unquoted; anything else, control characters above all, is quoted."""

_ESCAPES = (
    (b"<", b"\\u003c"),
    (b">", b"\\u003e"),
    (b"&", b"\\u0026"),
    (b"\xe2\x80\xa8", b"\\u2028"),
    (b"\xe2\x80\xa9", b"\\u2029"),
)


class CallFailed(Exception):
    """The call got no answer, or not the one wanted; the text says from whom and why."""


class CallRefused(CallFailed):
    """An answer with a status that was not wanted."""

    def __init__(self, host: str | None, status: int, wanted: str) -> None:
        super().__init__(f"{host} answered {status}, wanted {wanted}")
        self.status = status


class CallCut(CallFailed):
    """The peer closed the connection instead of answering."""


class CallUnanswered(CallFailed):
    """Nobody listens at that address."""


class CallTimedOut(CallFailed):
    """No whole answer within the time limit."""


class Withheld(Exception):
    """The lease no longer allows the call; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may be sent. `body` None: none at all, and no type of one.

    `trace_id` None: no such header, "" an empty one.
    """

    method: str
    url: str
    body: bytes | None = None
    trace_id: str | None = None


class Exchange:
    """Calls with one client identity over kept connections. `timeout`: seconds for a whole call."""

    def __init__(self, files: ClientFiles, timeout: float) -> None:
        self._pool = Pool(LiveContext(ClientTLS(files.ca_file, files.cert_file, files.key_file)))
        self._timeout = timeout

    async def send(self, call: Call, permit: Permit) -> Answer:
        """The answer, whatever its status. Raises Withheld, CallTimedOut, CallFailed."""
        address, target, headers = _request_line(call)
        try:
            async with asyncio.timeout(self._timeout):
                connection = await self._pool.take(address)
                if not permit.holds():
                    self._pool.give(address, connection)
                    raise Withheld
                answer = await connection.request(call.method, target, headers, call.body or b"")
        except TimeoutError as error:
            raise CallTimedOut(f"{address.host_header}: no answer in time") from error
        except ConnectionRefusedError as error:
            raise CallUnanswered(f"{address.host_header}: nobody listens") from error
        except (EOFError, ConnectionError) as error:
            raise CallCut(f"{address.host_header}: the connection was closed without an answer") from error
        except (OSError, ValueError) as error:
            raise CallFailed(f"{address.host_header}: {str(error) or type(error).__name__}") from error
        self._pool.give(address, connection)
        return answer

    async def close(self) -> None:
        """Close idle connections."""
        await self._pool.close()


def json_body(document: Any) -> bytes:
    """The document as compact JSON in the order of its members; escaped as Go does, so that bytes are the same."""
    body = orjson.dumps(document)
    for plain, escaped in _ESCAPES:
        body = body.replace(plain, escaped)
    return body


def require(answer: Answer, call: Call, *wanted: int) -> None:
    """Raises CallFailed unless the status is one of those wanted."""
    if answer.status not in wanted:
        host = urlsplit(call.url).hostname
        raise CallRefused(host, answer.status, " or ".join(map(str, wanted)))


def segment(name: str) -> str:
    """`name` as one segment of a path."""
    return quote(name, safe="")


def _request_line(call: Call) -> tuple[Address, str, dict[str, str]]:
    """Where to dial, what to ask for, with which headers. Raises CallFailed for a URL that can't be called."""
    try:
        address, _ = parse_url(call.url)
        parts = urlsplit(call.url)
    except ValueError as error:
        raise CallFailed("the URL can't be called; wanted http(s)://host[:port]/path") from error
    target = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    headers = {"Host": address.host_header}
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    if call.trace_id is not None:
        headers[HEADER] = call.trace_id
    if parts.username is not None:
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Authorization"] = f"Basic {b64encode(secret).decode()}"
    return address, target, headers
