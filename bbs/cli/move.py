"""`bbs migrate move`: through the master by its fenced call, or by being the holder of both stores for a while."""

from __future__ import annotations

import uuid
from typing import Any

from bbs.cli.exits import Refusal
from bbs.cli.progress import Progress, progress
from bbs.cli.reach import Reach, master
from bbs.cli.watching import until


async def move(reach: Reach) -> None:
    """Move the records and return when they are live in the database. Raises Refusal with the failure."""
    if not reach.through_master:
        from bbs.master.offline_move import move_offline  # noqa: PLC0415 - all of the BBS, needed only here

        with progress("moving") as shown:
            print(await move_offline(reach.configuration(), shown))
        return
    async with master(reach) as (client, status):
        said = status.get("move")
        if said is None:
            message = "the master has one store only; name the one that the records lie in as its store.migrate_from"
            raise Refusal(message)
        accepted = await client.set_move(f"cli-{uuid.uuid4()}", int(said.get("generation") or 0), wanted=True)
        raised = int(accepted.get("generation") or 0)
        with progress("moving") as shown:
            await until(reach, lambda status: done(status, raised, shown))
    print(said["to"])


def done(status: dict[str, Any], generation: int, shown: Progress) -> bool:
    """Whether the master works on the database. Raises Refusal when it failed or was withdrawn."""
    said = status.get("move") or {}
    if said.get("state") == "Moved":
        return status.get("state") == "Serving"
    failure = said.get("failure")
    if failure and int(failure.get("generation") or 0) >= generation:
        message = (
            f"the move stopped at {failure.get('key') or 'no record'}: {failure.get('reason')}: "
            f"{failure.get('message')}; nothing has changed: mend it and run this again"
        )
        raise Refusal(message)
    if said and not said.get("wanted"):
        message = "the move was withdrawn by somebody else; nothing has changed"
        raise Refusal(message)
    if said.get("done") is not None:
        shown(int(said["done"]), said.get("total"))
    return False
