"""A TCP proxy that can keep what clients send, and let it go later: a request that is on its way for a long time."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class Valve:
    """Forwards one loopback port to another; TLS passes through untouched.

    While closed, what a client sends is kept, in order, and delivered when the valve opens, whatever became of the
    client's patience. What the server says always passes.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = asyncio.Event()
        self._open.set()
        self._keeping: set[int] = set()
        self._owed: set[int] = set()
        self._lines = 0

    @property
    def port(self) -> int:
        """Where clients connect."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def keeping(self) -> int:
        """Connections of which something is being kept."""
        return len(self._keeping)

    @property
    def idle(self) -> bool:
        """What was kept has been delivered, and the server has said something on each of those connections."""
        return not self._keeping and not self._owed

    def close(self) -> None:
        """Keep from now on."""
        self._open.clear()

    def open(self) -> None:
        """Deliver what was kept, and pass everything."""
        self._owed |= self._keeping
        self._open.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
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
        self._lines += 1
        for source, sink, asking in ((reader, out, True), (there, writer, False)):
            task = asyncio.create_task(self._pump(self._lines, source, sink, asking))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, line: int, source: asyncio.StreamReader, sink: asyncio.StreamWriter, asking: bool) -> None:
        try:
            while data := await source.read(65536):
                if asking and not self._open.is_set():
                    self._keeping.add(line)
                    await self._open.wait()
                    self._keeping.discard(line)
                sink.write(data)
                await sink.drain()
                if not asking:
                    self._owed.discard(line)
        except ConnectionError:
            pass
        finally:
            sink.close()
