"""Online: records move to another layout while requests are served, and nothing that is written meanwhile is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bbs.layouts.contract import Row
from bbs.master.loading import load
from bbs.master.member import Member
from bbs.master.serving import AdminRefusal
from bbs.models.index import index
from bbs.models.records import Kind, Record, put
from bbs.models.state import Context, Outcome, View
from bbs.stores.anchor import Anchor, Version
from tests.master.members import Deployment, deployment
from tests.master.reign import contents, place
from tests.master.transitions import look, remove, write
from tests.migration.attempts import MIDDLE, NEW, OLD, staged
from tests.simulation.store import SimulatedStore


def anchor(found: Deployment) -> Anchor:
    assert found.tables.anchor is not None
    return found.tables.anchor


@asynccontextmanager
async def serving(version: int = OLD, records: int = 120) -> AsyncIterator[tuple[Deployment, Member]]:
    """A managed master of that data version with records."""
    async with deployment() as found:
        found.start("bbs-0", managed=True, initial=version)
        member = await found.serving()
        for number in range(records):
            await member.submit(write(f"t{number:03d}", number))
        yield found, member


async def begin(member: Member, version: int, *, limit: int | None = None, mode: str = "Online") -> None:
    generation = member.status()["data"]["generation"]
    await member.set_target(version, f"token-{generation}", generation, limit, mode)


async def flipped(found: Deployment, version: int) -> None:
    await found.clock.until(lambda: anchor(found).version == Version(version), within=600)


async def reloaded(found: Deployment) -> set[tuple[str, str, bytes, int]]:
    """What a reload gives now."""
    memory = await load(SimulatedStore(found.tables), place, index)  # type: ignore[arg-type]
    assert memory is not None
    return contents(memory)


def served(member: Member) -> set[tuple[str, str, bytes, int]]:
    memory = member.memory()
    return contents(memory)  # type: ignore[arg-type]


@pytest.mark.parametrize(("source", "target"), [(OLD, NEW), (NEW, OLD), (OLD, MIDDLE), (MIDDLE, NEW), (NEW, MIDDLE)])
async def test_every_record_is_there_after_the_flip_and_memory_is_what_a_reload_gives(source: int, target: int) -> None:
    async with serving(source) as (found, member):
        await begin(member, target)
        await flipped(found, target)
        assert len(await reloaded(found)) == 120
        assert served(member) == await reloaded(found)
        assert anchor(found).live.layout == target
        assert member.gate() is None


async def test_no_request_is_refused_from_the_call_to_the_flip_and_after_it() -> None:
    async with serving() as (found, member):
        asked = asyncio.ensure_future(_ask_on(found, member))
        await begin(member, NEW, limit=40)
        await flipped(found, NEW)
        await found.clock.advance(1)
        asked.cancel()
        assert (await asyncio.gather(asked, return_exceptions=True)) != [None]
        assert member.status()["state"] == "Serving"


async def _ask_on(found: Deployment, member: Member) -> None:
    number = 0
    while True:
        number += 1
        await member.submit(write("asked", number))
        assert await member.submit(look("asked")) == str(number).encode()
        await found.clock.sleep(0.01)


async def test_what_is_written_changed_and_removed_while_records_are_copied_is_in_the_copy() -> None:
    async with serving() as (found, member):
        await begin(member, NEW, limit=20)
        for number in range(0, 120, 3):
            await member.submit(write(f"t{number:03d}", 1000 + number))
            await member.submit(remove(f"t{number + 1:03d}"))
            await member.submit(write(f"new-{number:03d}", number))
            await found.clock.advance(0.1)
        assert anchor(found).version == Version(OLD, NEW)
        before = served(member)
        await flipped(found, NEW)
        assert served(member) == before == await reloaded(found)
        assert await member.submit(look("t003")) == b"1003"


async def test_a_write_that_is_on_its_way_when_records_begin_to_be_copied_is_in_the_copy() -> None:
    async with serving(records=5) as (found, member):
        line = found.lines["bbs-0"]
        line.next("commit", "ok")
        beginning, late = line.hold("commit"), line.hold("commit")
        await begin(member, NEW)
        await found.clock.settle()
        writing = asyncio.ensure_future(member.submit(write("late", 7)))
        await found.clock.settle()
        beginning.set_result(None)
        await found.clock.settle()
        late.set_result(None)
        await writing
        await flipped(found, NEW)
        assert await member.submit(look("late")) == b"7"
        assert served(member) == await reloaded(found)


async def test_a_withdrawal_leaves_the_old_layout_served_without_a_pause_and_drops_the_copy() -> None:
    async with serving() as (found, member):
        await begin(member, NEW, limit=20)
        await found.clock.until(lambda: bool(staged(found.tables)))
        await begin(member, OLD)
        await found.clock.until(lambda: anchor(found).version == Version(OLD) and not staged(found.tables))
        await member.submit(write("after", 7))
        assert served(member) == await reloaded(found)
        assert member.gate() is None


@pytest.mark.parametrize("before", [True, False])
async def test_a_record_that_the_target_can_t_hold_fails_the_attempt_and_is_served_on(before: bool) -> None:
    """Be it there before, or written while records are copied: whoever wrote it is answered."""
    async with serving(NEW) as (found, member):
        if before:
            await member.submit(for_ever)
        await begin(member, OLD, limit=40)
        await found.clock.until(lambda: bool(staged(found.tables)))
        if not before:
            await member.submit(for_ever)
        await found.clock.until(lambda: "bbs-0" in found.said("migration-failed"))
        failure = member.status()["migration"]["failure"]
        assert (failure["key"], failure["reason"]) == ("domains/for-ever", "RecordWouldLose")
        assert member.gate() is None
        await member.submit(write("after", 7))
        assert served(member) == await reloaded(found)


def for_ever(_view: View, _context: Context) -> Outcome:
    return Outcome(b"", (put(Record(Kind.DOMAINS, "for-ever", b"", (1 << 63) - 1)),))


async def test_a_foreign_row_under_the_live_root_is_found_before_the_flip() -> None:
    async with serving() as (found, member):
        await begin(member, NEW, limit=20)
        await found.clock.until(lambda: bool(staged(found.tables)))
        found.tables.rows["v1"]["task/strange"] = Row("task/strange", b"{nonsense", 0)
        await found.clock.until(lambda: "bbs-0" in found.said("migration-failed"))
        failure = member.status()["migration"]["failure"]
        assert (failure["reason"], "strange" in failure["key"]) == ("UndecodableRecord", True)
        assert member.gate() is None


async def test_a_copy_that_is_not_what_was_staged_never_becomes_live() -> None:
    async with serving() as (found, member):
        await begin(member, NEW, limit=20)
        await found.clock.until(lambda: any(len(found.tables.rows[root]) > 50 for root in staged(found.tables)))
        copy = found.tables.rows[next(iter(staged(found.tables)))]
        first = sorted(copy)[0]
        del copy[first]
        await found.clock.until(lambda: "bbs-0" in found.said("migration-failed"))
        failure = member.status()["migration"]["failure"]
        assert (failure["reason"], failure["key"]) == ("DigestMismatch", first)


async def test_another_master_begins_anew_and_finishes() -> None:
    async with serving() as (found, member):
        await begin(member, NEW, limit=20)
        await found.clock.until(lambda: bool(staged(found.tables)))
        await member.submit(write("t001", 4711))
        await found.kill("bbs-0")
        found.start("bbs-1", managed=True)
        successor = await found.serving("bbs-1")
        assert anchor(found).version == Version(OLD, NEW)
        assert await successor.submit(look("t001")) == b"4711"
        await flipped(found, NEW)
        assert anchor(found).epoch == 2
        assert served(successor) == await reloaded(found)
        assert await successor.submit(look("t001")) == b"4711"


async def test_a_standby_follows_through_the_flip() -> None:
    async with serving() as (found, member):
        found.start("bbs-1", managed=True)
        await found.clock.advance(3)
        await begin(member, NEW, limit=40)
        await member.submit(write("t001", 4711))
        await flipped(found, NEW)
        await member.submit(write("t002", 4712))
        await found.clock.advance(5)
        member.leave()
        successor = await found.serving("bbs-1")
        assert served(successor) == await reloaded(found)
        assert await successor.submit(look("t002")) == b"4712"


async def test_a_member_that_is_told_to_leave_ends_the_attempt_and_hands_over() -> None:
    async with serving() as (found, member):
        await begin(member, NEW, limit=5)
        await found.clock.until(lambda: bool(staged(found.tables)))
        member.leave()
        await found.clock.until(found.tasks["bbs-0"].done, within=10)
        assert anchor(found).version == Version(OLD, NEW)


async def test_a_store_without_room_for_the_copy_gives_nothing_up_that_is_served() -> None:
    async with serving() as (found, member):
        found.lines["bbs-0"].next("commit", "ok", "ok", "ok", "full")
        await begin(member, NEW, limit=40)
        await flipped(found, NEW)
        assert "bbs-0" in found.said("migration-interrupted")
        assert served(member) == await reloaded(found)


async def test_a_mode_that_is_none_is_refused() -> None:
    async with serving(records=1) as (_, member):
        with pytest.raises(AdminRefusal, match="Sometimes") as refused:
            await begin(member, NEW, mode="Sometimes")
        assert refused.value.code == "UnknownMode"


async def test_without_a_mode_requests_are_refused_while_records_move() -> None:
    async with serving() as (found, member):
        await begin(member, NEW, limit=20, mode="Offline")
        await found.clock.until(lambda: bool(staged(found.tables)))
        gate = member.gate()
        assert gate is not None
        assert getattr(gate, "code", "") == "Migrating"


@given(st.lists(st.tuples(st.sampled_from(["write", "remove", "wait"]), st.integers(0, 39)), max_size=60), st.data())
@settings(max_examples=25, deadline=None)
async def test_any_traffic_leaves_the_copy_equal_to_what_was_served(
    traffic: list[tuple[str, int]], data: st.DataObject
) -> None:
    source, target = data.draw(st.sampled_from([(OLD, NEW), (NEW, MIDDLE), (NEW, OLD)]))
    async with serving(source, records=30) as (found, member):
        await begin(member, target, limit=10)
        for number, (what, key) in enumerate(traffic):
            if what == "wait":
                await found.clock.advance(key / 100)
            else:
                change = write(f"t{key:03d}", 1000 + number) if what == "write" else remove(f"t{key:03d}")
                await member.submit(change)
        before = {(kind, key) for kind, key, _, _ in served(member)}
        await flipped(found, target)
        assert {(kind, key) for kind, key, _, _ in served(member)} == before
        assert served(member) == await reloaded(found)
