"""`bbs migrate`: through the master by its fenced target call, or by being the holder of the store for a while."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

from bbs.cli.exits import Refusal
from bbs.cli.progress import Progress, progress
from bbs.cli.reach import Reach, master
from bbs.cli.store import holding
from bbs.cli.watching import POLL_S, until
from bbs.client import BBSClient
from bbs.migration.attempt import OFFLINE, ONLINE


async def plan(reach: Reach, to: int) -> None:
    """Print the verdict of the rehearsal; Refusal when it says no."""
    if reach.through_master:
        async with master(reach) as (client, before):
            verdict = await _rehearsed(client, to, before)
    else:
        async with holding(reach.configuration()) as holder:
            verdict = await holder.prepare(to)
    print(json.dumps(verdict, indent=2))
    if not verdict.get("ok"):
        bad = verdict.get("first_bad") or {}
        message = f"a migration to {to} is not possible: {bad.get('key')}: {bad.get('reason')}; repair it"
        raise Refusal(message)


async def migrate(reach: Reach, to: int, limit: int | None, *, online: bool) -> None:
    """Migrate to `to` and return when it is the live version. Raises Refusal with the failure."""
    if online and not reach.through_master:
        message = "--online means that a master answers requests meanwhile; give --url instead of --config"
        raise Refusal(message)
    if not reach.through_master:
        with progress(f"migrating to {to}") as shown:
            async with holding(reach.configuration()) as holder:
                await holder.migrate(to, shown)
        print(to)
        return
    async with master(reach) as (client, status):
        generation = int((status.get("data") or {}).get("generation") or 0)
        accepted = await client.set_target(to, f"cli-{uuid.uuid4()}", generation, limit, ONLINE if online else OFFLINE)
        with progress(f"migrating to {to}") as shown:
            raised = int(accepted.get("generation") or 0)
            await until(reach, lambda status: done(status, to, raised, shown))
    print(to)


async def _rehearsed(client: BBSClient, to: int, before: dict[str, Any]) -> dict[str, Any]:
    """The verdict on the store as it is now: one that stood before counts only if it has seen all of it."""
    await client.prepare(to)
    while True:
        verdict = (await client.status()).get("prepared") or {}
        news = verdict != before.get("prepared") or int(verdict.get("seq") or 0) >= int(before.get("seq") or 0)
        if news and verdict.get("version") == to and verdict.get("ok") is not None:
            return verdict
        await asyncio.sleep(POLL_S)


def done(status: dict[str, Any], to: int, generation: int, shown: Progress) -> bool:
    """Whether `to` is live. Raises Refusal when the attempt failed or the target was changed meanwhile."""
    data, migration = status.get("data") or {}, status.get("migration") or {}
    if data.get("current") == to and data.get("target") in (None, to):
        return True
    failure = migration.get("failure")
    if failure and int(failure.get("generation") or 0) >= generation:
        message = (
            f"the migration to {to} stopped at {failure.get('key')}: {failure.get('reason')}: "
            f"{failure.get('message')}; repair the record and run again, or set the target back"
        )
        raise Refusal(message)
    if data.get("wanted") not in (None, to) and int(data.get("generation") or 0) > generation:
        message = f"the target was changed to {data['wanted']} by somebody else; nothing more is done here"
        raise Refusal(message)
    if migration.get("total") is not None:
        shown(int(migration.get("done") or 0), int(migration["total"]))
    return False
