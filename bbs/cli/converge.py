"""`bbs converge`: the converger as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys

from bbs.cli.reach import Reach
from bbs.client.errors import ClientError
from bbs.converger.converging import converge_once


async def converge(reach: Reach, owner: str, interval: float, *, once: bool) -> None:
    """Converge every `interval` seconds until ended, or once; the turn is given back at the end."""
    async with reach.client(timeout=30.0) as client:
        try:
            while True:
                try:
                    print(json.dumps(await converge_once(client, owner, 3 * interval)), flush=True)
                except ClientError as error:
                    if once:
                        raise
                    print(f"bbs: {error}", file=sys.stderr, flush=True)
                if once:
                    return
                await asyncio.sleep(interval)
        finally:
            with contextlib.suppress(ClientError):
                await client.release_convergence(owner)
