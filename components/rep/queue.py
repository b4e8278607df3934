"""Operations by container: one runs, the newest one waits, different containers go side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()
Operation = Callable[[], Awaitable[None]]


class KeyedQueue:
    """Owns the tasks that run operations."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[None]] = {}
        self._waiting: dict[str, Operation] = {}

    def push(self, key: str, operation: Operation) -> None:
        """Run `operation` now, or after the one of the same key that runs; a newer one replaces the one that waits."""
        if key in self._running:
            self._waiting[key] = operation
            return
        self._running[key] = asyncio.create_task(self._run(key, operation))

    async def close(self) -> None:
        """Cancel what runs and forget what waits."""
        self._waiting.clear()
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self, key: str, operation: Operation) -> None:
        try:
            await operation()
        except Exception:
            log.exception("operation-failed", key=key)
        finally:
            del self._running[key]
            following = self._waiting.pop(key, None)
            if following is not None:
                self.push(key, following)
