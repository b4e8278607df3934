"""A lane: calls to one sort of peer, so many at once and so many waiting, so that none holds up the other sorts."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine

Work = Callable[[], Coroutine[None, None, None]]


class Lane:
    """`abreast` calls run at once, `limit` wait. A call handles its own failures."""

    def __init__(self, abreast: int, limit: int) -> None:
        self._abreast = abreast
        self._limit = limit
        self._waiting: deque[Work] = deque()
        self._running: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> int:
        """Calls that run or wait."""
        return len(self._running) + len(self._waiting)

    def offer(self, work: Work) -> bool:
        """Run it as soon as there is room; False when too many wait."""
        if len(self._waiting) >= self._limit:
            return False
        self._waiting.append(work)
        self._fill()
        return True

    async def close(self) -> None:
        """Forget what waits, cancel what runs, return when all has ended."""
        self._waiting.clear()
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _fill(self) -> None:
        while self._waiting and len(self._running) < self._abreast:
            task = asyncio.get_running_loop().create_task(self._waiting.popleft()())
            self._running.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._fill()
