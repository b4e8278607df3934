"""How a call reaches the master: one redirect, patience with 503, and a total time limit.

A repeated call is a blind re-send, as Diego's own clients do it: every lifecycle call can arrive twice, and the BBS is
made for that. Source: docs/reference/http.md.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from bbs.client.connection import Answer
from bbs.client.errors import ClientError, NotAvailable, Refused, UnexpectedAnswer, Unreachable
from bbs.client.pool import Address, Pool, parse_url
from bbs.client.subscription import Subscription, open_subscription
from bbs.client.tls import ClientTLS, LiveContext

PROTOBUF = "application/x-protobuf"
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0


class Caller:
    """Sends requests to the BBS at `url`, remembering where its master was found."""

    def __init__(self, url: str, tls: ClientTLS | None, *, dial: str | None = None, timeout: float = 10.0) -> None:
        self._home = parse_url(url, dial)
        self._base = self._home
        self._pool = Pool(LiveContext(tls) if tls else None)
        self._timeout = timeout

    async def close(self) -> None:
        """Close the idle connections."""
        await self._pool.close()

    async def exchange(
        self, method: str, path: str, body: bytes, content_type: str, within: float | None = None
    ) -> Answer:
        """The first answer that is neither 307 nor 503. Raises NotAvailable when there was none `within` seconds."""
        deadline = time.monotonic() + (self._timeout if within is None else within)
        pause = FIRST_PAUSE_S
        headers = {"Content-Type": content_type}
        while True:
            try:
                answer = await self._attempt(method, path, headers, body, deadline)
                failure = _unavailable(answer)
            except (OSError, EOFError) as error:  # TimeoutError and ssl.SSLError are OSErrors
                answer, failure = Answer(), Unreachable(self._why(error))
            if failure is None:
                return answer
            if not _from_master(failure):
                self._base = self._home
            left = deadline - time.monotonic()
            wait = max(pause, min(_retry_after(answer), LONGEST_PAUSE_S))
            if left <= wait:
                raise failure
            await asyncio.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def stream(self, path: str) -> AsyncIterator[bytes]:
        """The body of an endless answer, chunk by chunk. No retry and no time limit once its head is there."""
        address, prefix = self._home
        try:
            connection = await self._pool.take(address)
            async with asyncio.timeout(self._timeout):
                answer = await connection.open("GET", prefix + path, _heading(address, {}), b"")
        except OSError as error:
            raise Unreachable(self._why(error)) from error
        try:
            if answer.status != 200:
                raise _unavailable(answer) or UnexpectedAnswer(f"{path} answered {answer.status}")
            async for chunk in connection.chunks():
                yield chunk
        except OSError as error:
            raise Unreachable(self._why(error)) from error
        finally:
            connection.abort()

    async def open_stream(self, method: str, path: str, body: bytes) -> Subscription:
        """An event stream of the master, one redirect followed. No retry. Raises NotAvailable, UnexpectedAnswer."""
        try:
            async with asyncio.timeout(self._timeout):
                stream = await self._open(self._base, method, path, body)
                if stream.answer.status == 307:
                    await stream.close()
                    self._base = self._redirect(stream.answer, path)
                    stream = await self._open(self._base, method, path, body)
        except (OSError, EOFError) as error:
            self._base = self._home
            raise Unreachable(self._why(error)) from error
        if stream.answer.status == 200:
            return stream
        self._base = self._home
        await stream.close()
        raise _unavailable(stream.answer) or UnexpectedAnswer(f"{path} answered {stream.answer.status}")

    async def _open(self, base: tuple[Address, str], method: str, path: str, body: bytes) -> Subscription:
        address, prefix = base
        return await open_subscription(address, self._pool.context(address), method, prefix + path, body)

    async def _attempt(self, method: str, path: str, headers: dict[str, str], body: bytes, deadline: float) -> Answer:
        async with asyncio.timeout_at(_loop_time(deadline)):
            answer = await self._send(self._base, method, path, headers, body)
            if answer.status != 307:
                return answer
            target = self._redirect(answer, path)
            answer = await self._send(target, method, path, headers, body)
        if answer.status < 300 or _is_typed(answer):
            self._base = target
        return answer

    async def _send(
        self, base: tuple[Address, str], method: str, path: str, headers: dict[str, str], body: bytes
    ) -> Answer:
        address, prefix = base
        connection = await self._pool.take(address)
        answer = await connection.request(method, prefix + path, _heading(address, headers), body)
        self._pool.give(address, connection)
        return answer

    def _redirect(self, answer: Answer, path: str) -> tuple[Address, str]:
        location = answer.headers.get("location", "")
        if not location.endswith(path):
            message = f"a redirect of {path} leads to {location!r}, not to the same path; is that a BBS?"
            raise UnexpectedAnswer(message)
        target = parse_url(location.removesuffix(path))
        if self._home[0].secure and not target[0].secure:
            message = f"a redirect of {path} leads away from TLS to {location!r}; it is not followed"
            raise UnexpectedAnswer(message)
        return target

    def _why(self, error: BaseException) -> str:
        address = self._base[0]
        words = "no answer in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
        return f"{address.name}:{address.port}: {words}"


def admin_document(answer: Answer) -> dict[str, Any]:
    """The JSON of an own route's answer. Raises Refused for 4xx, UnexpectedAnswer for what is no such answer."""
    try:
        document = json.loads(answer.body or b"{}")
    except ValueError as error:
        raise UnexpectedAnswer(f"status {answer.status} with a body that is no JSON: is that a BBS?") from error
    if answer.status < 300 and isinstance(document, dict):
        return document
    if not isinstance(document, dict) or "code" not in document:
        raise UnexpectedAnswer(f"status {answer.status} without a code: is that a BBS?")
    words = (str(document.get(name, "")) for name in ("code", "message", "remedy"))
    raise Refused(answer.status, *words)


