"""Watching the master until something is so, over a change of masters too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bbs.cli.reach import Reach, master
from bbs.client import NotAvailable

POLL_S = 0.5
PATIENCE_S = 60.0
"""How long the master may be unreachable while it is watched; an election takes seconds, and who is elected goes on."""


async def until(reach: Reach, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first status of the master of which `reached` says so. Raises what it raises, and NotAvailable."""
    silent_since: float | None = None
    clock = asyncio.get_running_loop().time
    while True:
        try:
            async with master(reach) as (_, status):
                silent_since = None
                if reached(status):
                    return status
        except NotAvailable:
            silent_since = silent_since or clock()
            if clock() - silent_since > PATIENCE_S:
                raise
        await asyncio.sleep(POLL_S)
