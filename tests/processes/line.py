"""A client connection whose every byte is counted: the raw socket, TLS beside it, and what the kernels hold."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path
from typing import NamedTuple, Self

from tests.processes.waiting import until

_TAKE = 65536
LOOPBACK = "0100007F"


class Queues(NamedTuple):
    """Bytes in the kernel: sent by the server but not taken by our kernel, taken by our kernel but not read by us."""

    leaving: int
    arrived: int


class Line:
    """One connection to a BBS."""

    def __init__(self, sock: socket.socket, tls: ssl.SSLObject, into: ssl.MemoryBIO, out: ssl.MemoryBIO) -> None:
        self._sock, self._tls, self._into, self._out = sock, tls, into, out
        self.raw = 0
        self.plain = b""

    @classmethod
    async def open(cls, port: int, context: ssl.SSLContext, receive_buffer: int | None = None) -> Self:
        """Connect and shake hands."""
        sock = socket.socket()
        if receive_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.setblocking(False)
        into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        line = cls(sock, context.wrap_bio(into, out, server_hostname="127.0.0.1"), into, out)
        async with asyncio.timeout(20):
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
            while True:
                try:
                    line._tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    await line._flush()
                    await line.take()
            await line._flush()
        return line

    async def send(self, data: bytes) -> None:
        """Send a request; the kernel takes it at once."""
        self._tls.write(data)
        await self._flush()

    async def take(self, most: int = _TAKE) -> int:
        """Read once; the number of raw bytes. 0: the server ended in order. Raises ConnectionResetError."""
        data = await asyncio.get_running_loop().sock_recv(self._sock, most)
        self.raw += len(data)
        if data:
            self._into.write(data)
        self._decrypt()
        return len(data)

    async def heard(self, count: int, most: int = _TAKE) -> None:
        """Read until that many bytes of plain text are there."""
        async with asyncio.timeout(20):
            while len(self.plain) < count:
                if not await self.take(most):
                    message = f"the server ended after {len(self.plain)} bytes"
                    raise AssertionError(message)

    async def to_the_end(self) -> int:
        """Read until the server ended or reset the connection; how many raw bytes that were."""
        before = self.raw
        async with asyncio.timeout(30):
            try:
                while await self.take():
                    pass
            except ConnectionResetError:
                pass
        return self.raw - before

    async def drained(self, port: int) -> None:
        """Read all that the kernels still hold, until nothing is left on its way."""

        async def empty() -> bool | None:
            queues = self.queues(port)
            if queues.arrived:
                await self.take()
            return queues == (0, 0) or None

        await until("the kernels hold nothing of this connection", empty)

    async def settled(self, port: int) -> Queues:
        """What the kernels hold once it no longer changes, because our side takes nothing."""
        last: list[Queues] = []

        async def same() -> Queues | None:
            last.append(self.queues(port))
            return last[-1] if len(last) > 25 and len(set(last[-25:])) == 1 else None

        return await until("the kernels' queues stand still", same)

    def queues(self, port: int) -> Queues:
        """What the kernels hold of what the server at `port` sent; 0 for an end that is closed."""
        ours = self._sock.getsockname()[1]
        leaving = arrived = 0
        for entry in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _, local, remote, _, queued, *_ = entry.split()
            sent, received = (int(part, 16) for part in queued.split(":"))
            if (local, remote) == (_end(port), _end(ours)):
                leaving = sent
            if (local, remote) == (_end(ours), _end(port)):
                arrived = received
        return Queues(leaving, arrived)

    def unread(self, port: int) -> int:
        """Bytes of ours that the server's process has not read: on their way, or in its kernel."""
        ours, theirs = _end(self._sock.getsockname()[1]), _end(port)
        rows = [entry.split() for entry in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        sent = sum(int(row[4].split(":")[0], 16) for row in rows if (row[1], row[2]) == (ours, theirs))
        return sent + sum(int(row[4].split(":")[1], 16) for row in rows if (row[1], row[2]) == (theirs, ours))

    def close(self) -> None:
        """Close our end."""
        self._sock.close()

    def _decrypt(self) -> None:
        try:
            while data := self._tls.read(_TAKE):
                self.plain += data
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError, ssl.SSLEOFError):
            pass
        except ssl.SSLError:
            if self._tls.version() is not None:
                raise

    async def _flush(self) -> None:
        if self._out.pending:
            await asyncio.get_running_loop().sock_sendall(self._sock, self._out.read())


def _end(port: int) -> str:
    return f"{LOOPBACK}:{port:04X}"
