"""The scene of a stopped master: what its clients hear, what its store refuses, what it says in its log.

m0 is master and meets etcd through a valve. While a commit of it is kept on its way, and clients hold the write that
waits for it, one that waits behind it, two bulk lists that are read slowly, a read and a write that the process has not
read yet, the commit stream and an event stream, its process is stopped (SIGSTOP; the supervisor runs on). m1 claims.
Then the kept commit arrives at etcd, and m0 wakes.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bbs.wire import core_pb2
from tests.engines.etcd import EtcdServer
from tests.processes.cluster import Cluster
from tests.processes.line import Line, Queues
from tests.processes.member import Member, leaf
from tests.processes.valve import Valve
from tests.processes.waiting import until
from tests.processes.wire import context, request

IN_FLIGHT, IN_LINE, UNSEEN = "in-flight-when-stopped", "in-line-when-stopped", "unseen-when-stopped"
_SMALL = 8 * 1024
_RECORDS = 4000


@dataclass
class Account:
    """What was seen. Bytes are raw ones: TLS records as they came out of the socket."""

    stopped_s: float = 0.0
    claimed_epoch: int = 0
    woken: dict[str, int] = field(default_factory=dict)
    """Name of a connection -> bytes read from the moment of waking to the end of the connection."""
    said: dict[str, bytes] = field(default_factory=dict)
    """Name of a connection -> plain text read from the moment of waking."""
    untouched: Queues = field(default_factory=lambda: Queues(0, 0))
    """What the kernels held, while m0 was stopped, of the list that nobody read on."""
    listed: dict[str, int] = field(default_factory=dict)
    """Name of a list -> how much plain text of it was read in all."""
    length: int = 0
    """How long a whole list would have been."""
    events: list[dict[str, Any]] = field(default_factory=list)
    """m0's log."""
    export: str = ""
    """The export through m1."""


class _Scene:
    def __init__(self, cluster: Cluster, old: Member, new: Member, valve: Valve) -> None:
        self.cluster, self.old, self.new, self.valve = cluster, old, new, valve
        self.lines: dict[str, Line] = {}
        self.account = Account()
        self._context = context(leaf(cluster.certificates, "client"))

    async def line(self, name: str, files: str = "client", receive_buffer: int | None = None) -> Line:
        made = self._context if files == "client" else context(leaf(self.cluster.certificates, files))
        self.lines[name] = await Line.open(self.old.port, made, receive_buffer)
        return self.lines[name]

    async def idle_line(self, name: str) -> Line:
        """A connection that has been used and rests."""
        line = await self.line(name)
        await line.send(request("POST", "/v1/ping"))
        await line.heard(len(b"HTTP/1.1 200 OK\r\n"))
        return line

    async def slow_list(self, name: str) -> None:
        """A list of which a little was read, so that all buffers up to the server's are full."""
        line = await self.line(name, receive_buffer=_SMALL)
        await line.send(request("POST", "/v1/desired_lrps/list.r3"))
        await line.heard(4096, most=2048)
        heads = dict(row.split(b": ", 1) for row in line.plain.split(b"\r\n\r\n")[0].split(b"\r\n")[1:])
        self.account.length = int({key.lower(): value for key, value in heads.items()}[b"content-length"])
        port = self.old.port
        await until("the server's buffers are full", lambda: _truth(line.queues(port).leaving > _SMALL))

    async def taken(self, line: Line) -> None:
        """The master's process has read what was sent on that connection."""
        await until("the master has read the request", lambda: _truth(line.unread(self.old.port) == 0))

    async def announced(self) -> None:
        """The commit stream has the batch: it is being sent to the store, and now lies in the valve."""
        stream = self.lines["stream"]
        async with asyncio.timeout(20):
            while IN_FLIGHT.encode() not in stream.plain:
                await stream.take()
        await until("commit and renewal are on their way", lambda: _truth(self.valve.keeping >= 2))


async def _truth(seen: bool) -> bool:
    return seen