def protobuf_body(answer: Answer, path: str) -> bytes:
    """The response message of a `/v1` call. Only the content type says whether there is one, whatever the status."""
    if answer.headers.get("content-type", "").partition(";")[0].strip() == PROTOBUF:
        return answer.body
    raise UnexpectedAnswer(f"{path} answered {answer.status} {answer.headers.get('content-type', '')!r}, no protobuf")


def _unavailable(answer: Answer) -> ClientError | None:
    if answer.status == 307:
        return NotAvailable(
            "NoMaster", "the member that should be master sent the call elsewhere", "wait for an election"
        )
    if answer.status != 503:
        return None
    try:
        document = json.loads(answer.body)
        code, message, remedy = (str(document.get(name, "")) for name in ("code", "message", "remedy"))
        return NotAvailable(code, message, remedy, document)
    except (ValueError, AttributeError):
        return NotAvailable("Unavailable", "the server answered 503 without a reason")


_MASTERS_OWN = frozenset({"Migrating", "Held", "TargetNotSet", "StoreUnavailable", "StoreFull"})
"""Codes of a 503 that only a master answers: it is where it was, so it is asked again there."""


def _from_master(failure: ClientError) -> bool:
    return isinstance(failure, NotAvailable) and failure.code in _MASTERS_OWN


def _is_typed(answer: Answer) -> bool:
    """Whether who was redirected to refused in our own words: then it is the master."""
    failure = _unavailable(answer)
    if failure is not None:
        return _from_master(failure)
    return 400 <= answer.status < 500 and answer.headers.get("content-type", "").startswith("application/json")


def _retry_after(answer: Answer) -> float:
    value = answer.headers.get("retry-after", "")
    return float(value) if value.isdigit() else 0.0


def _heading(address: Address, headers: dict[str, str]) -> dict[str, str]:
    return {"Host": address.host_header, **headers}


def _loop_time(deadline: float) -> float:
    return asyncio.get_running_loop().time() + (deadline - time.monotonic())
