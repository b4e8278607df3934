"""Rep and runtime as the two containers of a pod: processes of their own, of two users, with a socket between them."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bbs.wire import task_pb2
from tests.components import apps
from tests.components.certificates import Trust
from tests.components.waiting import until
from tests.components.world import World

REP, APPS = 65532, 65533


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that other users may enter."""
    folder = Path(tempfile.mkdtemp(prefix="cell-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start processes of two users")
async def test_an_app_can_not_read_the_key_of_its_cell(open_folder: Path) -> None:
    """The folder of the socket belongs to the rep's group, as the pod's fsGroup makes it; the key to the rep."""
    world = World(open_folder, Trust(open_folder / "trust"))
    key = world.trust.leaf("cell").key_file
    os.chown(key, REP, REP)
    key.chmod(0o440)
    cell = open_folder / "cell-1"
    cell.mkdir()
    os.chown(cell, APPS, REP)
    cell.chmod(0o2770)
    try:
        await world.open()
        await world.start_split_cell("cell-1", (REP, APPS))
        command = f"id -u > out; cat {key} >> out 2>&1 || echo refused >> out"
        await world.client.desire_task("task-1", "tests", apps.task(command, result_file="out"))
        done = await until(partial(_completed, world))
        user, *said = done.result.decode().split("\n")
        assert user == str(APPS)
        assert "Permission denied" in said[0]
        assert said[1] == "refused"
    finally:
        await world.close()


async def _completed(world: World) -> task_pb2.Task | None:
    found = await world.client.task("task-1")
    return found if found.state == task_pb2.Task.Completed else None


async def test_a_rep_that_comes_back_ends_what_its_runtime_still_runs(world: World) -> None:
    """Rep and runtime in two containers: the apps survive the rep, and are ended by its next life."""
    one = await world.start_split_cell("cell-1")
    await world.client.desire_lrp(apps.app("app", instances=1))
    (row,) = await world.running("app", 1)
    one.program.signal(signal.SIGKILL)
    await one.program.wait()
    assert await apps.answers(row)
    await world.start_again(one)
    await until(partial(_empty, world))
    assert not await apps.answers(row)


async def test_a_runtime_that_died_leaves_its_cell_out_and_its_apps_crashed(world: World) -> None:
    """Told by the hang-up, not by a pass that is due some time."""
    one = await world.start_split_cell("cell-1", polling_interval="1h")
    await world.client.desire_lrp(apps.app("app", instances=1))
    await world.running("app", 1)
    runtime = next(program for program in world.programs if program.name == "cell-1-runtime")
    runtime.signal(signal.SIGKILL)
    await runtime.wait()
    assert (await world.operator.call("GET", f"{one.rep_url}/state")).status == 503
    await runtime.start()

    async def told() -> bytes:
        return (await world.client.actual_lrps(process_guid="app"))[0].crash_reason

    assert await until(told) == b"missing container"


async def _empty(world: World) -> bool:
    return await world.client.actual_lrps(process_guid="app") == []
