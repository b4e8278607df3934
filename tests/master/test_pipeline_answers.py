"""When an answer may leave, and what it waits for."""

from __future__ import annotations

import asyncio

import pytest

from bbs.master.pipeline import Pipeline
from bbs.master.serving import AnswerWithheld
from bbs.models.records import Kind, put
from bbs.models.state import Outcome, Transition
from tests.master.reign import Reign, contents, fill, mixed, reign
from tests.master.transitions import ABSENT, Call, count, look, remove, write
from tests.simulation.model import numbered


def submitted(pipeline: Pipeline, *transitions: Transition) -> list[asyncio.Task[bytes]]:
    return [asyncio.create_task(pipeline.submit(transition)) for transition in transitions]


async def test_an_answer_leaves_after_its_commit_and_not_before() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        [answer] = submitted(pipeline, write("t", 1))
        await holder.clock.settle()
        assert not answer.done()
        gate.set_result(None)
        assert await answer == ABSENT
        assert contents(holder.memory) == contents(await holder.loaded())


async def test_reads_of_clients_never_see_what_is_under_way() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        [answer] = submitted(pipeline, write("t", 1))
        await holder.clock.settle()
        assert holder.memory.get(Kind.TASKS, "t") is None
        gate.set_result(None)
        await answer
        assert holder.memory.get(Kind.TASKS, "t") is not None


async def test_requests_that_come_together_are_one_commit() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        await asyncio.gather(*submitted(pipeline, *(write(f"t-{i}", i) for i in range(10))))
        assert holder.commits() == 1


async def test_what_comes_while_a_commit_is_in_flight_is_the_next_one() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        first = submitted(pipeline, write("t-0", 0))
        await holder.clock.settle()
        later = submitted(pipeline, *(write(f"t-{i}", i) for i in range(1, 10)))
        await holder.clock.settle()
        gate.set_result(None)
        await asyncio.gather(*first, *later)
        assert holder.commits() == 2


async def test_more_than_one_commit_can_carry_becomes_several() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        await asyncio.gather(*submitted(pipeline, *(write(f"t-{i}", i) for i in range(30))))
        assert holder.commits() == 3
        assert holder.memory.count(Kind.TASKS) == 30


async def test_an_answer_that_depends_on_nothing_under_way_leaves_at_once() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        [writing] = submitted(pipeline, write("t", 1))
        await holder.clock.settle()
        assert await pipeline.submit(look("other")) == ABSENT
        gate.set_result(None)
        await writing


@pytest.mark.parametrize("reading", [look("t"), count()], ids=["the row", "its range"])
async def test_an_answer_that_read_a_change_under_way_waits_for_it(reading: Transition) -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        answers = submitted(pipeline, write("t", 1), reading)
        await holder.clock.settle()
        assert not answers[1].done()
        gate.set_result(None)
        assert await answers[1] == b"1"
        await answers[0]


async def test_an_answer_that_found_a_row_absent_waits_for_its_removal() -> None:
    holder = await reign()
    fill(holder.tables, [numbered(Kind.TASKS, "t", 1)])
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        answers = submitted(pipeline, remove("t"), look("t"))
        await holder.clock.settle()
        assert not answers[1].done()
        gate.set_result(None)
        assert await answers[1] == ABSENT
        await answers[0]


async def test_a_transition_runs_on_what_those_before_it_will_leave() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        first = submitted(pipeline, write("t", 1))
        await holder.clock.settle()
        later = submitted(pipeline, write("t", 2), write("t", 3))
        await holder.clock.settle()
        gate.set_result(None)
        assert await asyncio.gather(*first, *later) == [ABSENT, b"1", b"2"]


async def test_the_same_row_twice_in_one_batch_leaves_its_last_value() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        answers = await asyncio.gather(*submitted(pipeline, write("t", 1), write("t", 2), remove("u"), write("u", 3)))
        assert answers == [ABSENT, b"1", ABSENT, ABSENT]
        assert holder.commits() == 1
        assert contents(holder.memory) == contents(await holder.loaded())
        assert await pipeline.submit(look("t")) == b"2"
        assert await pipeline.submit(look("u")) == b"3"


async def test_calls_out_follow_the_commit_and_never_precede_it() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        call = Call()
        [answer] = submitted(pipeline, write("t", 1, (call,)))
        await holder.clock.settle()
        assert holder.effects == []
        gate.set_result(None)
        await answer
        assert holder.effects == [call]


async def test_without_the_lease_a_durable_answer_is_withheld_all_the_same() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        [answer] = submitted(pipeline, write("t", 1))
        await holder.clock.advance(4)
        gate.set_result(None)
        with pytest.raises(AnswerWithheld):
            await answer
        assert holder.memory.get(Kind.TASKS, "t") is not None


async def test_a_closed_pipeline_finishes_what_it_accepted_and_takes_nothing_more() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        [answer] = submitted(pipeline, write("t", 1))
        await holder.clock.settle()
        pipeline.close(lambda: LookupError("away"))
        with pytest.raises(LookupError):
            await pipeline.submit(look("other"))
        drained = asyncio.create_task(pipeline.drained())
        await holder.clock.settle()
        assert not drained.done()
        gate.set_result(None)
        assert await answer == ABSENT
        await drained


async def test_memory_is_what_a_reload_gives_in_a_layout_that_drops_fields() -> None:
    """Version 0 can't hold unknown fields: they are gone at once and visibly, not at the next restart."""
    holder: Reign = await reign(0)
    fill(holder.tables, mixed(3))
    async with holder.serving() as pipeline:
        record = numbered(Kind.TASKS, "t", 1)
        odd = type(record)(record.kind, record.key, record.data + b"\xba\x3e\x01x")
        await pipeline.submit(lambda _, __: Outcome(b"", (put(odd),)))
        assert contents(holder.memory) == contents(await holder.loaded())
        entry = holder.memory.get(Kind.TASKS, "t")
        assert entry is not None
        assert b"\xba\x3e" not in entry.data
