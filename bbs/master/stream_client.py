"""Following the master's stream over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bbs.client.connection import Connection
from bbs.client.pool import Pool, parse_url
from bbs.client.tls import ClientTLS, LiveContext
from bbs.master.committer import Batch
from bbs.master.stream import FrameReader, StreamError

_PATH = "/stream/v1"


class StreamClient:
    """Opens streams with this member's own certificate."""

    def __init__(self, tls: ClientTLS, timeout: float) -> None:
        self._pool = Pool(LiveContext(tls))
        self._timeout = timeout

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[AsyncIterator[Batch]]:
        """See StreamSource: the head of the answer comes after the subscription."""
        address, prefix = parse_url(url)
        try:
            async with asyncio.timeout(self._timeout):
                connection = await self._pool.take(address)
                answer = await connection.open("GET", prefix + _PATH, {"Host": address.host_header}, b"")
        except OSError as error:
            msg = f"{url}: {error}"
            raise StreamError(msg) from error
        try:
            if answer.status != 200:
                msg = f"{url}: the stream answered {answer.status}"
                raise StreamError(msg)
            yield _batches(connection)
        finally:
            connection.abort()


async def _batches(connection: Connection) -> AsyncIterator[Batch]:
    reader = FrameReader()
    try:
        async for chunk in connection.chunks():
            for batch in reader.feed(chunk):
                yield batch
    except OSError as error:
        raise StreamError(str(error)) from error
