"""The rep's side of the runtime's unix socket; connects again by itself."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from components.rep.runtime.protocol import MAX_LINE, Report, Spec

CALL_S = 30.0


class RuntimeUnavailable(Exception):
    """The runtime did not answer; nothing is known about the outcome."""


class RuntimeRefused(Exception):
    """The runtime said no; the text says why."""


class RuntimeClient:
    """Calls the runtime at `socket`; `on_report` hears each change of a container, `on_hang_up` that none is told."""

    def __init__(
        self, socket: Path, on_report: Callable[[Report], None], on_hang_up: Callable[[], None] | None = None
    ) -> None:
        self._socket = socket
        self._on_report = on_report
        self._on_hang_up = on_hang_up
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._connecting = asyncio.Lock()

    async def ping(self) -> None:
        """Raises RuntimeUnavailable when it is not there."""
        await self._call("ping")

    async def reports(self) -> dict[str, Report]:
        """All containers by guid."""
        return {report["guid"]: report for report in await self._call("list")}

    async def run(self, guid: str, spec: Spec) -> Report:
        """Run a container; again with the same guid: the one that runs. Raises RuntimeRefused."""
        report: Report = await self._call("run", guid=guid, spec=spec)
        return report

    async def stop(self, guid: str) -> None:
        """Begin to end it. Raises RuntimeRefused when it is unknown."""
        await self._call("stop", guid=guid)

    async def delete(self, guid: str) -> None:
        """End it, wait, forget it; fine when it is unknown."""
        await self._call("delete", guid=guid)

    async def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])

    async def _call(self, name: str, **arguments: Any) -> Any:
        number = next(self._ids)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(CALL_S):
                writer = await self._connected()
                self._waiting[number] = future
                writer.write(orjson.dumps({"id": number, "call": name, **arguments}) + b"\n")
                return await future
        except (OSError, TimeoutError) as error:
            raise RuntimeUnavailable(f"runtime at {self._socket}: {name}: {error or 'no answer'}") from error
        finally:
            self._waiting.pop(number, None)

    async def _connected(self) -> asyncio.StreamWriter:
        async with self._connecting:
            if self._writer is None or self._writer.is_closing():
                reader, self._writer = await asyncio.open_unix_connection(str(self._socket), limit=MAX_LINE)
                self._reading = asyncio.create_task(self._read(reader, self._writer))
            return self._writer

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError):
            while line := await reader.readline():
                self._take(orjson.loads(line))
        writer.close()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionError("the runtime hung up"))
        if self._on_hang_up is not None:
            self._on_hang_up()

    def _take(self, message: dict[str, Any]) -> None:
        if "event" in message:
            self._on_report(message["event"])
            return
        future = self._waiting.get(message["id"])
        if future is None or future.done():
            return
        if "error" in message:
            future.set_exception(RuntimeRefused(message["error"]))
        else:
            future.set_result(message["result"])
