"""One subscription of a replay: its head, and the events that came, each with the step that ran when it came."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.golden.recording import Line
from tests.golden.wire import Caller, Heard, head, request


@dataclass(frozen=True)
class Event:
    """One event as bytes, chunk framing taken off. `sound`: that framing was as it has to be."""

    text: bytes
    after_seq: int
    sound: bool


@dataclass
class Stream:
    """A subscription; ended by `close`."""

    name: str
    heard: Heard
    events: list[Event] = field(default_factory=list)
    ended: bool = False
    _reading: asyncio.Task[None] | None = None
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def came(self, count: int, within: float) -> None:
        """Wait until so many events came in all; no longer than `within` seconds."""
        await self._until(lambda: len(self.events) >= count, within)

    async def came_after(self, seq: int, count: int, within: float) -> None:
        """Wait until so many events came in that step; no longer than `within` seconds."""
        await self._until(lambda: sum(event.after_seq == seq for event in self.events) >= count, within)

    async def _until(self, enough: Callable[[], bool], within: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not enough() and not self.ended:
                    self._came.clear()
                    await self._came.wait()

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def follow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seq: Callable[[], int]) -> None:
        """Read events until the stream ends."""
        try:
            while True:
                size = await reader.readuntil(b"\r\n")
                length = int(size.split(b";")[0].strip(), 16)
                chunk = await reader.readexactly(length + 2)
                if length == 0:
                    return
                self.events += events_in(size + chunk, seq())
                self._came.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self.ended = True
            self._came.set()
            writer.transport.abort()


async def subscribe(line: Line, caller: Caller, headers: dict[str, list[str]], seq: Callable[[], int]) -> Stream:
    """Open the stream of a line and begin to read it."""
    async with asyncio.timeout(30):
        reader, writer = await caller.connect()
        writer.write(request(line.method, line.path, headers, line.request_body))
        heard = await head(reader)
        stream = Stream(str(line.raw["stream"]), heard)
        if "chunked" in str(heard.headers):
            stream._reading = asyncio.create_task(stream.follow(reader, writer, seq))
        else:
            length = int(heard.headers.get("Content-Length", ["0"])[0])
            heard.body = await reader.readexactly(length)
            stream.ended = True
            writer.transport.abort()
    return stream


def recorded(close: Line) -> list[Event]:
    """The events of a recorded stream."""

    return [
        event
        for segment in close.raw.get("segments") or ()
        for event in events_in(base64.b64decode(segment["b64"]), int(segment["after_seq"]))
    ]


def events_in(data: bytes, seq: int) -> list[Event]:
    """The events in chunked bytes, and whether each is framed as the contract says: size, `;`, one event a chunk."""
    found: list[Event] = []
    while data:
        line, _, rest = data.partition(b"\r\n")
        size = int(line.split(b";")[0], 16)
        text, data = rest[:size], rest[size + 2 :]
        if size:
            sound = line == b"%x;" % size and text.endswith(b"\n\n") and text.count(b"\n\n") == 1
            found.append(Event(text, seq, sound))
    return found
