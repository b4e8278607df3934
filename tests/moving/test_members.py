"""What members do while records move from etcd to a database."""

from __future__ import annotations

import asyncio

import pytest

from bbs.layouts.contract import Row
from tests.master.reign import Line
from tests.moving.members import moving


@pytest.mark.parametrize("version", [0, 1451635200, 4_000_000_001])
async def test_records_are_served_from_the_database_once_the_move_is_asked_for(version: int) -> None:
    async with moving(version=version) as world:
        before = dict(world.etcd.rows[world.etcd.anchor.live.root])  # type: ignore[union-attr]
        world.both("a")
        await world.wish()
        await world.on_the_database()
        assert world.moved_rows() == before
        assert world.etcd.anchor is not None
        assert world.etcd.anchor.moved_to == "postgresql"
        assert world.etcd.rows[world.etcd.anchor.live.root] == before


async def test_a_member_on_etcd_alone_steps_aside_after_the_move() -> None:
    async with moving() as world:
        world.both("a")
        world.on_etcd("old")
        await world.wish()
        await world.on_the_database("a")
        await world.clock.until(lambda: world.members["old"].status()["role"] == "Aside")
        assert world.members["old"].status()["reason"]["code"] == "StoreMoved"


async def test_a_member_on_the_database_alone_serves_nothing_before_all_has_arrived() -> None:
    async with moving() as world:
        world.both("a")
        await world.serving("a")
        gate = world.second_lines["a"].hold("commit")
        await world.wish()
        await world.clock.until(lambda: world.database.anchor is not None)
        world.on_database("new")
        await world.clock.until(lambda: world.members["new"].status()["role"] == "Aside")
        assert world.members["new"].status()["reason"]["code"] == "StoreArriving"
        gate.set_result(None)
        await world.on_the_database("a", "new")


async def test_a_database_that_does_not_answer_stops_nobody_and_is_named() -> None:
    async with moving() as world:
        lost = Line()
        lost.next("snapshot", *["lost"] * 10_000)
        world.both("a", lines=(Line(), lost))
        assert (await world.serving("a")).status()["store"]["type"] == "simulated"
        said = await world.state("a", "Unavailable")
        assert said["reason"]["code"] == "DestinationUnavailable"


async def test_a_bad_record_leaves_etcd_served_and_the_next_call_tries_again() -> None:
    async with moving(version=0) as world:
        world.etcd.rows["v1"]["task/broken"] = Row("task/broken", b"{not json")
        world.both("a")
        await world.wish()
        said = await world.state("a", "Failed")
        assert (said["failure"]["key"], said["failure"]["reason"]) == ("tasks/broken", "UndecodableRecord")
        assert (await world.serving("a")).status()["store"]["migrated_from"] is None
        del world.etcd.rows["v1"]["task/broken"]
        await world.wish(token="again")
        await world.on_the_database("a")


async def test_a_full_database_is_a_failure_that_leaves_etcd_served() -> None:
    async with moving() as world:
        world.database.full = True
        world.both("a")
        await world.wish()
        assert (await world.state("a", "Failed"))["failure"]["reason"] == "DestinationFull"
        await world.serving("a")
        assert world.etcd.anchor is not None
        assert world.etcd.anchor.moved_to is None


async def test_a_database_that_goes_away_while_staging_gives_etcd_back_and_is_tried_again_by_itself() -> None:
    async with moving() as world:
        world.both("a")
        await world.serving("a")
        world.second_lines["a"].next("commit", "ok", *["lost"] * 400)
        await world.wish()
        await world.clock.until(lambda: "move-failed" in [event for _, event, _ in world.events], within=60)
        assert (await world.serving("a")).status()["store"]["migrated_from"] is None
        world.second_lines["a"].rules.clear()
        await world.on_the_database("a")


async def test_a_move_withdrawn_while_staging_gives_etcd_back() -> None:
    async with moving() as world:
        world.both("a")
        await world.serving("a")
        gate = world.second_lines["a"].hold("commit")
        await world.wish()
        said = await world.state("a", "Running")
        await world.clock.while_passing(world.members["a"].set_move("no", said["generation"], wanted=False))
        gate.set_result(None)
        await world.serving("a")
        assert (await world.state("a", "Waiting"))["wanted"] is False
        assert world.said("move-withdrawn") == ["a"]


async def test_a_commit_point_without_an_answer_is_repeated_until_it_is_known() -> None:
    async with moving() as world:
        world.both("a")
        await world.serving("a")
        world.lines["a"].next("commit", "ok", "ok", "unanswered", "lost", "lost")
        await world.wish()
        await world.on_the_database("a")
        assert world.said("move-committed") == ["a"]


async def test_rows_that_a_stranger_changes_meanwhile_stop_the_move() -> None:
    async with moving() as world:
        world.both("a")
        await world.serving("a")
        gate = world.second_lines["a"].hold("commit")
        await world.wish()
        await world.clock.until(lambda: world.second_lines["a"].calls.count("commit") == 1)
        assert world.etcd.anchor is not None
        root = world.etcd.anchor.live.root
        world.second_lines["a"].next("scan", later := asyncio.get_running_loop().create_future())
        gate.set_result(None)
        await world.clock.until(lambda: world.second_lines["a"].calls.count("scan") == 1)
        world.etcd.rows[root].popitem()
        later.set_result(None)
        assert (await world.state("a", "Failed"))["failure"]["reason"] == "SourceChanged"


async def test_a_member_needs_no_etcd_once_the_records_are_live_in_the_database() -> None:
    async with moving() as world:
        world.both("a")
        await world.wish()
        await world.on_the_database("a")
        await world.kill("a")
        gone = Line()
        for call in ("snapshot", "read-liveness", "claim"):
            gone.next(call, *["lost"] * 10_000)
        world.both("b", lines=(gone, Line()))
        await world.on_the_database("b")


async def test_without_an_operator_the_move_begins_by_itself() -> None:
    async with moving() as world:
        world.both("a", managed=False)
        await world.on_the_database("a")
