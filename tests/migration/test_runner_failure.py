"""An attempt that can't go on: a durable record of why, and an old root that nobody has touched."""

from __future__ import annotations

import asyncio

import pytest

from bbs.encryption.ciphers import PlainCipher
from bbs.layouts.contract import Row
from bbs.layouts.registry import layouts
from bbs.migration.attempt import Failed
from bbs.migration.decide import Abilities, Hold, decide_held
from bbs.migration.progress import Progress
from bbs.models.records import Kind, Record
from bbs.stores.anchor import Version
from bbs.stores.contract import PutRow, StoreFull
from tests.layouts.test_losses import desired
from tests.master.reign import Reign, fill, mixed, reign
from tests.migration.attempts import NEW, OLD, digest, order, rows, runner, staged, want
from tests.simulation.model import numbered
from tests.simulation.tables import POISON

CAN = Abilities(frozenset({OLD, NEW}), frozenset({OLD, NEW}), {OLD: "v1"}, managed=False)
BROKEN = Row("task/r-broken", b"{not json")


async def world(*broken: Row, version: int = OLD) -> Reign:
    holder = await reign(version)
    fill(holder.tables, mixed(20))
    for row in broken:
        assert holder.tables.anchor is not None
        holder.tables.rows[holder.tables.anchor.live.root][row.key] = row
    return holder


async def failed(holder: Reign, target: int = NEW) -> Failed:
    outcome = await runner(holder).run(order(holder, target))
    assert isinstance(outcome, Failed)
    return outcome


async def test_a_bad_record_is_a_durable_failure_that_names_it() -> None:
    holder = await world(BROKEN)
    failure = (await failed(holder)).failure
    assert (failure.source, failure.target, failure.key) == (OLD, NEW, "tasks/r-broken")
    assert (failure.reason, failure.attempt, failure.generation) == ("UndecodableRecord", "1-1", 0)
    assert holder.tables.anchor is not None
    assert holder.tables.anchor.migration is not None
    assert holder.tables.anchor.migration.failure == failure


async def test_a_failure_leaves_the_old_root_as_it_was_and_live() -> None:
    holder = await world(BROKEN)
    before = rows(holder.tables, "v1")
    await failed(holder)
    assert rows(holder.tables, "v1") == before
    assert holder.tables.anchor is not None
    assert holder.tables.anchor.live.root == "v1"
    assert holder.tables.anchor.version == Version(OLD, NEW)


async def test_a_failure_is_held_until_somebody_sets_the_target_again() -> None:
    holder = await world(BROKEN)
    await want(holder, NEW)
    await failed(holder)
    assert isinstance(decide_held(holder.committer.anchor, CAN), Hold)
    await want(holder, NEW)
    assert not isinstance(decide_held(holder.committer.anchor, CAN), Hold)


async def test_a_mended_record_lets_the_next_attempt_through() -> None:
    holder = await world(BROKEN)
    await failed(holder)
    fill(holder.tables, [numbered(Kind.TASKS, "r-broken", 7)])
    before = await digest(holder.tables)
    await runner(holder).run(order(holder, NEW))
    assert await digest(holder.tables) == before
    assert before[0] == 21


async def test_a_row_that_belongs_to_no_record_stops_a_migration_too() -> None:
    """Nothing is skipped: what is not understood could be somebody's record."""
    holder = await world(Row("strange/r-1", b"x"))
    failure = (await failed(holder)).failure
    assert (failure.key, failure.reason) == ("strange/r-1", "UndecodableRecord")


async def test_a_loss_that_is_refused_stops_a_migration_down() -> None:
    holder = await world(version=NEW)
    fill(holder.tables, [Record(Kind.DOMAINS, "for-ever", b"", (1 << 63) - 1)])
    failure = (await failed(holder, OLD)).failure
    assert (failure.key, failure.reason) == ("domains/for-ever", "RecordWouldLose")


async def test_a_loss_that_is_not_refused_goes_through() -> None:
    holder = await world(version=NEW)
    fill(holder.tables, [desired(b"\xba\x3e\x01x")])
    assert not isinstance(await runner(holder).run(order(holder, OLD)), Failed)
    assert holder.committer.anchor.live.layout == OLD


async def test_progress_says_failed_from_then_on() -> None:
    holder, seen = await world(BROKEN), list[Progress]()
    await runner(holder, seen).run(order(holder, NEW))
    assert seen[0].phase == "Failed"


# --- verification -----------------------------------------------------------------------------------------------------


