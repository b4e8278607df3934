"""Members from election to step-down, over one store."""

from __future__ import annotations

import pytest

from bbs.encryption.ciphers import PlainCipher
from bbs.layouts.contract import Row
from bbs.layouts.registry import layouts
from bbs.master.serving import AdminRefusal, NotServing, Redirect, Unavailable
from bbs.migration.decide import Identity
from bbs.models.records import Kind
from bbs.stores.anchor import Version, version_record
from tests.master.members import deployment
from tests.master.reign import OURS, mixed, place
from tests.master.transitions import ABSENT, look, write
from tests.simulation.tables import Tables


def bare_json(number: int, *more: Row) -> Tables:
    """A store as it was before versions: records under v1, and nothing else."""
    rows = [row for record in mixed(number) for row in layouts()[0].encode(record, PlainCipher())]
    return Tables(rows={"v1": {row.key: row for row in (*rows, *more)}})


async def test_a_lone_member_adopts_an_empty_store_and_serves() -> None:
    async with deployment() as found:
        found.start("bbs-0")
        member = await found.serving()
        assert await member.submit(write("t", 1)) == ABSENT
        assert member.may_answer()
        assert member.ready()
        assert member.status()["data"]["current"] == OURS
        assert found.adopted == [member.status()["store"]["id"]]


async def test_adopting_writes_a_wanted_record_only_when_managed() -> None:
    for managed in (True, False):
        async with deployment() as found:
            found.start("bbs-0", managed=managed)
            member = await found.serving()
            assert (member.status()["data"]["wanted"] is not None) is managed


async def test_an_empty_store_where_one_was_adopted_before_is_never_marked() -> None:
    async with deployment() as found:
        member = found.start("bbs-0", identity=Identity("store-1", adopted=True))
        await found.clock.advance(10)
        assert found.tables.anchor is None
        assert member.status()["state"] == "Refused"
        assert member.status()["reason"]["code"] == "StoreLost"
        assert not member.ready()


async def test_one_serves_and_the_others_send_clients_to_it() -> None:
    async with deployment() as found:
        for name in ("bbs-0", "bbs-1", "bbs-2"):
            found.start(name)
        master = await found.serving()
        await found.clock.advance(3)
        others = [member for member in found.members.values() if member is not master]
        for other in others:
            assert other.gate() == Redirect(master.parts.settings.url)
            assert other.ready()
            assert not other.may_answer()
            with pytest.raises(NotServing):
                await other.submit(look("t"))


async def test_a_step_down_hands_over_at_once_and_warm() -> None:
    async with deployment() as found:
        found.start("bbs-0")
        first = await found.serving()
        found.start("bbs-1")
        await found.clock.advance(2)
        await first.submit(write("t", 1))
        await first.submit(write("u", 2))
        loads = found.lines["bbs-1"].calls.count("scan")
        before = found.clock.time
        await first.step_down(1)
        second = await found.serving("bbs-1")
        assert found.clock.time - before < 1
        assert await second.submit(look("t")) == b"1"
        assert await second.submit(look("u")) == b"2"
        assert found.lines["bbs-1"].calls.count("scan") == loads
        assert found.said("released") == ["bbs-0"]


async def test_a_killed_master_is_replaced_after_its_ttl_and_not_before() -> None:
    async with deployment() as found:
        found.start("bbs-0")
        first = await found.serving()
        found.start("bbs-1")
        await found.clock.advance(2)
        await first.submit(write("t", 1))
        await found.kill("bbs-0")
        killed = found.clock.time
        second = await found.serving("bbs-1")
        assert 4 <= found.clock.time - killed <= 6
        assert await second.submit(look("t")) == b"1"
        assert second.status()["epoch"] == 2


async def test_a_deposed_master_says_nothing_and_stands_by() -> None:
    async with deployment() as found:
        found.start("bbs-0")
        first = await found.serving()
        found.start("bbs-1")
        found.lines["bbs-0"].next("renew", *["lost"] * 20)
        second = await found.serving("bbs-1")
        assert not first.may_answer()
        await found.clock.until(lambda: found.said("deposed") == ["bbs-0"])
        await found.clock.advance(2)
        assert first.gate() == Redirect(second.parts.settings.url)


async def test_a_store_that_is_away_for_a_while_leaves_the_master_in_office() -> None:
    async with deployment() as found:
        found.start("bbs-0")
        master = await found.serving()
        found.lines["bbs-0"].next("renew", *["lost"] * 8)
        await found.clock.advance(7)
        gate = master.gate()
        assert isinstance(gate, Unavailable)
        assert gate.code == "StoreUnavailable"
        await found.clock.advance(5)
        assert master.gate() is None
        assert master.status()["epoch"] == 1


async def test_the_only_member_that_leaves_releases_and_ends() -> None:
    async with deployment() as found:
        member = found.start("bbs-0")
        await found.serving()
        member.leave()
        await found.clock.until(found.tasks["bbs-0"].done)
        assert found.tables.liveness is not None
        assert found.tables.liveness.released


async def test_a_step_down_that_names_another_epoch_is_refused() -> None:
    async with deployment() as found:
        found.start("bbs-0")
        master = await found.serving()
        with pytest.raises(AdminRefusal) as refused:
            await master.step_down(7)
        assert refused.value.status == 412
        assert master.gate() is None


# --- targets ----------------------------------------------------------------------------------------------------------


async def test_bare_json_is_moved_to_the_newest_version_without_an_operator() -> None:
    async with deployment(bare_json(30)) as found:
        found.start("bbs-0")
        member = await found.serving()
        status = member.status()
        assert status["live"]["layout"] == OURS
        assert sum(status["records"].values()) == 30
        assert set(found.tables.rows) == {status["live"]["root"]}