def _upsert(domain: str) -> bytes:
    body = core_pb2.UpsertDomainRequest(domain=domain, ttl=0).SerializeToString()
    return request("POST", "/v1/domains/upsert", body)


async def stop_the_master(folder: Path, etcd: EtcdServer, seconds: float) -> Account:
    """Play the scene with a stop of at least `seconds`; longer if m1's claim takes longer."""
    async with _scene(folder, etcd) as scene:
        await _fill(scene)
        pid = scene.old.signal_child(signal.SIGSTOP)
        stopped = time.monotonic()
        try:
            await _while_stopped(scene)
            await asyncio.sleep(max(0.0, stopped + seconds - time.monotonic()))
            scene.valve.open()
            await until("etcd has answered what was kept", lambda: _truth(scene.valve.idle))
            plain = {name: len(line.plain) for name, line in scene.lines.items()}
        finally:
            assert scene.old.signal_child(signal.SIGCONT) == pid, "the stopped child was replaced"
        scene.account.stopped_s = time.monotonic() - stopped
        await _after_waking(scene, plain)
        return scene.account


@asynccontextmanager
async def _scene(folder: Path, etcd: EtcdServer) -> AsyncIterator[_Scene]:
    async with Valve(etcd.port) as valve, Cluster(folder, 0, etcd) as cluster:
        old, new = cluster.add(f"https://127.0.0.1:{valve.port}"), cluster.add()
        await cluster.cli("generate", "--records", _RECORDS, "--inert")
        old.start()
        await cluster.master(old)
        new.start()
        await new.comes_to(role="Standby", state="Following")
        scene = _Scene(cluster, old, new, valve)
        yield scene
        for line in scene.lines.values():
            line.close()


async def _fill(scene: _Scene) -> None:
    for name in ("list being read", "list left alone"):
        await scene.slow_list(name)
    for name in ("unseen read", "unseen write"):
        await scene.idle_line(name)
    write, second = await scene.line("write"), await scene.line("write in line")
    stream = await scene.line("stream", files="server")
    await stream.send(request("GET", "/stream/v1"))
    await stream.heard(len(b"HTTP/1.1 200 OK\r\n"))
    events = await scene.line("events")
    await events.send(request("POST", "/v1/events/lrp_instances.r1"))
    await events.heard(len(b"HTTP/1.1 200 OK\r\n"))
    scene.valve.close()
    await write.send(_upsert(IN_FLIGHT))
    await scene.announced()
    await second.send(_upsert(IN_LINE))
    await scene.taken(second)


async def _while_stopped(scene: _Scene) -> None:
    account, port = scene.account, scene.old.port
    await scene.lines["unseen read"].send(request("POST", "/v1/desired_lrps/list.r3"))
    await scene.lines["unseen write"].send(_upsert(UNSEEN))
    account.claimed_epoch = int((await scene.new.logged("claimed", limit=120))["epoch"])
    await scene.cluster.master(scene.new)
    for name, line in scene.lines.items():
        # What the kernel took while the lease held travels on while the process stands: it was said before the stop.
        if name != "list left alone":
            await line.drained(port)
    account.untouched = await scene.lines["list left alone"].settled(port)


async def _after_waking(scene: _Scene, plain: dict[str, int]) -> None:
    account = scene.account
    await scene.old.comes_to(role="Standby", state="Following")
    for name, line in scene.lines.items():
        if name.startswith("unseen"):
            account.woken[name] = await _answered(line, plain[name])
        else:
            account.woken[name] = await line.to_the_end()
        account.said[name] = line.plain[plain[name] :]
    account.listed = {name: len(line.plain) for name, line in scene.lines.items() if name.startswith("list")}
    account.events = scene.old.events()
    account.export = await scene.cluster.export(scene.new)


async def _answered(line: Line, before: int) -> int:
    """A request that was only read after waking may be answered, but not with a master's answer."""
    raw = line.raw
    async with asyncio.timeout(20):
        try:
            while b"\r\n\r\n" not in line.plain[before:]:
                if not await line.take():
                    break
        except ConnectionResetError:
            pass
    return line.raw - raw
