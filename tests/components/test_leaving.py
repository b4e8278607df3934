"""The end of a cell's pod: it waits for a drain, but not for somebody who will never come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from components.http import HTTPFailure
from components.rep.configuration import RepConfiguration
from components.rep.drain import ABORTED, drain
from components.rep.process import run_cell
from tests.components import apps
from tests.components.waiting import LIMIT_S, until
from tests.components.world import World


@asynccontextmanager
async def cell_here(world: World, configuration: RepConfiguration, *, address: bool) -> AsyncIterator[None]:
    """A cell in this process, for which the BBS's name has an address or not."""

    async def resolve(_host: str) -> bool:
        return address

    async def ready() -> bool:
        assert not cell.done(), cell.exception()
        try:
            return (await world.plain.call("GET", f"http://{configuration.health_address}/readyz")).status == 200
        except HTTPFailure:
            return False

    stop = asyncio.Event()
    cell = asyncio.create_task(run_cell(configuration, stop, resolve))
    await until(ready)
    try:
        yield
    finally:
        stop.set()
        await cell


async def test_a_pod_does_not_wait_for_a_bbs_that_is_gone_for_good(world: World) -> None:
    """Longer than any of the test's patience are the limits for a BBS that is only away."""
    changes = {"bbs_members_address": "members", "evacuation_patience": "1s", "evacuation_gate_timeout": "1h"}
    configuration = RepConfiguration.model_validate(world.cell_configuration("cell-1", **changes))
    async with cell_here(world, configuration, address=False):
        await world.client.desire_lrp(apps.app("app", instances=1))
        (row,) = await world.running("app", 1)
        world.memory.out = True
        code, seen = await asyncio.wait_for(drain(configuration), LIMIT_S)
        assert code == ABORTED
        assert seen.startswith("aborted: bbs_gone: members has had no address for 1 s")
        assert await apps.answers(row)


async def test_a_pod_waits_for_a_bbs_that_is_only_away(world: World) -> None:
    changes = {"bbs_members_address": "members", "evacuation_patience": "0s", "evacuation_gate_timeout": "2s"}
    configuration = RepConfiguration.model_validate(world.cell_configuration("cell-1", **changes))
    async with cell_here(world, configuration, address=True):
        world.memory.out = True
        assert (await drain(configuration))[1].startswith("aborted: bbs_unavailable: none served within 2 s")


async def test_the_pod_of_the_only_cell_does_not_wait_for_others(world: World) -> None:
    one = await world.start_cell("cell-1", evacuation_patience="1s")
    await world.client.desire_lrp(apps.app("app", instances=1))
    await world.running("app", 1)
    drain = await world.drain(one)
    assert await drain.wait() == ABORTED
    assert "aborted: no_other_cell: cell-1 has been the only cell for 1 s" in drain.tail()