async def tampered(change: object) -> Failed:
    """What an attempt comes to when the staged root changes between writing and reading back."""
    holder = await world()
    migration = runner(holder)
    verify = migration._verify

    async def meddled(*given: object) -> None:
        (root,) = staged(holder.tables)
        change(holder.tables.rows[root])  # type: ignore[operator]
        await verify(*given)  # type: ignore[arg-type]

    migration._verify = meddled  # type: ignore[method-assign, assignment]
    outcome = await migration.run(order(holder, NEW))
    assert isinstance(outcome, Failed)
    assert holder.committer.anchor.live.root == "v1"
    return outcome


async def test_a_staged_record_that_vanished_is_found_by_count() -> None:
    outcome = await tampered(lambda found: found.popitem())
    assert outcome.failure.reason == "DigestMismatch"
    assert "20 rows, read back 19" in outcome.failure.message


async def test_a_staged_record_that_became_another_is_found_by_digest() -> None:
    def replace(found: dict[str, Row]) -> None:
        [other] = layouts()[NEW].encode(numbered(Kind.TASKS, "r-000", 999), PlainCipher())
        found[other.key] = other

    assert (await tampered(replace)).failure.reason == "DigestMismatch"


async def test_a_staged_record_in_other_bytes_is_found_although_it_reads_the_same() -> None:
    def move_deadline(found: dict[str, Row]) -> None:
        found["tasks/r-000"] = found["tasks/r-000"]._replace(deadline=5)

    assert (await tampered(move_deadline)).failure.reason == "DigestMismatch"


async def test_a_layout_that_reads_back_another_record_stops_at_that_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(_self: object, kind: Kind, key: str, *_: object) -> Record:
        return Record(kind, key, b"")

    holder = await world()
    monkeypatch.setattr(type(layouts()[NEW]), "decode", forgetful)
    failure = (await failed(holder)).failure
    assert failure.reason == "UnrepresentableRecord"
    assert failure.key


async def test_a_staged_record_that_became_unreadable_is_named() -> None:
    def spoil(found: dict[str, Row]) -> None:
        found["tasks/r-000"] = Row("tasks/r-000", b"01????")

    outcome = await tampered(spoil)
    assert (outcome.failure.reason, outcome.failure.key) == ("StagedRecordUnreadable", "tasks/r-000")


# --- the store says no ------------------------------------------------------------------------------------------------


async def test_a_full_store_is_no_failure_of_a_record() -> None:
    """Nobody is the offender: no failure record, the next attempt starts anew once there is room."""
    holder = await world()
    holder.line.next("commit", "ok")
    attempt = order(holder, NEW)
    put = holder.store.commit

    async def filling(commit: object) -> object:
        holder.tables.full = any(isinstance(write, PutRow) for write in commit.writes)  # type: ignore[attr-defined]
        return await put(commit)

    holder.store.commit = filling
    with pytest.raises(StoreFull):
        await runner(holder).run(attempt)
    assert holder.committer.anchor.migration is not None
    assert holder.committer.anchor.migration.failure is None
    assert rows(holder.tables, "v1")


async def test_a_record_that_the_store_refuses_is_named_and_its_neighbours_are_not() -> None:
    holder = await world()
    fill(holder.tables, [numbered(Kind.TASKS, f"r-{POISON}", 1)])
    failure = (await failed(holder)).failure
    assert failure.reason == "StoreRefusedRecord"
    assert failure.key == f"tasks/r-{POISON}"


async def overtaken(row: Row) -> Failed:
    """A stranger puts a row into the live root while the attempt stages."""
    holder = await world()
    begun, staging = holder.line.hold("commit"), holder.line.hold("commit")
    running = asyncio.ensure_future(failed(holder))
    begun.set_result(None)
    await holder.clock.until(lambda: not holder.line.rules["commit"])
    holder.tables.rows["v1"][row.key] = row
    staging.set_result(None)
    return await running


async def test_a_malformed_record_that_comes_while_an_attempt_stages_is_not_left_behind_in_silence() -> None:
    failure = (await overtaken(BROKEN)).failure
    assert (failure.reason, failure.key) == ("UndecodableRecord", "tasks/r-broken")


async def test_a_record_that_a_stranger_changes_while_an_attempt_stages_is_not_left_behind_either() -> None:
    task = layouts()[OLD].encode(numbered(Kind.TASKS, "r-000", 77), PlainCipher())[0]
    failure = (await overtaken(task)).failure
    assert failure.reason == "SourceChanged"
    assert "v1" in failure.message
