"""More connections than a deployment of a thousand cells has, and those that stop half way."""

from __future__ import annotations

import resource
import socket
from contextlib import suppress

import pytest

from tests.robustness.crowd import allow, connected, crowd, each, pinged, resuming, session, shaken
from tests.robustness.server import MIB, Server

CONNECTIONS = 5000
CLIENT_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(32)
"""The beginning of a handshake, cut off."""


@pytest.mark.timeout(600)
async def test_five_thousand_connections_are_served_beside_each_other(server: Server) -> None:
    """100 KiB each, in all of its layers."""
    count = allow(CONNECTIONS)
    assert count == CONNECTIONS, f"this process may open {count} connections; raise its limit of open files (ulimit -n)"
    resumed = resuming(session(server))
    async with server.keeps(500 * MIB), server.serves_others(), crowd(count, resumed, server) as clients:
        assert all(client.session_reused for client in clients)
        answers = await each(pinged, clients)
        assert all(answer.startswith(b"HTTP/1.1 200 OK") for answer in answers)


async def test_a_storm_of_handshakes_is_metered_and_all_of_them_end(server: Server) -> None:
    """Those who never go on are closed when their time is over; who does is served meanwhile."""
    async with server.keeps(300 * MIB), server.serves_others(), crowd(allow(1000), half_shaken, server) as clients:
        async with crowd(200, shaken, server) as others:
            answers = await each(pinged, others)
            assert all(answer.startswith(b"HTTP/1.1 200 OK") for answer in answers)
        assert set(await each(ending, clients)) == {b""}


async def test_connections_that_say_nothing_are_closed_when_their_time_is_over(server: Server) -> None:
    async with (
        server.keeps(200 * MIB),
        server.serves_others(),
        crowd(allow(1000), connected, server) as clients,
    ):
        assert set(await each(ending, clients)) == {b""}


async def test_connections_that_come_and_go_leave_nothing_behind(server: Server) -> None:
    async with server.keeps(200 * MIB), server.serves_others():
        for _ in range(5):
            async with crowd(200, half_shaken, server):
                pass
            async with crowd(100, shaken, server):
                pass


def half_shaken(server: Server) -> socket.socket:
    """A connection whose handshake began."""
    sock = connected(server)
    sock.sendall(CLIENT_HELLO)
    return sock


def ending(sock: socket.socket) -> bytes:
    """What still comes until the server ends the connection: nothing but an alert, which counts as nothing."""
    with suppress(ConnectionError):
        while data := sock.recv(4096):
            assert data[0] == 0x15
    return b""


def test_the_server_allows_itself_as_many_connections_as_it_may(server: Server) -> None:
    pid = server.member.child()
    assert pid is not None
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    assert soft == hard
