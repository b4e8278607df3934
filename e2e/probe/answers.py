"""One call through the Service on a connection of its own, and what came back, without any patience or repetition."""

from __future__ import annotations

import asyncio
import json
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from bbs.client.connection import Answer, connect

PROTOBUF = "application/x-protobuf"
TIME_LIMIT_S = 8.0
MOST_REDIRECTS = 10


@dataclass(frozen=True, slots=True)
class Called:
    """`kind`: right (a protobuf answer), 503:<code>, refused, broken, slow, wrong:<status>; `redirected`: by a 307."""

    kind: str
    body: bytes = b""
    redirected: bool = False


async def call(url: str, path: str, body: bytes, context: ssl.SSLContext) -> Called:
    """POST `body`; as Go's clients do, a 307 that leads to another 307 is followed, too."""
    try:
        async with asyncio.timeout(TIME_LIMIT_S):
            answer = await _post(url, path, body, context)
            redirects = 0
            while answer.status == 307 and redirects < MOST_REDIRECTS:
                redirects += 1
                location = urlsplit(answer.headers.get("location", ""))
                answer = await _post(f"{location.scheme}://{location.netloc}", path, body, context)
            return _judged(answer, redirected=redirects > 0)
    except TimeoutError:
        return Called("slow")
    except ConnectionRefusedError:
        return Called("refused")
    except OSError as error:
        return Called(f"broken:{type(error).__name__}")


async def _post(url: str, path: str, body: bytes, context: ssl.SSLContext) -> Answer:
    address = urlsplit(url)
    assert address.hostname is not None
    connection = await connect(address.hostname, address.port or 443, context, address.hostname)
    try:
        headers = {"Host": address.netloc, "Content-Type": PROTOBUF, "Connection": "close"}
        return await connection.request("POST", path, headers, body)
    finally:
        connection.abort()


def _judged(answer: Answer, *, redirected: bool) -> Called:
    content = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status == 503 and content == "application/json":
        return Called(f"503:{json.loads(answer.body).get('code')}", redirected=redirected)
    if content == PROTOBUF and answer.status == 200:
        return Called("right", answer.body, redirected)
    return Called(f"wrong:{answer.status} {content}", redirected=redirected)
