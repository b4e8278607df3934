"""`bbs keys`: which keys records bear, and their rotation; through the master, or as the holder of the store."""

from __future__ import annotations

import json
from typing import Any

from bbs.cli.exits import Refusal
from bbs.cli.progress import Progress, progress
from bbs.cli.reach import Reach, master
from bbs.cli.store import holding
from bbs.cli.watching import until


async def show(reach: Reach) -> None:
    """Print active key, label record, loaded keys and counts."""
    if reach.through_master:
        async with master(reach) as (_, status):
            document = status.get("keys") or {}
    else:
        async with holding(reach.configuration()) as holder:
            document = await holder.keys()
    print(json.dumps(document, indent=2))


async def rotate(reach: Reach, to: str) -> None:
    """Print how many records bear the key at the end. Raises Refusal."""
    with progress(f"sealing with {to}") as shown:
        if reach.through_master:
            async with master(reach) as (client, status):
                await client.set_active_key(to, int((status.get("data") or {}).get("generation") or 0))
            sealed = await until(reach, lambda status: done(status.get("keys") or {}, to, shown))
            count = int(sealed["keys"]["counts"].get(to) or 0)
        else:
            async with holding(reach.configuration()) as holder:
                count = await holder.rotate(to, shown)
    print(to, count)


def done(keys: dict[str, Any], to: str, shown: Progress) -> bool:
    """Whether all records are known to bear that key. Raises Refusal when somebody made another one active."""
    if keys.get("active") not in (None, to):
        message = f"{keys['active']} was made the active key by somebody else; nothing more is done here"
        raise Refusal(message)
    counts = keys.get("counts") or {}
    if counts:
        shown(int(counts.get(to) or 0), sum(map(int, counts.values())))
    return bool(keys.get("stored") == to and counts)
