"""Many subscribers over mutual TLS in one thread: plain sockets and one selector, so that a thousand cost little."""

from __future__ import annotations

import selectors
import socket
import ssl
import time
from types import TracebackType
from typing import Self

END_OF_EVENT = b"\n\n\r\n"
LAST_CHUNK = b"\r\n0\r\n\r\n"
ASK = b"POST /v1/events/tasks.r1 HTTP/1.1\r\nHost: bbs\r\nContent-Length: 0\r\n\r\n"
READ = 64 * 1024


class Listener:
    """One subscriber: what it got, counted."""

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self.sock = sock
        self.events = 0
        self.received = b""
        self.ended = False

    def read(self) -> int:
        """Take what is there; the number of events in it."""
        before = self.events
        while not self.ended:
            try:
                data = self.sock.recv(READ)
            except (ssl.SSLWantReadError, BlockingIOError):
                break
            self.ended = not data
            # An event's end may be cut in two.
            tail = self.received[-len(END_OF_EVENT) + 1 :]
            self.events += (tail + data).count(END_OF_EVENT)
            self.received = (self.received + data)[-64:]
        return self.events - before


class Crowd:
    """Subscribers to the task stream of a server on loopback. Every wait ends with `patience` seconds."""

    def __init__(self, port: int, context: ssl.SSLContext, patience: float = 120.0) -> None:
        self._port = port
        self._context = context
        self._patience = patience
        self._selector = selectors.DefaultSelector()
        self.listeners: list[Listener] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None) -> None:
        for listener in self.listeners:
            listener.sock.close()
        self._selector.close()

    def join(self, count: int) -> None:
        """So many subscribe; each has seen the head of its stream when this returns."""
        for _ in range(count):
            plain = socket.create_connection(("127.0.0.1", self._port), timeout=self._patience)
            sock = self._context.wrap_socket(plain, server_hostname="localhost")
            sock.sendall(ASK)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += sock.recv(1)
            assert head.startswith(b"HTTP/1.1 200 "), head
            sock.setblocking(False)
            listener = Listener(sock)
            self.listeners.append(listener)
            self._selector.register(sock, selectors.EVENT_READ, listener)

    def hear(self, events: int) -> float:
        """Read until every one has so many events in all; the seconds that took."""
        begun = time.monotonic()
        missing = sum(max(0, events - listener.events) for listener in self.listeners)
        while missing > 0:
            missing -= self._turn(begun)
        return time.monotonic() - begun

    def hear_the_end(self) -> None:
        """Read until every stream has ended."""
        begun = time.monotonic()
        while not all(listener.ended for listener in self.listeners):
            self._turn(begun)

    def _turn(self, begun: float) -> int:
        left = begun + self._patience - time.monotonic()
        if left <= 0:
            counts = sorted(listener.events for listener in self.listeners)
            message = f"not within {self._patience:.0f} s; events per subscriber from {counts[0]} to {counts[-1]}"
            raise TimeoutError(message)
        heard = 0
        for key, _ in self._selector.select(left):
            heard += key.data.read()
            if key.data.ended:
                self._selector.unregister(key.fileobj)
        return heard
