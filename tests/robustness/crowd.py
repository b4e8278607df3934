"""Very many connections at once, on plain sockets: an event loop's own buffers would be most of the memory."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from tests.robustness.server import PATIENCE_S, Server
from tests.server.raw import post

SPARE = 500
"""Descriptors for all else of this process."""

Made = TypeVar("Made", bound=socket.socket)


def allow(connections: int) -> int:
    """How many of that many connections this process may open, as far as it can raise its limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < connections + SPARE:
        soft = min(hard, connections + SPARE) if hard != resource.RLIM_INFINITY else connections + SPARE
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(connections, soft - SPARE)


def connected(server: Server) -> socket.socket:
    """A connection that has said nothing yet."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)


def shaken(server: Server) -> ssl.SSLSocket:
    """A connection after its handshake."""
    return server.tls.wrap_socket(connected(server), server_hostname="localhost")


def resuming(session: ssl.SSLSession) -> Callable[[Server], ssl.SSLSocket]:
    """As `shaken`, from a session that was agreed before: thousands of whole handshakes take longer than a connection
    may rest, on a machine that does both sides of them."""

    def resumed(server: Server) -> ssl.SSLSocket:
        return server.tls.wrap_socket(connected(server), server_hostname="localhost", session=session)

    return resumed


def session(server: Server) -> ssl.SSLSession:
    """A session to resume; the server hands it out beside its first answer."""
    with shaken(server) as sock:
        pinged(sock)
        assert sock.session is not None
        return sock.session


def pinged(sock: ssl.SSLSocket) -> bytes:
    """What a ping on that connection is answered, its first piece."""
    sock.sendall(post("/v1/ping"))
    return sock.recv(4096)


@asynccontextmanager
async def crowd(count: int, make: Callable[[Server], Made], server: Server) -> AsyncIterator[list[Made]]:
    """That many connections, made a few at a time, all open together; closed at the end."""
    made: list[Made] = []
    with ThreadPoolExecutor(4) as pool:
        try:
            loop = asyncio.get_running_loop()
            opening = [loop.run_in_executor(pool, make, server) for _ in range(count)]
            made += [await opened for opened in asyncio.as_completed(opening)]
            yield made
        finally:
            for sock in made:
                sock.close()


async def each(action: Callable[[Made], bytes], crowd: list[Made]) -> list[bytes]:
    """What each connection gives, a few at a time."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(4) as pool:
        return list(await asyncio.gather(*(loop.run_in_executor(pool, action, sock) for sock in crowd)))
