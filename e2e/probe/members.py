"""The log of all members' /status: asked each 300 ms, written when something changed, at the latest each 2 s."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from bbs.client import BBSClient, ClientTLS
from bbs.client.errors import ClientError
from e2e.probe.journal import note

INTERVAL_S = 0.3
LATEST_S = 2.0
KEPT = (
    *("version", "build", "layouts", "member", "role", "state", "reason", "epoch"),
    *("live", "data", "migration", "prepared", "keys", "unreadable", "store", "move"),
)


async def watch(url: str, tls: ClientTLS) -> None:
    """Follow the member at `url` for ever."""
    name = url.removeprefix("https://").partition(".")[0]
    written: tuple[object, float] = (None, 0.0)
    async with BBSClient(url, tls) as client:
        while True:
            seen = await _status(client)
            changed = seen != written[0]
            if changed or time.monotonic() - written[1] > LATEST_S:
                note("status", asked=name, **seen)
                written = (seen, time.monotonic())
            await asyncio.sleep(INTERVAL_S)


async def _status(client: BBSClient) -> dict[str, Any]:
    try:
        async with asyncio.timeout(2.0):
            document = await client.status(within=1.0)
    except (ClientError, OSError) as error:
        return {"unreachable": str(error)}
    return {key: document.get(key) for key in KEPT}
