"""`rep drain`: what a cell's preStop waits for, so that the pod's end does not take apps along."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from components.http import HTTPFailure, JSONClient
from components.rep.configuration import RepConfiguration

DRAINED, ABORTED, TIMED_OUT = 0, 3, 4
POLL_S = 1.0
PATIENCE_S = 30.0
"""Beyond the cell's own limits: the cell decides, the drain only must not wait for ever."""


async def drain(configuration: RepConfiguration) -> tuple[int, str]:
    """Evacuate this host's cell and wait. Returns an exit code and what was seen; a cell that is gone is drained."""
    base = f"https://{configuration.admin_address}"
    client = JSONClient(configuration.tls, timeout=5.0)
    limit = configuration.evacuation_gate_timeout + configuration.evacuation_watch + configuration.evacuation_timeout
    deadline = time.monotonic() + limit + PATIENCE_S
    seen: dict[str, Any] = {"state": "unknown", "remaining": "unknown"}
    begun = False
    while time.monotonic() < deadline:
        try:
            if not begun:
                await client.call("POST", f"{base}/evacuate")
                begun = True
            seen = (await client.call("GET", f"{base}/evacuation")).json()
        except HTTPFailure as failure:
            # Only a refused port proves that no rep is left; anything else may be a rep that can't be heard just now.
            if isinstance(failure.__cause__, ConnectionRefusedError):
                return DRAINED, f"no rep listens: {failure}"
            await asyncio.sleep(POLL_S)
            continue
        if seen["state"] == "drained":
            return DRAINED, "drained"
        if seen["state"] in ("aborted", "none"):
            return ABORTED, f"{seen['state']}: {seen['reason']}"
        await asyncio.sleep(POLL_S)
    return TIMED_OUT, f"still {seen['state']} with {seen['remaining']} containers"