async def test_a_managed_member_serves_bare_json_until_it_is_told_otherwise() -> None:
    async with deployment(bare_json(30)) as found:
        found.start("bbs-0", managed=True)
        member = await found.serving()
        assert member.status()["live"] == {"layout": 0, "root": "v1"}
        await member.set_target(OURS, "token-1", 0, None)
        await found.clock.until(lambda: member.gate() is None and member.status()["data"]["current"] == OURS)
        assert member.status()["data"]["generation"] == 2
        assert member.status()["old_roots"] == ["v1"]
        assert sum(member.status()["records"].values()) == 30


async def test_the_same_target_and_token_change_nothing() -> None:
    async with deployment() as found:
        found.start("bbs-0", managed=True)
        member = await found.serving()
        first = await member.set_target(OURS, "token-1", 1, None)
        seq = member.status()["seq"]
        assert await member.set_target(OURS, "token-1", 1, None) == first == {"generation": 2}
        assert member.status()["seq"] == seq


@pytest.mark.parametrize(("version", "generation", "status"), [(0, 7, 412), (7, 1, 422)])
async def test_a_stale_or_impossible_target_is_refused(version: int, generation: int, status: int) -> None:
    async with deployment() as found:
        found.start("bbs-0", managed=True)
        member = await found.serving()
        with pytest.raises(AdminRefusal) as refused:
            await member.set_target(version, "token-1", generation, None)
        assert refused.value.status == status
        assert refused.value.remedy


async def test_a_failed_migration_is_held_and_a_withdrawal_serves_the_old_layout_again() -> None:
    async with deployment(bare_json(12, Row("task/r-broken", b"{"))) as found:
        found.start("bbs-0", managed=True)
        member = await found.serving()
        assert member.status()["unreadable"] == {"count": 1, "keys": ["tasks/r-broken"]}
        await member.set_target(OURS, "token-1", 0, None)
        await found.clock.until(lambda: member.status()["state"] == "Held")
        gate = member.gate()
        assert isinstance(gate, Unavailable)
        assert gate.code == "Held"
        assert member.status()["migration"]["failure"]["key"] == "tasks/r-broken"
        await member.set_target(0, "token-2", 1, None)
        await found.serving()
        assert await member.submit(write("t", 1)) == ABSENT
        assert member.status()["live"] == {"layout": 0, "root": "v1"}
        assert set(found.tables.rows) == {"v1"}


async def test_a_record_mended_while_a_failure_is_held_is_read_when_the_target_is_withdrawn() -> None:
    """Memory is what a reload would give; whoever mends a record in the store is told to."""
    async with deployment(bare_json(12, Row("task/r-broken", b"{"))) as found:
        found.start("bbs-0", managed=True)
        member = await found.serving()
        await member.set_target(OURS, "token-1", 0, None)
        await found.clock.until(lambda: member.status()["state"] == "Held")
        assert found.tables.anchor is not None
        where = place(found.tables.anchor)
        [good] = [row for row in found.tables.rows["v1"].values() if row.key == "task/r-000"]
        content = good.value.replace(b"r-000", b"r-broken")
        found.tables.rows[where.root]["task/r-broken"] = Row("task/r-broken", content)
        await member.set_target(0, "token-2", 1, None)
        await found.serving()
        assert member.status()["unreadable"]["count"] == 0
        assert member.memory().get(Kind.TASKS, "r-broken") is not None


async def test_a_held_failure_outlives_its_master() -> None:
    async with deployment(bare_json(12, Row("task/r-broken", b"{"))) as found:
        found.start("bbs-0")
        first = found.members["bbs-0"]
        await found.clock.until(lambda: first.status()["state"] == "Held")
        await found.kill("bbs-0")
        second = found.start("bbs-1")
        await found.clock.until(lambda: second.status()["state"] == "Held")
        assert found.said("migration-started") == ["bbs-0"]


async def test_a_rehearsal_is_each_members_own() -> None:
    async with deployment(bare_json(12)) as found:
        found.start("bbs-0", serves=(0,))
        await found.serving()
        second = found.start("bbs-1", managed=True)
        await found.clock.advance(2)
        await second.prepare(OURS)
        await found.clock.until(lambda: second.verdict is not None)
        prepared = second.status()["prepared"]
        assert (prepared["version"], prepared["ok"], prepared["count"]) == (OURS, True, 12)


async def test_an_unknown_version_is_not_touched_and_said() -> None:
    async with deployment(Tables(version_record=b'{"CurrentVersion":1772581987}')) as found:
        member = found.start("bbs-0")
        await found.clock.advance(10)
        assert found.tables.anchor is None
        assert member.status()["role"] == "Aside"
        gate = member.gate()
        assert isinstance(gate, Unavailable)
        assert gate.code == "Refused"
        assert "1772581987" in gate.message


async def test_a_store_without_room_does_not_end_a_member_that_gives_a_half_done_migration_up() -> None:
    """Somebody's release was taken away in the middle of a migration; the record of it goes once there is room."""
    async with deployment() as found:
        found.start("bbs-0", managed=True)
        await found.serving()
        await found.kill("bbs-0")
        assert found.tables.anchor is not None
        half_done = found.tables.anchor.change(version=Version(OURS, 1451635200))
        found.tables.anchor, found.tables.version_record = half_done, version_record(half_done)
        found.start("bbs-1", managed=True)
        found.lines["bbs-1"].next("commit", "full")
        member = await found.serving("bbs-1")
        assert found.said("store-trouble") == ["bbs-1"]
        assert member.status()["data"]["target"] is None
