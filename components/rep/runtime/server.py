"""The runtime: containers, behind a unix socket. Says nothing to the network and holds no certificate."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import orjson
import structlog

from components.rep.runtime import processes
from components.rep.runtime.container import Container
from components.rep.runtime.ports import PortPool, PortsExhausted
from components.rep.runtime.protocol import MAX_LINE, Report

MODE = 0o660
"""Of the socket: the runtime itself, and a rep of another user by way of the folder's group."""

log = structlog.get_logger()


class RuntimeServer:
    """Runs containers below `directory` for whoever reaches `socket`; files' permissions decide who does."""

    def __init__(self, socket: Path, directory: Path, ports: range, grace: float) -> None:
        self._socket = socket
        self._directory = directory / "containers"
        self._ports = PortPool(ports)
        self._grace = grace
        self._containers: dict[str, Container] = {}
        self._clients: set[asyncio.StreamWriter] = set()
        self._calls: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """End what an earlier life left, then listen."""
        ended = await asyncio.to_thread(processes.end_leftovers, self._directory)
        if ended:
            log.info("leftovers-ended", processes=ended)
        await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)
        self._directory.mkdir(parents=True, exist_ok=True)
        self._socket.parent.mkdir(parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._converse, str(self._socket), limit=MAX_LINE)
        self._socket.chmod(MODE)

    async def close(self) -> None:
        """End every container, then the conversations."""
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*(container.delete() for container in self._containers.values()))
        for task in list(self._calls):
            task.cancel()
        for writer in list(self._clients):
            writer.close()
        self._socket.unlink(missing_ok=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            while line := await reader.readline():
                task = asyncio.create_task(self._answer(orjson.loads(line), writer))
                self._calls.add(task)
                task.add_done_callback(self._calls.discard)
        except (OSError, ValueError) as error:
            log.warning("conversation-broken", error=str(error))
        finally:
            self._clients.discard(writer)
            writer.close()

    async def _answer(self, call: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        answer: dict[str, Any] = {"id": call.get("id")}
        try:
            answer["result"] = await self._perform(call)
        except (PortsExhausted, KeyError, ValueError, OSError) as error:
            answer["error"] = f"{type(error).__name__}: {error}"
        _send(writer, answer)

    async def _perform(self, call: dict[str, Any]) -> Any:
        match call["call"]:
            case "ping":
                return True
            case "list":
                return [container.report() for container in self._containers.values()]
            case "run":
                return self._run(call["guid"], call["spec"])
            case "stop":
                self._containers[call["guid"]].stop()
                return True
            case "delete":
                container = self._containers.get(call["guid"])
                if container is not None:
                    await container.delete()
                    self._containers.pop(call["guid"], None)
                return True
            case unknown:
                raise ValueError(f"unknown call {unknown!r}; wanted ping, list, run, stop or delete")

    def _run(self, guid: str, spec: Any) -> Report:
        if guid in self._containers:
            return self._containers[guid].report()
        directory = self._directory / guid
        if directory.parent != self._directory:
            raise ValueError(f"{guid!r} is no name of a container")
        container = Container(guid, spec, directory, self._ports, self._grace, self._publish)
        self._containers[guid] = container
        return container.report()

    def _publish(self, report: Report) -> None:
        for writer in list(self._clients):
            _send(writer, {"event": report})


def _send(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    if not writer.is_closing():
        writer.write(orjson.dumps(message) + b"\n")
