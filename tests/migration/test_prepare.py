"""The rehearsal says what the runner will meet, and changes nothing."""

from __future__ import annotations

import pytest

from bbs.encryption.ciphers import PlainCipher
from bbs.layouts.contract import Row
from bbs.layouts.registry import layouts
from bbs.migration.attempt import Failed
from bbs.migration.prepare import Verdict, prepare
from bbs.models.records import Kind, Record
from bbs.stores.contract import Space, StoreUnavailable
from tests.layouts.test_losses import desired
from tests.master.reign import Reign, fill, mixed, place, reign
from tests.migration.attempts import MIDDLE, NEW, OLD, order, runner
from tests.simulation.model import numbered
from tests.simulation.store import SimulatedStore

LOSSY = desired(b"\xba\x3e\x01x")
LARGE = Record(Kind.TASKS, "r-large", numbered(Kind.TASKS, "r-large", 1).data + b"\xba\x3e\xc0\x3e" + b"x" * 8000)


async def world(version: int, *records: Record, rows: tuple[Row, ...] = ()) -> Reign:
    holder = await reign(version)
    fill(holder.tables, [*mixed(20), *records])
    assert holder.tables.anchor is not None
    for row in rows:
        holder.tables.rows[holder.tables.anchor.live.root][row.key] = row
    return holder


async def verdict(holder: Reign, target: int) -> Verdict:
    assert holder.tables.anchor is not None
    return await prepare(holder.store, holder.clock, place(holder.tables.anchor), layouts()[target], PlainCipher())


async def test_a_sound_store_is_ready_at_the_sequence_that_was_read() -> None:
    holder = await world(OLD)
    found = await verdict(holder, NEW)
    assert (found.ok, found.count, found.version, found.seq) == (True, 20, NEW, 0)
    assert found.losses == {}
    assert found.first_bad is None


async def test_a_rehearsal_writes_nothing() -> None:
    holder = await world(OLD)
    before = holder.tables.copy()
    await verdict(holder, NEW)
    assert holder.tables == before
    assert holder.commits() == 0


async def test_losses_are_counted_by_what_is_lost() -> None:
    lossy = [Record(Kind.DESIRED_LRPS, guid, LOSSY.data.replace(b"pg-1", guid.encode())) for guid in ("pg-2", "pg-3")]
    found = await verdict(await world(NEW, *lossy), OLD)
    assert found.ok
    assert list(found.losses.values()) == [2]


async def test_a_store_that_cannot_be_read_gives_no_verdict() -> None:
    holder = await world(OLD)
    holder.line.next("scan", "ok", "lost")
    with pytest.raises(StoreUnavailable):
        await verdict(holder, NEW)


async def test_the_first_bad_record_is_named_and_the_rest_is_counted_all_the_same() -> None:
    holder = await world(OLD, rows=(Row("task/a-bad", b"{"), Row("task/b-bad", b"{")))
    found = await verdict(holder, NEW)
    assert not found.ok
    assert found.first_bad is not None
    assert found.first_bad.key == "tasks/a-bad"
    assert found.count == 22


class Limited(SimulatedStore):
    """A store with a quota, of which so much is in use."""

    def __init__(self, holder: Reign, used: int, quota: int, full: bool = False) -> None:
        super().__init__(holder.tables)
        self._space = Space(used, quota, full)

    async def space(self) -> Space:
        return self._space

    async def forget_history(self) -> None:
        """Nothing is kept here."""


@pytest.mark.parametrize(
    ("used", "quota", "full", "ok"),
    [
        pytest.param(1_000, 1_000_000, False, True, id="room for twice the copy"),
        pytest.param(999_000, 1_000_000, False, False, id="no room"),
        pytest.param(1_000, 0, False, True, id="quota not told"),
        pytest.param(1_000, 1_000_000, True, False, id="alarm raised"),
    ],
)
async def test_a_copy_that_would_not_fit_is_refused_before_it_is_begun(
    used: int, quota: int, full: bool, ok: bool
) -> None:
    holder = await world(OLD)
    holder.store = Limited(holder, used, quota, full)
    found = await verdict(holder, NEW)
    assert found.ok is ok
    assert ok or (found.first_bad is not None and found.first_bad.key == "store")


WORLDS = [
    pytest.param(OLD, NEW, (), (), id="sound"),
    pytest.param(OLD, NEW, (), (Row("task/r-bad", b"{"),), id="undecodable"),
    pytest.param(OLD, NEW, (), (Row("strange/r-bad", b"{"),), id="no record"),
    pytest.param(MIDDLE, NEW, (), (Row("desired_lrp/run/r-half", b"01AAA="),), id="half"),
    pytest.param(NEW, OLD, (Record(Kind.DOMAINS, "d", b"", (1 << 63) - 1),), (), id="refused loss"),
    pytest.param(NEW, OLD, (LOSSY,), (), id="loss"),
    pytest.param(OLD, NEW, (numbered(Kind.TASKS, "g" * 1019, 1),), (), id="key too long"),
    pytest.param(NEW, MIDDLE, (LARGE,), (), id="value too large"),
]


@pytest.mark.parametrize(("source", "target", "records", "rows"), WORLDS)
async def test_the_verdict_is_what_the_runner_then_meets(
    source: int, target: int, records: tuple[Record, ...], rows: tuple[Row, ...]
) -> None:
    holder = await world(source, *records, rows=rows)
    foretold = await verdict(holder, target)
    outcome = await runner(holder).run(order(holder, target))
    assert foretold.ok is not isinstance(outcome, Failed)
    if isinstance(outcome, Failed):
        assert foretold.first_bad is not None
        assert outcome.failure.key == foretold.first_bad.key
