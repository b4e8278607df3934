"""What becomes of requests when a commit does not: refusals, a full store, a lost epoch, records nobody can read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bbs.layouts.contract import Row, Unrepresentable
from bbs.master.memory import Unreadable
from bbs.master.pipeline import ContentRefused
from bbs.master.serving import AnswerWithheld, NotServing, Unavailable
from bbs.models.records import Kind, Record, put
from bbs.models.state import Context, Outcome, View
from tests.master.reign import contents, fill, mixed, reign
from tests.master.transitions import ABSENT, Call, look, poison, write


async def gathered(*work: Any) -> list[Any]:
    return await asyncio.gather(*work, return_exceptions=True)


async def test_a_refused_request_fails_alone_and_its_neighbours_succeed() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        requests = [write(f"t-{i}", i) for i in range(8)]
        requests.insert(3, poison())
        answers = await gathered(*(pipeline.submit(request) for request in requests))
        assert isinstance(answers.pop(3), ContentRefused)
        assert answers == [ABSENT] * 8
        assert contents(holder.memory) == contents(await holder.loaded())
        assert holder.memory.count(Kind.TASKS) == 8


async def test_two_offenders_in_one_batch_are_both_found() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        requests = [poison("a"), *(write(f"t-{i}", i) for i in range(6)), poison("b")]
        answers = await gathered(*(pipeline.submit(request) for request in requests))
        assert [isinstance(answer, ContentRefused) for answer in answers] == [True, *[False] * 6, True]


async def test_what_ran_behind_a_refused_request_runs_again_without_it() -> None:
    """Its answer would otherwise tell of a change that never happened."""
    holder = await reign()
    key = "t-poison"
    async with holder.serving() as pipeline:
        answers = await gathered(pipeline.submit(poison()), pipeline.submit(look(key)), pipeline.submit(write("u", 1)))
        assert isinstance(answers[0], ContentRefused)
        assert answers[1:] == [ABSENT, ABSENT]


async def test_each_refused_request_is_asked_for_calls_only_once_confirmed() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        await gathered(pipeline.submit(poison()), pipeline.submit(write("t", 1, (Call(),))))
        assert len(holder.effects) == 1


async def test_a_full_store_is_503_and_changes_no_memory() -> None:
    holder = await reign()
    holder.tables.full = True
    async with holder.serving() as pipeline:
        answers = await gathered(pipeline.submit(write("t", 1)), pipeline.submit(look("t")))
        for answer in answers:
            assert isinstance(answer, NotServing)
            assert isinstance(answer.instead, Unavailable)
            assert answer.instead.code == "StoreFull"
        assert contents(holder.memory) == set() == contents(await holder.loaded())


async def test_a_store_that_has_room_again_takes_the_next_request() -> None:
    holder = await reign()
    holder.tables.full = True
    async with holder.serving() as pipeline:
        await gathered(pipeline.submit(write("t", 1)))
        holder.tables.full = False
        assert await pipeline.submit(write("t", 2)) == ABSENT


async def test_an_unanswered_commit_is_repeated_and_applied_once() -> None:
    holder = await reign()
    holder.line.next("commit", "unanswered", "lost", "ok")
    async with holder.serving() as pipeline:
        assert await holder.clock.while_passing(pipeline.submit(write("t", 1))) == ABSENT
        assert holder.commits() == 3
        assert holder.committer.anchor.seq == 1
        assert len({batch.batch_id for batch in holder.announced}) == 1


async def test_a_lost_epoch_withholds_every_answer_under_way() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        first = asyncio.ensure_future(pipeline.submit(write("t", 1)))
        await holder.clock.settle()
        behind = asyncio.ensure_future(pipeline.submit(write("u", 1)))
        await holder.clock.settle()
        await reign(tables=holder.tables)
        gate.set_result(None)
        answers = await gathered(first, behind)
        assert [type(answer) for answer in answers] == [AnswerWithheld, AnswerWithheld]
        with pytest.raises(AnswerWithheld):
            await pipeline.submit(look("t"))
        assert contents(await holder.loaded()) == set()


async def test_a_commit_applied_before_the_epoch_was_lost_is_not_answered_either() -> None:
    holder = await reign()
    holder.line.next("commit", "unanswered")
    async with holder.serving() as pipeline:
        answer = asyncio.ensure_future(pipeline.submit(write("t", 1)))
        await holder.clock.settle()
        await reign(tables=holder.tables)
        await holder.clock.until(answer.done)
        assert isinstance((await gathered(answer))[0], AnswerWithheld)


async def test_a_transition_that_fails_fails_its_caller_alone() -> None:
    holder = await reign()

    def broken(_: View, __: Context) -> Outcome:
        raise ZeroDivisionError

    async with holder.serving() as pipeline:
        answers = await gathered(
            pipeline.submit(write("a", 1)), pipeline.submit(broken), pipeline.submit(write("b", 1))
        )
        assert [type(answer) for answer in answers] == [bytes, ZeroDivisionError, bytes]
        assert [event for event, _ in holder.events] == ["transition-failed"]


async def test_a_record_that_the_layout_cannot_hold_is_refused_before_anything_is_sent() -> None:
    holder = await reign(0)
    async with holder.serving() as pipeline:
        with pytest.raises(Unrepresentable):
            await pipeline.submit(lambda _, __: Outcome(b"", (put(Record(Kind.DOMAINS, "d", b"", (1 << 63) - 1)),)))
        assert holder.commits() == 0


async def test_a_caller_who_hangs_up_disturbs_nobody() -> None:
    holder = await reign()
    async with holder.serving() as pipeline:
        gate = holder.line.hold("commit")
        gone = asyncio.ensure_future(pipeline.submit(write("t", 1)))
        stays = asyncio.ensure_future(pipeline.submit(write("u", 1)))
        await holder.clock.settle()
        gone.cancel()
        gate.set_result(None)
        assert await stays == ABSENT
        assert await pipeline.submit(look("t")) == b"1"


# --- quarantine -------------------------------------------------------------------------------------------------------


async def test_a_record_that_does_not_decode_is_quarantined_and_serving_goes_on() -> None:
    holder = await reign()
    fill(holder.tables, mixed(3))
    bad = Row("tasks/bad", b"01????")
    holder.tables.rows["v4000000001@1-0"]["tasks/bad"] = bad
    async with holder.serving() as pipeline:
        assert list(holder.memory.unreadable) == [(Kind.TASKS, "bad")]
        with pytest.raises(Unreadable, match="unreadable record: "):
            await pipeline.submit(look("bad"))
        with pytest.raises(Unreadable):
            await pipeline.submit(lambda _, __: Outcome(b"", (put(Record(Kind.TASKS, "bad", b"")),)))
        assert await pipeline.submit(write("t", 1)) == ABSENT
        assert holder.tables.rows["v4000000001@1-0"]["tasks/bad"] == bad
        assert [entry.key for entry in holder.memory.entries(Kind.TASKS)] == ["r-000", "t"]


async def test_a_record_that_no_commit_carries_is_refused_before_anything_is_accepted() -> None:
    """As an intent it would be accepted, and then every holder would fail to apply it, one after the other."""
    holder = await reign()
    async with holder.serving() as pipeline:
        great = put(Record(Kind.TASKS, "great", bytes(holder.committer.store.limits.row_bytes)))
        answers = await gathered(pipeline.submit(lambda _, __: Outcome(b"", (great,))), pipeline.submit(write("t", 1)))
        assert [type(answer) for answer in answers] == [Unrepresentable, bytes]
        assert contents(holder.memory) == contents(await holder.loaded())
