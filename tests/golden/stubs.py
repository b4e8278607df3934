"""The peers that a BBS calls, with the behaviour that the recordings name: auctioneer, reps, receivers of callbacks.

Each notes every request as bytes came; `expected` statuses are the recorder's defaults unless a step says otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus

CALLBACK = "callback"
CLOSED = -1
CALLBACK_STATUS = {"/404": 404, "/500": 500, "/503": 503, "/504": 504, "/302": 302, "/close": CLOSED}
ONCE = "/503once"


@dataclass(frozen=True)
class Call:
    """One call that came in. `after_seq`: the step that ran then; `status`: what it was answered."""

    peer: str
    method: str
    path: str
    headers: dict[str, list[str]]
    body: bytes
    status: int
    after_seq: int


class Stubs:
    """All stubs of one scenario. `seq` is moved along by who does the steps."""

    def __init__(self, tls: ssl.SSLContext, redirected_to: str | None = None) -> None:
        self.calls: list[Call] = []
        self.seq = 0
        self._tls = tls
        self._redirected_to = redirected_to
        self._status: dict[str, int] = {}
        self._seen: Counter[str] = Counter()
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._came = asyncio.Condition()

    async def listen(self, peer: str, port: int, *, tls: bool = True) -> None:
        """Answer at that port as that peer."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(peer, reader, writer)

        context = self._tls if tls else None
        self._servers.append(await asyncio.start_server(serve, "127.0.0.1", port, ssl=context))

    def answer(self, peer: str, status: int) -> None:
        """From now on that status; 0: the default again, -1: the connection is closed."""
        self._status[peer] = status

    async def came(self, seq: int, count: int, within: float) -> None:
        """Wait until so many calls came in that step; no longer than `within` seconds."""

        def enough() -> bool:
            return sum(call.after_seq == seq for call in self.calls) >= count

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within), self._came:
                await self._came.wait_for(enough)

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, peer: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._answer_one(peer, reader, writer):
                pass
        except (OSError, EOFError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _answer_one(self, peer: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers: dict[str, list[str]] = {}
        for line in head[1:]:
            if line:
                name, _, value = line.partition(":")
                headers.setdefault(name, []).append(value.strip())
        length = next((int(values[0]) for name, values in headers.items() if name.lower() == "content-length"), 0)
        body = await reader.readexactly(length)
        status = self._status_for(peer, method, path)
        async with self._came:
            self.calls.append(Call(peer, method, path, headers, body, status, self.seq))
            self._came.notify_all()
        if status == CLOSED:
            return False
        extra = f"Location: {self._redirected_to}\r\n" if status == 302 and self._redirected_to else ""
        length_line = "" if status == 204 else "Content-Length: 0\r\n"
        writer.write(f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{extra}{length_line}\r\n".encode())
        await writer.drain()
        return True

    def _status_for(self, peer: str, method: str, path: str) -> int:
        if told := self._status.get(peer):
            return told
        if peer == CALLBACK:
            self._seen[path] += 1
            if path == ONCE:
                return 503 if self._seen[path] == 1 else 200
            return CALLBACK_STATUS.get(path, 200)
        return 204 if method == "PUT" else 202
