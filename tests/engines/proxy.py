"""A TCP proxy that cuts a connection where a test wants it: before a request leaves, or before its answer is back."""

from __future__ import annotations

import asyncio
from enum import Enum


class Cut(Enum):
    """What the proxy does with the next bytes of a client or a server."""

    NOTHING = "nothing"
    REQUESTS = "requests"
    ANSWERS = "answers"


class Proxy:
    """Forwards one loopback port to another; TLS passes through untouched.

    `cut` REQUESTS: what a client sends is dropped and the connection closed. ANSWERS: what the server sends is dropped
    and the connection closed, so that a request has arrived whose answer is lost. `silent`: nothing passes, nothing is
    closed (a cable pulled out).
    """

    def __init__(self, target: int) -> None:
        self.cut = Cut.NOTHING
        self.silent = False
        self.cuts = 0
        self._left: int | None = None
        self._bytes: int | None = None
        self._target = target
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def cut_within(self, requests: int) -> None:
        """Lets that many bytes more of what clients say pass, then cuts once, in the middle of a piece if need be."""
        self._bytes = requests

    def cut_after(self, answers: int) -> None:
        """Lets that many pieces of what servers say pass, then cuts once, as ANSWERS does."""
        self._left = answers

    @property
    def port(self) -> int:
        """Where clients connect."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, out = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        for source, sink, side in ((reader, out, Cut.REQUESTS), (there, writer, Cut.ANSWERS)):
            task = asyncio.create_task(self._pump(source, sink, side, (writer, out)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        side: Cut,
        both: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
    ) -> None:
        try:
            while data := await source.read(65536):
                if self.cut is side or (side is Cut.ANSWERS and self._spent()):
                    self.cuts += 1
                    break
                if side is Cut.REQUESTS and self._bytes is not None:
                    data, whole = data[: self._bytes], len(data) <= self._bytes
                    self._bytes = self._bytes - len(data) if whole else None
                    if not whole:
                        self.cuts += 1
                        sink.write(data)
                        break
                if self.silent:
                    continue
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            for writer in both:
                writer.close()

    def _spent(self) -> bool:
        """Whether the piece that a server just said is the one to be cut."""
        if self._left is None:
            return False
        spent = self._left == 0
        self._left = None if spent else self._left - 1
        return spent
