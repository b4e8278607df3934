"""The call that drops superseded roots."""

from __future__ import annotations

import pytest

from bbs.master.member import Member
from bbs.master.serving import AdminRefusal
from tests.master.members import Deployment, deployment
from tests.master.reign import OURS
from tests.master.test_member import bare_json


async def migrated(found: Deployment) -> Member:
    """A managed member that serves our layout; `v1` is left."""
    found.start("bbs-0", managed=True)
    member = await found.serving()
    await member.set_target(OURS, "token-1", 0, None)
    await found.clock.until(lambda: member.gate() is None and member.status()["data"]["current"] == OURS)
    return member


async def test_a_superseded_root_goes_when_told_and_not_before() -> None:
    async with deployment(bare_json(20)) as found:
        member = await migrated(found)
        assert "v1" in found.tables.rows
        await member.drop_roots(["v1"], 2)
        assert "v1" not in found.tables.rows
        assert member.status()["old_roots"] == []


async def test_the_live_root_is_refused() -> None:
    async with deployment(bare_json(20)) as found:
        member = await migrated(found)
        live = member.status()["live"]["root"]
        with pytest.raises(AdminRefusal) as refused:
            await member.drop_roots([live], 2)
        assert (refused.value.status, refused.value.code) == (422, "RootInUse")
        assert len(found.tables.rows[live]) == 20


async def test_a_call_decided_before_the_flip_is_stale_after_it() -> None:
    async with deployment(bare_json(20)) as found:
        member = await migrated(found)
        with pytest.raises(AdminRefusal) as refused:
            await member.drop_roots(["v1"], 1)
        assert refused.value.status == 412
        assert "v1" in found.tables.rows


async def test_a_name_that_is_no_root_is_not_possible_rather_than_unavailable() -> None:
    async with deployment(bare_json(20)) as found:
        member = await migrated(found)
        with pytest.raises(AdminRefusal) as refused:
            await member.drop_roots(["no/root"], 2)
        assert refused.value.status == 422
