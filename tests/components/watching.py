"""Apps seen from outside: which instances run, and whether one of them always answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bbs.client import BBSClient
from bbs.wire import actual_lrp_pb2 as actual
from tests.components import apps
from tests.components.waiting import until

ORDINARY = actual.ActualLRP.ORDINARY


async def running(client: BBSClient, guid: str, count: int) -> list[actual.ActualLRP]:
    """The ordinary rows that run, once there are `count` of them."""

    async def look() -> list[actual.ActualLRP]:
        rows = await client.actual_lrps(process_guid=guid)
        found = [row for row in rows if row.state == "RUNNING" and row.presence == ORDINARY]
        return found if len(found) == count else []

    return await until(look)


class watching:  # noqa: N801 - read as a word of the test
    """Asks the app all the time; notes each moment at which no instance answered for a second."""

    def __init__(self, client: BBSClient, guid: str) -> None:
        self._client = client
        self._guid = guid
        self._silent: list[float] = []
        self._answered = 0

    async def __aenter__(self) -> list[float]:
        self._task = asyncio.create_task(self._watch())
        await until(lambda: self._answered)
        return self._silent

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        assert self._task.cancelled(), self._task.exception()

    async def _watch(self) -> None:
        clock: Callable[[], float] = asyncio.get_running_loop().time
        answered = clock()
        while True:
            rows = await self._client.actual_lrps(process_guid=self._guid)
            asks: list[Awaitable[bool]] = [apps.answers(row) for row in rows if row.state == "RUNNING"]
            if any(await asyncio.gather(*asks)):
                answered = clock()
                self._answered += 1
            elif clock() - answered > 1:
                self._silent.append(clock())
            await asyncio.sleep(0.1)
