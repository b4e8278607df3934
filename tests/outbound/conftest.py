"""A master's calls out with all their peers: auctioneer, cell and callback server, behind mutual TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bbs.configuration import BBSConfiguration
from bbs.master.clock import SystemClock
from bbs.master.lease import Lease, LockTimes
from bbs.models.state import Effect
from bbs.outbound import CallsOut, Presences
from tests.components.certificates import Trust
from tests.outbound.peers import Locket, Peer

TIMES = LockTimes(ttl=1.5, renew=0.3, margin=0.2)


class Notes:
    """A journal that remembers."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, event: str, **fields: Any) -> None:
        self.events.append((event, fields))

    def named(self, event: str) -> list[dict[str, Any]]:
        return [fields for name, fields in self.events if name == event]


@dataclass
class Master:
    """Calls out under a lease that the test renews."""

    calls: CallsOut
    presences: Presences
    locket: Locket
    auctioneer: Peer
    cell: Peer
    elsewhere: Peer
    notes: Notes
    clock: SystemClock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        self.lease = Lease(self.clock, TIMES, self.clock.steady())

    def decide(self, *effects: Effect) -> None:
        """What the pipeline does after a commit."""
        self.calls.follow_up(effects, self.lease)

    def renew(self) -> None:
        self.lease.renewed(self.clock.steady())

    def perform(self, *effects: Effect) -> None:
        """Decided, and then renewed."""
        self.decide(*effects)
        self.renew()


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return Trust(tmp_path_factory.mktemp("trust"))


Configured = Callable[..., BBSConfiguration]


@pytest.fixture
def configured(trust: Trust, tmp_path: Path) -> Configured:
    def configuration(**keys: object) -> BBSConfiguration:
        files = trust.leaf("bbs").model_dump(mode="json")
        store = {"type": "sqlite", "sqlite": {"path": str(tmp_path / "bbs.db")}}
        lock = {"ttl": "1500ms", "renew": "300ms", "margin": "200ms"}
        return BBSConfiguration.model_validate(
            {"tls": files, "store": store, "lock": lock, "communication_timeout": "1s", **keys}
        )

    return configuration


async def _peers(stack: AsyncExitStack, trust: Trust, names: Sequence[str]) -> list[Peer]:
    peers = [await Peer().start(trust, name) for name in names]
    for peer in peers:
        stack.push_async_callback(peer.close)
    return peers


@pytest.fixture
async def locket(trust: Trust, tmp_path: Path) -> AsyncIterator[Locket]:
    locket = await Locket(tmp_path, trust).start()
    yield locket
    await locket.stop()


@pytest.fixture
async def master(trust: Trust, configured: Configured, locket: Locket) -> AsyncIterator[Master]:
    async with AsyncExitStack() as stack:
        auctioneer, cell, elsewhere = await _peers(stack, trust, ("auctioneer", "cell", "cloud-controller"))
        await locket.present("cell-1", cell.url)
        configuration = configured(locket_address=locket.address, auctioneer_address=auctioneer.url)
        presences, notes = Presences.configured_by(configuration), Notes()
        stack.push_async_callback(presences.close)
        calls = CallsOut(configuration, presences, SystemClock(), notes)
        stack.push_async_callback(calls.close)
        yield Master(calls, presences, locket, auctioneer, cell, elsewhere, notes)
