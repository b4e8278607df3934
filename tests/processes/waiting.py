"""Waiting for a condition, never for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Seen = TypeVar("Seen")

LIMIT_S = 60.0
_LOOK_S = 0.02


async def until(what: str, look: Callable[[], Awaitable[Seen | None]], limit: float = LIMIT_S) -> Seen:
    """What `look` gives as soon as it is neither None nor False. Fails after `limit` seconds, saying `what`."""
    end = time.monotonic() + limit
    while True:
        seen = await look()
        if seen is not None and seen is not False:
            return seen
        if time.monotonic() > end:
            message = f"not within {limit:.0f} s: {what}"
            raise AssertionError(message)
        await asyncio.sleep(_LOOK_S)
