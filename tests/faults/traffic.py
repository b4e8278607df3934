"""Writers and readers of a BBS that note in a ledger what they asked and what was answered."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, suppress

from bbs.client import BBSClient, BBSError
from bbs.client.errors import ClientError
from bbs.wire import desired_lrp_pb2 as desired
from tests.components.apps import app
from tests.faults.ledger import Ledger, Read, Write
from tests.processes.cluster import Cluster
from tests.processes.waiting import until

KEYS_A_WRITER = 4
PACE_S = 0.02
"""Between two reads: a reader that never rests takes the processor from those who write."""

PATIENCE_S = 8.0
"""How long a request is repeated before it is left without an answer."""


class Traffic:
    """One writer and one reader at each member, and the ledger of what they met."""

    def __init__(self, cluster: Cluster) -> None:
        self.ledger = Ledger()
        self._cluster = cluster
        self.keys = [[f"key-{name}-{n}" for n in range(KEYS_A_WRITER)] for name in range(len(cluster.members))]
        self.failures: Counter[str] = Counter()
        self.tasks: list[asyncio.Task[None]] = []

    async def goes_on(self, more: int = 30, limit: float = 90.0) -> float:
        """Until so many further writes were acknowledged; how many seconds that took."""
        began, before = time.monotonic(), self.ledger.acknowledged

        async def look() -> bool:
            for task in self.tasks:
                assert not task.done(), task.exception()
            return self.ledger.acknowledged >= before + more

        try:
            await until(f"{more} more writes are acknowledged", look, limit)
        except AssertionError as error:
            error.add_note(f"without an answer so far: {dict(self.failures)}")
            raise
        return time.monotonic() - began

    async def prepare(self) -> None:
        """Makes every key, with value 1."""
        async with self._cluster.members[0].client(timeout=60.0) as client:
            for key in (key for keys in self.keys for key in keys):
                began = time.monotonic()
                with suppress(BBSError):  # a repetition of a call that got through: it exists
                    await client.desire_lrp(app(key, instances=0, annotation="1"))
                self.ledger.writes.append(Write(key, 1, began, time.monotonic()))

    async def final(self) -> None:
        """Notes the export of the store itself, all members having left: what every write and read must agree with."""
        lines = (await self._cluster.stored()).splitlines()
        now = time.monotonic()
        rows = [json.loads(line) for line in lines]
        seen = {row["key"]: int(row["record"]["annotation"]) for row in rows if row["kind"] == "desired_lrps"}
        self.ledger.told(seen, now, now)

    async def write(self, client: BBSClient, keys: Sequence[str]) -> None:
        """Raises one key after the other, for ever."""
        value = 1
        while True:
            value += 1
            for key in keys:
                update = desired.DesiredLRPUpdate(annotation=f"{value}")
                began, ended = time.monotonic(), math.inf
                try:
                    ended = await self._answered(client.update_desired_lrp(key, update))
                finally:  # also when it is cancelled: it was sent
                    self.ledger.writes.append(Write(key, value, began, ended))

    async def read(self, client: BBSClient) -> None:
        """Reads one key after the other, for ever; now and then all of them."""
        keys = [key for keys in self.keys for key in keys]
        while True:
            for key in keys:
                await asyncio.sleep(PACE_S)
                began = time.monotonic()
                with suppress(ClientError):
                    lrp = await client.desired_lrp(key)
                    self.ledger.reads.append(Read(key, int(lrp.annotation), began, time.monotonic()))
            began = time.monotonic()
            with suppress(ClientError):
                all_of_them = {lrp.process_guid: int(lrp.annotation) for lrp in await client.desired_lrps()}
                self.ledger.told(all_of_them, began, time.monotonic())

    async def _answered(self, call: Awaitable[None]) -> float:
        try:
            await call
        except ClientError as error:
            self.failures[str(getattr(error, "code", type(error).__name__))] += 1
            return math.inf
        return time.monotonic()


@asynccontextmanager
async def running(traffic: Traffic, cluster: Cluster) -> AsyncIterator[None]:
    """The traffic, around what is done to the engine."""
    await traffic.prepare()
    clients = [member.client(timeout=PATIENCE_S) for member in cluster.members for _ in range(2)]
    keys = iter(traffic.keys)
    traffic.tasks += [
        asyncio.create_task(traffic.read(client) if n % 2 else traffic.write(client, next(keys)))
        for n, client in enumerate(clients)
    ]
    try:
        yield
    finally:
        for task in traffic.tasks:
            task.cancel()
        await asyncio.gather(*traffic.tasks, return_exceptions=True)
        for client in clients:
            await client.close()
