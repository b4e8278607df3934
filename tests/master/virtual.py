"""Time that stands still until everybody waits for it, and then goes to the next instant somebody waits for."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any, TypeVar

_T = TypeVar("_T")

_TURNS = 200
"""How often the event loop turns before everybody is taken to be waiting."""


class VirtualClock:
    """A Clock (bbs.master.clock) for tests: no test waits for real time."""

    def __init__(self, time: float = 1000.0) -> None:
        self.time = time
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def now(self) -> int:
        return int(self.time * 1e9)

    def steady(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.time + seconds, next(self._numbers), waiting))
        await waiting

    async def settle(self) -> None:
        """Let everybody run who does not wait for time."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    async def advance(self, seconds: float) -> None:
        """Let that much time pass, waking sleepers in order."""
        end = self.time + seconds
        await self.settle()
        while self._wake(end):
            await self.settle()
        self.time = end
        await self.settle()

    async def until(self, condition: Callable[[], bool], within: float = 60.0) -> None:
        """Let time pass until the condition holds; at most `within` seconds of it."""
        end = self.time + within
        await self.settle()
        while not condition():
            assert self._wake(end), f"not so within {within} s"
            await self.settle()

    async def while_passing(self, work: Coroutine[Any, Any, _T], within: float = 60.0) -> _T:
        """The result of `work`, for which time passes."""
        task = asyncio.ensure_future(work)
        try:
            await self.until(task.done, within)
            return await task
        finally:
            task.cancel()

    def _wake(self, end: float) -> bool:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        if not self._sleepers or self._sleepers[0][0] > end:
            return False
        at, _, waiting = heapq.heappop(self._sleepers)
        self.time = max(self.time, at)
        waiting.set_result(None)
        return True
