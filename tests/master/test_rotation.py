"""Rotation: every record comes to bear the active key, whatever happens on the way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bbs.encryption.ciphers import key_label
from bbs.layouts.contract import Row
from bbs.master.member import Member
from bbs.master.serving import AdminRefusal
from bbs.master.wiring import FileKeys
from bbs.models.records import Kind
from bbs.stores.anchor import Anchor
from tests.master.members import Deployment, deployment
from tests.master.test_keys import keys, stored
from tests.master.transitions import look, write

BOTH = ("key1", "key2")


def anchor(found: Deployment) -> Anchor:
    assert found.tables.anchor is not None
    return found.tables.anchor


def labels(found: Deployment) -> list[str | None]:
    """The key of each record of the live root."""
    return [key_label(row.value) for row in found.tables.rows[anchor(found).live.root].values()]


def counts(member: Member) -> dict[str, int]:
    return dict(member.status()["keys"]["counts"])


async def filled(found: Deployment, folder: Path, records: int = 120) -> Member:
    """A serving member with records that bear key1, and both keys loaded."""
    found.start("bbs-0", keys=keys(folder, *BOTH))
    member = await found.serving()
    for number in range(records):
        await member.submit(write(f"t{number:03d}", number))
    return member


async def rotated(found: Deployment, member: Member, to: str) -> None:
    await member.set_active_key(to, member.status()["data"]["generation"])
    await found.clock.until(lambda: anchor(found).key_label == to)


async def test_every_record_bears_the_new_key_and_only_then_the_label_record_says_so(tmp_path: Path) -> None:
    async with deployment() as found:
        member = await filled(found, tmp_path)
        await rotated(found, member, "key2")
        assert set(labels(found)) == {"key2"}
        assert counts(member) == {"key2": 120}
        assert anchor(found).keys_in_use == ("key2",)
        assert await member.submit(look("t007")) == b"7"


async def test_both_keys_are_in_use_until_the_last_record_is_done(tmp_path: Path) -> None:
    async with deployment() as found:
        member = await filled(found, tmp_path)
        gate = found.lines["bbs-0"].hold("snapshot")
        await member.set_active_key("key2", member.status()["data"]["generation"])
        assert anchor(found).keys_in_use == BOTH
        assert found.tables.key_label is None
        gate.set_result(None)
        await found.clock.until(lambda: found.tables.key_label == b"key2")


async def test_a_rotation_that_its_master_did_not_live_to_finish_is_finished_by_the_next_one(tmp_path: Path) -> None:
    async with deployment() as found:
        member = await filled(found, tmp_path)
        found.start("bbs-1", keys=keys(tmp_path, *BOTH))
        await member.set_active_key("key2", member.status()["data"]["generation"])
        await found.clock.until(lambda: 0 < labels(found).count("key2") < 120)
        await found.kill("bbs-0")
        await found.clock.until(lambda: anchor(found).key_label == "key2")
        assert set(labels(found)) == {"key2"}
        assert anchor(found).epoch == 2


async def test_a_member_that_lacks_a_key_that_some_records_still_bear_does_not_stand(tmp_path: Path) -> None:
    async with deployment() as found:
        member = await filled(found, tmp_path / "both")
        await member.set_active_key("key2", member.status()["data"]["generation"])
        await found.clock.until(lambda: 0 < labels(found).count("key2") < 120)
        await found.kill("bbs-0")
        other = found.start("bbs-1", keys=keys(tmp_path / "one", "key2", active="key2"))
        await found.clock.advance(20)
        assert other.status()["reason"]["code"] == "KeyMissing"
        assert "key1" in other.status()["reason"]["message"]
        assert anchor(found).epoch == 1


async def test_a_write_that_was_sealed_just_before_the_activation_is_rewritten_too(tmp_path: Path) -> None:
    async with deployment() as found:
        member = await filled(found, tmp_path, records=0)
        line = found.lines["bbs-0"]
        activation, late = line.hold("commit"), line.hold("commit")
        generation = member.status()["data"]["generation"]
        activating = asyncio.ensure_future(member.set_active_key("key2", generation))
        await found.clock.until(lambda: line.calls[-1] == "commit")
        writing = asyncio.ensure_future(member.submit(write("late", 1)))
        await found.clock.advance(0.1)
        activation.set_result(None)
        await activating
        await found.clock.advance(0.5)
        late.set_result(None)
        await writing
        await found.clock.until(lambda: anchor(found).key_label == "key2")
        assert key_label(stored(found, "late").value) == "key2"


async def test_a_record_that_can_t_be_read_keeps_the_label_record_away_until_it_is_mended(tmp_path: Path) -> None:
    async with deployment() as found:
        member = await filled(found, tmp_path, records=3)
        root = found.tables.rows[anchor(found).live.root]
        whole = root["tasks/t001"]
        root["tasks/t001"] = Row("tasks/t001", whole.value[:-8] + b"AAAAAAA=", 0)
        await found.kill("bbs-0")
        found.start("bbs-1", keys=keys(tmp_path, *BOTH))
        member = await found.serving("bbs-1")
        await member.set_active_key("key2", member.status()["data"]["generation"])
        await found.clock.until(lambda: "bbs-1" in found.said("rotation-incomplete"))
        assert found.tables.key_label is None
        assert counts(member) == {"key1": 1, "key2": 2}


async def test_records_without_encryption_are_sealed_once_a_keyring_is_configured(tmp_path: Path) -> None:
    async with deployment() as found:
        found.start("bbs-0")
        member = await found.serving()
        await member.submit(write("t", 1))
        await found.kill("bbs-0")
        found.start("bbs-1", keys=keys(tmp_path, "key1"))
        await found.clock.until(lambda: found.tables.key_label == b"key1")
        assert labels(found) == ["key1"]


async def test_a_key_whose_file_is_gone_stays_while_records_bear_it(tmp_path: Path) -> None:
    both = keys(tmp_path, *BOTH)
    (tmp_path / "key2").unlink()
    both.reload(in_use=("key1", "key2"))
    assert both.loaded() == set(BOTH)
    both.reload(in_use=("key1",))
    assert both.loaded() == {"key1"}


async def test_a_store_that_has_an_active_key_does_not_need_the_initial_one(tmp_path: Path) -> None:
    async with deployment() as found:
        member = await filled(found, tmp_path, records=2)
        await rotated(found, member, "key2")
        await found.kill("bbs-0")
        (tmp_path / "key1").unlink()
        found.start("bbs-1", keys=FileKeys(tmp_path, "key1"))
        member = await found.serving("bbs-1")
        assert len(list(member.memory().entries(Kind.TASKS))) == 2


def test_an_empty_keyring_folder_is_still_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no key"):
        FileKeys(tmp_path, "key1")


async def test_a_pace_that_was_asked_for_outlives_the_master_that_was_told(tmp_path: Path) -> None:
    """400 records at 50 a second: 8 seconds on whose clock ever; half of them by the master that takes over."""
    async with deployment() as found:
        member = await filled(found, tmp_path, records=400)
        found.start("bbs-1", keys=keys(tmp_path, *BOTH))
        began = found.clock.steady()
        await member.set_active_key("key2", member.status()["data"]["generation"], None, 50)
        await found.clock.until(lambda: labels(found).count("key2") >= 200)
        await found.kill("bbs-0")
        await found.clock.until(lambda: anchor(found).key_label == "key2")
        assert found.clock.steady() - began >= 7
        assert anchor(found).rotation_pace == 50


async def test_another_pace_is_taken_on_the_way_and_begins_nothing_anew(tmp_path: Path) -> None:
    async with deployment() as found:
        member = await filled(found, tmp_path, records=400)
        generation = member.status()["data"]["generation"]
        await member.set_active_key("key2", generation, "key1", 1)
        await found.clock.until(lambda: labels(found).count("key2") >= 50)
        await member.set_active_key("key2", generation, "key2", 1000)
        began = found.clock.steady()
        await found.clock.until(lambda: anchor(found).key_label == "key2")
        assert found.clock.steady() - began < 100
        assert member.status()["keys"]["max_records_per_second"] == 1000


async def test_a_call_that_was_decided_before_another_activation_is_stale(tmp_path: Path) -> None:
    async with deployment() as found:
        member = await filled(found, tmp_path)
        generation = member.status()["data"]["generation"]
        await rotated(found, member, "key2")
        with pytest.raises(AdminRefusal) as refused:
            await member.set_active_key("key1", generation, "key1", None)
        assert (refused.value.status, refused.value.code) == (412, "StaleActiveKey")
        assert anchor(found).active_key == "key2"


async def test_the_counts_tell_how_far_a_rotation_is(tmp_path: Path) -> None:
    async with deployment() as found:
        member = await filled(found, tmp_path, records=200)
        await member.set_active_key("key2", member.status()["data"]["generation"], None, 10)
        await found.clock.until(lambda: labels(found).count("key2") >= 100)
        await found.clock.until(lambda: counts(member).get("key2", 0) >= 100)
        done = labels(found).count("key2")
        assert counts(member) == {"key1": 200 - done, "key2": done}
        await found.clock.until(lambda: anchor(found).key_label == "key2")
        assert counts(member) == {"key2": 200}


async def test_a_look_that_an_activation_overtook_does_not_count(tmp_path: Path) -> None:
    async with deployment() as found:
        member = await filled(found, tmp_path, records=3)
        generation = member.status()["data"]["generation"]
        await member.set_active_key("key2", generation)
        await found.clock.until(lambda: anchor(found).key_label == "key2")
        line = found.lines["bbs-0"]
        await member.set_active_key("key1", generation)
        scanning = line.hold("scan")
        await found.clock.until(lambda: line.calls[-1] == "scan")
        await member.submit(write("late", 1))
        again = line.hold("snapshot")
        await member.set_active_key("key2", generation)
        scanning.set_result(None)
        await found.clock.advance(0.5)
        assert counts(member) == {}
        again.set_result(None)
        await found.clock.until(lambda: anchor(found).key_label == "key2")
        assert counts(member) == {"key2": 4}
