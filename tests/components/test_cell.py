"""Cells, auctioneer and Locket as processes, around the BBS's own server and transitions."""

from __future__ import annotations

import signal

from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import task_pb2
from components.http import JSONClient
from tests.components import apps
from tests.components.waiting import until
from tests.components.watching import watching
from tests.components.world import World

ORDINARY = actual.ActualLRP.ORDINARY


async def test_an_app_is_placed_on_two_cells_and_answers(world: World) -> None:
    await world.start_cell("cell-1")
    await world.start_cell("cell-2", zone="z2")
    await world.client.desire_lrp(apps.app("app"))
    rows = await world.running("app", 2)
    assert {row.actual_lrp_instance_key.cell_id for row in rows} == {"cell-1", "cell-2"}
    assert all([await apps.answers(row) for row in rows])
    assert {row.metric_tags["index"] for row in rows} == {"0", "1"}


async def test_an_evacuated_cell_is_drained_while_the_app_always_answers(world: World) -> None:
    one = await world.start_cell("cell-1")
    await world.client.desire_lrp(apps.app("app", instances=1, command=apps.SLOW_SERVER))
    await world.running("app", 1)
    await world.start_cell("cell-2")
    async with watching(world.client, "app") as silent:
        await world.operator.call("POST", f"{one.rep_url}/evacuate")
        drained = await world.state_of(one, "drained")
        (row,) = await world.running("app", 1)
        assert row.actual_lrp_instance_key.cell_id == "cell-2"
        assert drained["remaining"] == 0
    assert silent == []
    assert (await world.operator.call("DELETE", f"{one.rep_url}/evacuation")).status == 409
    work = {"LRPs": [{"process_guid": "x", "index": 0, "RootFs": apps.ROOTFS}], "Tasks": [], "cell_id": "cell-1"}
    refused = (await world.operator.call("POST", f"{one.rep_url}/work", work)).json()
    assert refused["LRPs"] == work["LRPs"]
    assert [row.presence for row in await world.client.actual_lrps(process_guid="app")] == [ORDINARY]
    assert [cell.cell_id for cell in await world.client.cells()] == ["cell-2"]
    state = (await world.operator.call("GET", f"{one.rep_url}/state")).json()
    assert state["Evacuating"] is True


async def test_the_drain_of_a_pod_waits_until_nothing_is_left(world: World) -> None:
    one = await world.start_cell("cell-1")
    await world.client.desire_lrp(apps.app("app", instances=1))
    await world.running("app", 1)
    await world.start_cell("cell-2")
    drain = await world.drain(one)
    assert await drain.wait() == 0, drain.tail()
    assert (await world.evacuation(one))["state"] == "drained"
    assert await one.program.stop() == 0


async def test_an_evacuation_that_finds_no_room_is_aborted_and_the_app_stays(world: World) -> None:
    """By the operator: its pod does not end, so it waits for room even as the only cell."""
    one = await world.start_cell("cell-1", evacuation_timeout="3s", evacuation_patience="0s")
    await world.client.desire_lrp(apps.app("app", instances=1))
    await world.running("app", 1)
    async with watching(world.client, "app") as silent:
        await world.operator.call("POST", f"{one.rep_url}/evacuate")
        seen = await world.state_of(one, "aborted")
        assert "evacuation_timeout" in str(seen["reason"])
        await world.running("app", 1)
    assert silent == []
    assert [row.presence for row in await world.client.actual_lrps(process_guid="app")] == [ORDINARY]


async def test_an_evacuation_taken_back_leaves_the_app_where_it_is(world: World) -> None:
    one = await world.start_cell("cell-1")
    await world.client.desire_lrp(apps.app("app", instances=1))
    await world.running("app", 1)
    await world.operator.call("POST", f"{one.rep_url}/evacuate")
    await world.state_of(one, "evacuating")
    answer = await world.operator.call("DELETE", f"{one.rep_url}/evacuation")
    assert answer.json()["state"] == "none"
    await world.running("app", 1)


async def test_without_a_bbs_an_evacuation_does_not_begin(world: World) -> None:
    one = await world.start_cell("cell-1", evacuation_gate_timeout="1s")
    await world.client.desire_lrp(apps.app("app", instances=1))
    (row,) = await world.running("app", 1)
    world.memory.out = True
    await world.operator.call("POST", f"{one.rep_url}/evacuate")
    seen = await world.state_of(one, "aborted")
    assert str(seen["reason"]).startswith("bbs_unavailable")
    assert await apps.answers(row)


async def test_a_bbs_that_goes_away_during_an_evacuation_ends_it_and_no_app(world: World) -> None:
    one = await world.start_cell("cell-1", evacuation_watch="2s", communication_timeout="1s")
    await world.client.desire_lrp(apps.app("app", instances=1))
    (row,) = await world.running("app", 1)
    await world.operator.call("POST", f"{one.rep_url}/evacuate")
    await world.state_of(one, "evacuating")
    world.memory.out = True
    await world.state_of(one, "aborted")
    assert await apps.answers(row)
    world.memory.out = False
    await world.running("app", 1)


