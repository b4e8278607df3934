"""An attempt that ends well: everything arrives, nothing is lost, and one commit makes it live."""

from __future__ import annotations

import pytest

from bbs.migration.attempt import Flipped
from bbs.migration.progress import Progress
from bbs.stores.anchor import Version
from tests.master.reign import Reign, fill, mixed, reign
from tests.migration.attempts import MIDDLE, NEW, OLD, digest, order, rows, runner, want

WAYS = pytest.mark.parametrize(("source", "target"), [(OLD, NEW), (NEW, MIDDLE), (MIDDLE, OLD), (OLD, MIDDLE)])


async def world(version: int = OLD, records: int = 40) -> Reign:
    holder = await reign(version)
    fill(holder.tables, mixed(records))
    return holder


@WAYS
async def test_every_record_arrives_in_either_direction(source: int, target: int) -> None:
    holder = await world(source)
    before = await digest(holder.tables)
    outcome = await runner(holder).run(order(holder, target))
    assert isinstance(outcome, Flipped)
    assert outcome.records == 40
    assert holder.tables.anchor is not None
    assert holder.tables.anchor.live.layout == target
    assert await digest(holder.tables) == before


@WAYS
async def test_there_and_back_gives_what_was_there(source: int, target: int) -> None:
    holder = await world(source)
    before = await digest(holder.tables)
    await runner(holder).run(order(holder, target))
    await runner(holder).run(order(holder, source))
    assert await digest(holder.tables) == before


async def test_a_store_without_records_is_migrated_too() -> None:
    holder = await world(records=0)
    outcome = await runner(holder).run(order(holder, NEW))
    assert isinstance(outcome, Flipped)
    assert outcome.records == 0


async def test_the_old_root_is_whole_until_the_flip_and_after_it() -> None:
    holder = await world()
    before = rows(holder.tables, "v1")
    outcome = await runner(holder).run(order(holder, NEW))
    assert isinstance(outcome, Flipped)
    assert outcome.old_root == "v1"
    assert rows(holder.tables, "v1") == before


async def test_a_migration_never_stages_at_an_upstream_place() -> None:
    holder = await world(NEW)
    outcome = await runner(holder).run(order(holder, OLD))
    assert isinstance(outcome, Flipped)
    assert outcome.anchor.live.root == "v0@1-1"
    assert "v1" not in holder.tables.rows


async def test_the_flip_is_the_last_commit_and_moves_pointer_and_version_together() -> None:
    holder = await world()
    outcome = await runner(holder).run(order(holder, NEW))
    assert isinstance(outcome, Flipped)
    assert holder.tables.anchor == outcome.anchor
    assert outcome.anchor.version == Version(NEW)
    assert outcome.anchor.migration is None
    assert holder.tables.version_record == b'{"CurrentVersion":4000000001,"TargetVersion":4000000001}'
    assert [batch.reload for batch in holder.announced[-2:]] == [False, True]


async def test_each_attempt_has_a_root_that_was_never_used() -> None:
    holder = await world()
    roots = []
    for target in (NEW, MIDDLE, NEW):
        outcome = await runner(holder).run(order(holder, target))
        assert isinstance(outcome, Flipped)
        roots.append(outcome.anchor.live.root)
    assert roots == ["v4000000001@1-1", "v1451635200@1-2", "v4000000001@1-3"]


async def test_a_flip_raises_the_generation_of_what_is_wanted() -> None:
    """A call that was decided before the flip is stale after it."""
    holder = await world()
    await want(holder, NEW)
    outcome = await runner(holder).run(order(holder, NEW))
    assert isinstance(outcome, Flipped)
    assert outcome.anchor.wanted is not None
    assert (outcome.anchor.wanted.version, outcome.anchor.generation) == (NEW, 2)


@pytest.mark.parametrize("managed", [True, False])
async def test_only_a_managed_flip_writes_a_wanted_record_of_its_own(managed: bool) -> None:
    holder = await world()
    outcome = await runner(holder).run(order(holder, NEW, managed=managed))
    assert isinstance(outcome, Flipped)
    assert (outcome.anchor.wanted is not None) is managed


async def test_what_another_attempt_staged_is_not_trusted() -> None:
    holder = await world()
    fill(holder.tables, mixed(2))
    stale = rows(holder.tables, "v1")
    holder.tables.rows["v4000000001@1-0"] = stale
    outcome = await runner(holder).run(order(holder, NEW))
    assert isinstance(outcome, Flipped)
    assert rows(holder.tables, "v4000000001@1-0") == stale
    assert outcome.records == 40


async def test_progress_counts_every_record_and_names_the_phase() -> None:
    holder, seen = await world(), list[Progress]()
    await runner(holder, seen).run(order(holder, NEW))
    assert (seen[0].done, seen[0].phase, seen[0].attempt) == (40, "Verifying", "1-1")
    assert (seen[0].source, seen[0].target) == (OLD, NEW)


async def test_a_lost_acknowledgement_stages_nothing_twice() -> None:
    holder = await world()
    before = await digest(holder.tables)
    holder.line.next("commit", *["unanswered", "ok"] * 4)
    outcome = await holder.clock.while_passing(runner(holder).run(order(holder, NEW)))
    assert isinstance(outcome, Flipped)
    assert await digest(holder.tables) == before
