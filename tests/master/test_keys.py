"""Which key records are sealed with, and what the label record says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bbs.encryption.ciphers import key_label
from bbs.layouts.contract import Row
from bbs.master.committer import Draft
from bbs.master.serving import AdminRefusal
from bbs.master.wiring import FileKeys
from bbs.migration.attempt import Flipped
from tests.master.members import Deployment, deployment
from tests.master.reign import fill, mixed, reign
from tests.master.transitions import look, write
from tests.migration.attempts import NEW, OLD, order, runner


def keys(folder: Path, *labels: str, active: str = "key1") -> FileKeys:
    """A keyring of those labels."""
    folder.mkdir(exist_ok=True)
    for label in labels:
        (folder / label).write_text(f"passphrase of {label}")
    return FileKeys(folder, active)


def stored(found: Deployment, key: str) -> Row:
    assert found.tables.anchor is not None
    return found.tables.rows[found.tables.anchor.live.root][f"tasks/{key}"]


async def test_records_of_a_new_store_are_sealed_and_the_label_record_says_with_what(tmp_path: Path) -> None:
    async with deployment() as found:
        found.start("bbs-0", keys=keys(tmp_path, "key1"))
        member = await found.serving()
        await member.submit(write("t", 1))
        assert key_label(stored(found, "t").value) == "key1"
        assert found.tables.key_label == b"key1"
        shown = member.status()["keys"]
        assert (shown["active"], shown["stored"], shown["loaded"]) == ("key1", "key1", ["key1"])


async def test_a_member_that_lacks_the_key_does_not_stand_for_election(tmp_path: Path) -> None:
    async with deployment() as found:
        found.start("bbs-0", keys=keys(tmp_path / "0", "key1"))
        (await found.serving()).leave()
        await found.clock.until(found.tasks["bbs-0"].done)
        other = found.start("bbs-1", keys=keys(tmp_path / "1", "key2", active="key2"))
        await found.clock.advance(10)
        assert other.status()["reason"]["code"] == "KeyMissing"
        assert "key1" in other.status()["reason"]["message"]
        assert found.tables.anchor is not None
        assert found.tables.anchor.epoch == 1


async def test_activating_a_key_takes_the_label_away_since_records_use_two(tmp_path: Path) -> None:
    async with deployment() as found:
        found.start("bbs-0", keys=keys(tmp_path, "key1", "key2"))
        member = await found.serving()
        await member.set_active_key("key2", member.status()["data"]["generation"])
        assert found.tables.key_label is None
        assert member.status()["keys"]["active"] == "key2"


async def test_a_key_that_is_not_loaded_is_not_activated(tmp_path: Path) -> None:
    async with deployment() as found:
        found.start("bbs-0", keys=keys(tmp_path, "key1"))
        member = await found.serving()
        with pytest.raises(AdminRefusal) as refused:
            await member.set_active_key("key2", member.status()["data"]["generation"])
        assert (refused.value.status, refused.value.code) == (422, "KeyMissing")


async def test_records_written_after_an_activation_are_sealed_with_the_new_key(tmp_path: Path) -> None:
    async with deployment() as found:
        found.start("bbs-0", keys=keys(tmp_path, "key1", "key2"))
        member = await found.serving()
        await member.submit(write("t", 1))
        await member.set_active_key("key2", member.status()["data"]["generation"])
        await member.submit(write("u", 1))
        assert await member.submit(look("t")) == b"1"
        assert key_label(stored(found, "u").value) == "key2"


async def test_a_key_activated_while_staging_leaves_no_label_after_the_flip() -> None:
    """What is staged uses the old key and what is written next the new one: no label is true of all."""
    holder = await reign(OLD)
    fill(holder.tables, mixed(10))
    holder.committer.anchor = holder.tables.anchor = holder.committer.anchor.change(active_key="key1")
    attempt = order(holder, NEW, key_label="key1")
    migration = runner(holder)
    verify = migration._verify

    async def activating(*given: object) -> None:
        await holder.committer.commit(lambda _: _activated("key2"))
        await verify(*given)  # type: ignore[arg-type]

    migration._verify = activating  # type: ignore[method-assign, assignment]
    outcome = await migration.run(attempt)
    assert isinstance(outcome, Flipped)
    assert outcome.anchor.active_key == "key2"
    assert outcome.anchor.key_label is None


def _activated(name: str) -> Draft:
    """What an accepted call for an active key writes."""
    return Draft(members={"active_key": name, "key_label": None})
