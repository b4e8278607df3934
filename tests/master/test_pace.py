"""The declared pace of a migration belongs to the target, not to the master that happened to take the call."""

from __future__ import annotations

from tests.master.members import deployment
from tests.master.reign import OURS
from tests.master.test_member import bare_json


async def test_a_successor_keeps_the_pace_that_was_declared() -> None:
    async with deployment(bare_json(40)) as found:
        found.start("bbs-0", managed=True)
        first = await found.serving()
        await first.set_target(OURS, "slowly", first.status()["data"]["generation"], 2)
        await found.clock.until(lambda: first.status()["migration"] is not None)
        await found.kill("bbs-0")
        found.start("bbs-1", managed=True)
        second = found.members["bbs-1"]
        await found.clock.until(lambda: (second.status()["migration"] or {}).get("attempt") == "2-2")
        await found.clock.advance(5)
        assert 5 <= second.status()["migration"]["done"] <= 14
