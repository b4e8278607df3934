"""One listening socket and its connections: accepts, meters handshakes, watches deadlines and the lease."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass

import structlog

from bbs.server.channel import Channel, PlainChannel, TLSChannel
from bbs.server.connection import Connection
from bbs.server.message import Application, Request
from bbs.server.parsing import Budget, Limits

SEND_BUFFER = 128 * 1024
"""Bytes asked of the kernel per connection (it takes twice that). Small, since what lies there is out of our hands."""

BACKLOG = 4096
ACCEPTS_PER_TURN = 64
HANDSHAKES_PER_TURN = 4
"""A handshake costs about 1 ms; after a failover thousands arrive at once, and calls must get their turn."""

LEASE_TICK_S = 0.1
SWEEP_S = 1.0
KEEPALIVE_S = 180

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds. `idle` is above the 90 s that Go's clients keep connections, so that they never meet a closed one."""

    handshake: float = 15.0
    head: float = 15.0
    body: float = 120.0
    idle: float = 180.0
    stall: float = 300.0
    """How long a client may take nothing of its answer."""


class Listener:
    """Serves `app` on one address."""

    def __init__(
        self,
        app: Application,
        may_answer: Callable[[], bool],
        context: Callable[[], ssl.SSLContext] | None = None,
        *,
        limits: Limits | None = None,
        times: Times | None = None,
        max_connections: int = 20_000,
    ) -> None:
        self.app = app
        self.may_answer = may_answer
        self.limits = limits or Limits()
        self.times = times or Times()
        self.budget = Budget()
        self.closing = False
        self.connections: set[Connection] = set()
        self._context = context
        self._max = max_connections
        self._sock: socket.socket | None = None
        self._accepting = False
        self._emptied: asyncio.Event | None = None
        self._handshakes: deque[Connection] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: list[asyncio.Task[None]] = []

    def start(self, host: str, port: int) -> tuple[str, int]:
        """Bind and accept; port 0 takes a free one. Returns the address bound. Raises OSError."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            sock.bind((host, port))
            sock.listen(BACKLOG)
        except OSError:
            sock.close()
            raise
        sock.setblocking(False)
        self._sock = sock
        self._resume_accepting()
        loop = asyncio.get_running_loop()
        self._watch = [loop.create_task(self._watch_lease()), loop.create_task(self._sweep())]
        bound = sock.getsockname()
        return str(bound[0]), int(bound[1])

    def stop_accepting(self) -> None:
        """Close the listening socket and whoever rests; answers from now on end their connection."""
        self.closing = True
        self._pause_accepting()
        if self._sock is not None:
            self._sock.close()
            self._sock = None
        for connection in list(self.connections):
            connection.close_if_idle()

    async def close(self, grace: float) -> None:
        """Let what is in flight end for `grace` seconds, then cut off the rest."""
        self.stop_accepting()
        if self.connections:
            self._emptied = asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._emptied.wait(), grace)
        for connection in list(self.connections):
            connection.abort()
        for task in [*self._tasks, *self._watch]:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._watch, return_exceptions=True)

    # --- called by connections ---

    def run(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """A task that this listener holds on to and ends when it is closed."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def shake_soon(self, connection: Connection) -> None:
        """Queue one step of a handshake."""
        if not self._handshakes:
            asyncio.get_running_loop().call_soon(self._shake)
        self._handshakes.append(connection)

    def forget(self, connection: Connection) -> None:
        """It is closed."""
        self.connections.discard(connection)
        if not self.connections and self._emptied is not None:
            self._emptied.set()
        self._resume_accepting()

    def withheld(self, request: Request | None) -> None:
        """An answer was not given because the lease does not hold."""
        log.warning("answer-withheld", path=request.path if request else "")

    def failed(self, request: Request | None) -> None:
        """A handler raised what it should not."""
        log.exception("handler-failed", path=request.path if request else "")

    def refused_handshake(self, error: ssl.SSLError) -> None:
        """A client without a certificate that we trust, or no TLS at all."""
        log.info("handshake-refused", reason=error.reason or str(error))

    # --- turns ---

    def _shake(self) -> None:
        for _ in range(min(HANDSHAKES_PER_TURN, len(self._handshakes))):
            self._handshakes.popleft().shake()
        if self._handshakes:
            asyncio.get_running_loop().call_soon(self._shake)

    def _accept(self) -> None:
        assert self._sock is not None
        for _ in range(ACCEPTS_PER_TURN):
            if len(self.connections) >= self._max:
                self._pause_accepting()
                return
            try:
                sock, _ = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionError):
                return
            except OSError as error:  # no descriptors left: those who are connected go on
                log.warning("accept-failed", reason=str(error))
                self._pause_accepting()
                asyncio.get_running_loop().call_later(0.5, self._resume_accepting)
                return
            sock.setblocking(False)
            self.connections.add(Connection(self, sock, self._channel()))

    def _channel(self) -> Channel:
        return TLSChannel(self._context()) if self._context is not None else PlainChannel()

    def _pause_accepting(self) -> None:
        if self._accepting and self._sock is not None:
            self._accepting = False
            asyncio.get_running_loop().remove_reader(self._sock)

    def _resume_accepting(self) -> None:
        if not self._accepting and self._sock is not None and len(self.connections) < self._max:
            self._accepting = True
            asyncio.get_running_loop().add_reader(self._sock, self._accept)

    async def _watch_lease(self) -> None:
        """When the lease lapses, what was said but has not left is taken back."""
        held = self.may_answer()
        while True:
            await asyncio.sleep(LEASE_TICK_S)
            holds = self.may_answer()
            if held and not holds:
                for connection in list(self.connections):
                    connection.lapse()
            held = holds

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            now = time.monotonic()
            for connection in list(self.connections):
                connection.sweep(now)
