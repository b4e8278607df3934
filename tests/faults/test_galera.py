"""Three Galera nodes under three members that write to different ones: what was acknowledged stays, whatever dies."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.galera import GaleraCluster, GaleraNode, can_cut
from tests.faults import ROUNDS
from tests.faults.traffic import Traffic, running
from tests.processes.cluster import Cluster
from tests.processes.waiting import until

LOCK = {"ttl": "5s", "renew": "1s", "margin": "1s", "poll": "200ms"}
FAULTS = ["killed", "paused", "cut off"]


@pytest.fixture
def galera() -> Iterator[GaleraCluster]:
    galera = GaleraCluster()
    try:
        galera.start()
        yield galera
    finally:
        galera.remove()


def _members(folder: Path, galera: GaleraCluster) -> Cluster:
    """Each begins with another node."""
    cluster = Cluster(folder, 0, lock=LOCK)
    for number in range(len(galera.nodes)):
        cluster.add(store=galera.section(number))
    return cluster


async def _whole(galera: GaleraCluster) -> None:
    async def look() -> bool:
        return await asyncio.to_thread(galera.whole)

    await until("all nodes are one cluster", look, 120)


async def _suffer(galera: GaleraCluster, node: GaleraNode, fault: str, traffic: Traffic) -> str:
    """Hurts one node, waits for the traffic to go on, heals it and waits until the cluster is whole."""
    match fault:
        case "killed":
            await asyncio.to_thread(node.kill)
            seconds = await traffic.goes_on()
            await asyncio.to_thread(node.join)
        case "paused":
            node.signal(signal.SIGSTOP)
            seconds = await traffic.goes_on()
            node.signal(signal.SIGCONT)
        case _:
            with galera.cut_off(node):
                seconds = await traffic.goes_on()
    await _whole(galera)
    await traffic.goes_on()
    return f"{node.address} {fault}: went on after {seconds:.1f} s"


async def _prove(folder: Path, galera: GaleraCluster, faults: list[str]) -> None:
    """Each fault strikes the node that the master began with, then the next one, and so on."""
    async with _members(folder, galera) as cluster:
        first = cluster.members.index(await cluster.start())
        traffic = Traffic(cluster)
        async with running(traffic, cluster):
            await traffic.goes_on()
            for number, fault in enumerate(faults, first):
                print(await _suffer(galera, galera.nodes[number % len(galera.nodes)], fault, traffic))
        await traffic.final()
        epochs = [line["epoch"] for member in cluster.members for line in member.events("claimed")]
        ledger = traffic.ledger
        print(f"{ledger.acknowledged} of {len(ledger.writes)} writes acknowledged, {len(ledger.reads)} reads,")
        print(f"epochs {sorted(epochs)}, unanswered: {dict(traffic.failures)}")
    assert ledger.violations() == []
    assert len(set(epochs)) == len(epochs), "an epoch had two holders"


@pytest.mark.skipif(not can_cut(), reason="only root with iptables can cut nodes off from one another")
async def test_nodes_killed_paused_and_cut_off_lose_no_acknowledged_write(folder: Path, galera: GaleraCluster) -> None:
    """At first the master's own node is cut off: it still takes connections, and is of no use."""
    await _prove(folder, galera, ["cut off", *(ROUNDS * FAULTS)])
