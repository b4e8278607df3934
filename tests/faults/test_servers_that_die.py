"""A server killed under traffic, at whatever it was doing, or paused: what was acknowledged is there afterwards."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from tests.engines.etcd import EtcdServer
from tests.engines.postgresql import PostgreSQLServer
from tests.engines.relational import SERVERS, RelationalServer
from tests.faults import ROUNDS
from tests.faults.traffic import Traffic, running
from tests.processes.cluster import Cluster
from tests.processes.waiting import until

LOCK = {"ttl": "5s", "renew": "1s", "margin": "1s", "poll": "200ms"}
MEMBERS = 2
TTL_MS = 5000


@pytest.fixture(params=["etcd", "mysql", "postgresql"])
def server(request: pytest.FixtureRequest, folder: Path) -> Iterator[EtcdServer | RelationalServer]:
    """A server of the test's own."""
    server = EtcdServer(folder) if request.param == "etcd" else SERVERS[request.param]()
    try:
        server.start()
        yield server
    finally:
        server.kill() if isinstance(server, EtcdServer) else server.remove()


def _cluster(folder: Path, server: EtcdServer | RelationalServer) -> Cluster:
    if isinstance(server, EtcdServer):
        return Cluster(folder / "members", MEMBERS, etcd=server, lock=LOCK)
    return Cluster(folder / "members", MEMBERS, database=server, lock=LOCK)


Hurt = Callable[[Cluster], Awaitable[None]]


async def _kept(folder: Path, server: EtcdServer | RelationalServer, hurt: Hurt) -> None:
    async with _cluster(folder, server) as cluster:
        await cluster.start()
        traffic = Traffic(cluster)
        async with running(traffic, cluster):
            await traffic.goes_on()
            for _ in range(ROUNDS or 1):
                await hurt(cluster)
                print(f"went on after {await traffic.goes_on():.1f} s")
        await traffic.final()
    ledger = traffic.ledger
    print(f"{ledger.acknowledged} of {len(ledger.writes)} writes acknowledged, {len(ledger.reads)} reads")
    assert ledger.violations() == []


async def test_a_server_killed_under_traffic_keeps_what_was_acknowledged(
    folder: Path, server: EtcdServer | RelationalServer
) -> None:
    async def kill(_: Cluster) -> None:
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)

    await _kept(folder, server, kill)


@pytest.mark.skipif(not ROUNDS, reason="takes long: make faults")
async def test_a_server_that_stands_still_beyond_the_ttl_keeps_what_was_acknowledged(
    folder: Path, server: EtcdServer | RelationalServer
) -> None:
    async def pause(cluster: Cluster) -> None:
        master = await cluster.master()

        async def lapsed() -> bool:
            seen = await master.status()
            return seen is not None and seen["lease_age_ms"] is not None and seen["lease_age_ms"] > TTL_MS

        server.signal(signal.SIGSTOP)
        try:
            await until("the lease of the master lapsed", lapsed)
        finally:
            server.signal(signal.SIGCONT)

    if isinstance(server, PostgreSQLServer):
        pytest.skip("of PostgreSQL only the first process can be paused, and its sessions work on")
    await _kept(folder, server, pause)