async def test_an_app_that_stops_answering_is_noticed_by_the_watch(world: World) -> None:
    """The watch of the other tests can count."""
    one = await world.start_cell("cell-1")
    await world.client.desire_lrp(apps.app("app", instances=1))
    await world.running("app", 1)
    async with watching(world.client, "app") as silent:
        one.program.signal(signal.SIGTERM)
        await until(lambda: silent)


async def test_only_the_operator_may_evacuate_over_the_network(world: World) -> None:
    one = await world.start_cell("cell-1")
    stranger = JSONClient(world.trust.leaf("client"))
    assert (await stranger.call("POST", f"{one.rep_url}/evacuate")).status == 403
    assert (await world.evacuation(one))["state"] == "none"


async def test_a_crash_is_told_with_its_reason_and_the_app_starts_again(world: World) -> None:
    await world.start_cell("cell-1")
    command = f"if [ -e /tmp/nothing ]; then exit 1; fi; (sleep 1; kill $$) & {apps.SERVER}"
    await world.client.desire_lrp(apps.app("app", instances=1, command=command))

    async def crashed() -> actual.ActualLRP | None:
        rows = await world.client.actual_lrps(process_guid="app")
        return next((row for row in rows if row.crash_count), None)

    row = await until(crashed)
    assert row.crash_reason == b"APP: Ended by signal 15"


async def test_a_removed_app_is_stopped(world: World) -> None:
    await world.start_cell("cell-1")
    await world.client.desire_lrp(apps.app("app", instances=1))
    (row,) = await world.running("app", 1)
    await world.client.remove_desired_lrp("app")
    await until(lambda: _empty(world))
    assert not await apps.answers(row)


async def _empty(world: World) -> bool:
    return await world.client.actual_lrps(process_guid="app") == []


async def test_rows_of_an_earlier_life_of_a_cell_are_removed(world: World) -> None:
    one = await world.start_cell("cell-1")
    await world.client.desire_lrp(apps.app("app", instances=1))
    await world.running("app", 1)
    one.program.signal(signal.SIGKILL)
    await one.program.wait()
    await world.start_cell("cell-1")
    await until(lambda: _empty(world))


async def test_an_instance_without_a_place_is_told_why(world: World) -> None:
    await world.start_cell("cell-1")
    big = apps.app("app", instances=1)
    big.memory_mb = 100_000
    await world.client.desire_lrp(big)

    async def failed() -> bytes:
        rows = await world.client.actual_lrps(process_guid="app")
        return rows[0].placement_error if rows else b""

    assert await until(failed) == b"insufficient resources: memory"


async def test_a_task_runs_and_its_result_is_handed_over(world: World) -> None:
    await world.start_cell("cell-1")
    await world.client.desire_task("task-1", "tests", apps.task("printf done > out", result_file="out"))

    async def completed() -> task_pb2.Task | None:
        found = await world.client.task("task-1")
        return found if found.state == task_pb2.Task.Completed else None

    done = await until(completed)
    assert (done.failed, done.result) == (False, b"done")


async def test_a_cancelled_task_ends(world: World) -> None:
    await world.start_cell("cell-1")
    await world.client.desire_task("task-1", "tests", apps.task("sleep 600"))

    async def runs() -> bool:
        return (await world.client.task("task-1")).state == task_pb2.Task.Running

    await until(runs)
    await world.client.cancel_task("task-1")
    one = next(iter(await world.client.cells()))

    async def gone() -> bool:
        return (await world.operator.call("GET", f"{one.rep_url}/state")).json()["Tasks"] == []

    await until(gone)


async def test_a_locket_that_is_replaced_costs_nobody_a_key(world: World) -> None:
    locket, auctioneer = world.programs[0], world.programs[1]
    await auctioneer.stop()
    await world.start_auctioneer(lock_ttl="15s")
    one = await world.start_cell("cell-1", presence_ttl="15s")
    locket.signal(signal.SIGKILL)
    await locket.wait()

    def lines() -> str:
        return one.program.log.read_text() + world.programs[2].log.read_text()

    async def struck() -> bool:
        return "renewal-failed" in lines()

    await until(struck)
    await world.start_locket()
    await world.client.desire_lrp(apps.app("app", instances=1))
    await world.running("app", 1)
    assert "key-lost" not in lines()


async def test_a_second_auctioneer_takes_over_from_a_killed_one(world: World) -> None:
    world.programs[1].signal(signal.SIGKILL)
    await world.programs[1].wait()
    await world.start_auctioneer()
    await world.start_cell("cell-1")
    await world.client.desire_lrp(apps.app("app", instances=1))
    await world.running("app", 1)
