"""Waiting for a condition that nobody announces."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

LIMIT_S = 30.0
PAUSE_S = 0.05

Seen = TypeVar("Seen")


async def until(look: Callable[[], Seen | Awaitable[Seen]], limit: float = LIMIT_S) -> Seen:
    """What `look` gives once it is true; fails with the last thing seen after `limit` seconds."""
    seen: Seen | None = None
    deadline = asyncio.get_running_loop().time() + limit
    while asyncio.get_running_loop().time() < deadline:
        found = look()
        seen = await found if inspect.isawaitable(found) else found
        if seen:
            return seen
        await asyncio.sleep(PAUSE_S)
    raise AssertionError(f"not so within {limit} s: {inspect.getsource(look).strip()} gave {seen!r}")
