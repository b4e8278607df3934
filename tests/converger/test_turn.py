"""The turn of an external converger: exclusive, bounded by its ttl, and kept by a take-over."""

from __future__ import annotations

import pytest

from bbs.master.serving import AdminRefusal
from tests.converger.world import world


async def refused(call: object) -> tuple[int, str]:
    with pytest.raises(AdminRefusal) as refusal:
        await call  # type: ignore[misc]
    return refusal.value.status, refusal.value.code


async def test_one_holder_at_a_time_and_the_bbs_itself_waits() -> None:
    async with world() as found:
        _, convergence = await found.master()
        assert found.turns["bbs-0"].ours
        facts = await convergence.hold("a", 60)
        assert (facts["epoch"], facts["cells"]) == (1, ["cell-1"])
        assert not found.turns["bbs-0"].ours
        assert await refused(convergence.hold("b", 60)) == (409, "ConvergenceHeld")
        await convergence.hold("a", 60)


async def test_a_run_of_the_bbs_itself_is_not_interrupted() -> None:
    async with world() as found:
        _, convergence = await found.master()
        found.turns["bbs-0"].running = True
        assert await refused(convergence.hold("a", 60)) == (409, "ConvergenceRunning")


async def test_a_holder_that_is_silent_for_its_ttl_has_lost_its_turn() -> None:
    async with world() as found:
        _, convergence = await found.master()
        await convergence.hold("a", 60)
        await found.found.clock.advance(59)
        assert await refused(convergence.hold("b", 60)) == (409, "ConvergenceHeld")
        await found.found.clock.advance(2)
        assert found.turns["bbs-0"].ours
        assert await refused(convergence.update("a", 1, [])) == (412, "NotYourTurn")
        await convergence.hold("b", 60)


async def test_each_call_of_the_holder_begins_its_ttl_anew() -> None:
    async with world() as found:
        _, convergence = await found.master()
        await convergence.hold("a", 60)
        for _ in range(3):
            await found.found.clock.advance(50)
            await convergence.update("a", 1, [])
        assert not found.turns["bbs-0"].ours


async def test_a_turn_given_back_is_free_at_once_and_only_its_holder_gives_it() -> None:
    async with world() as found:
        member, convergence = await found.master()
        await convergence.hold("a", 60)
        await convergence.release("b")
        assert not found.turns["bbs-0"].ours
        await convergence.release("a")
        assert found.turns["bbs-0"].ours
        assert member.ruler is not None
        assert member.ruler.anchor.converger is None


async def test_a_take_over_keeps_the_turn_and_gives_its_whole_ttl_anew() -> None:
    async with world() as found:
        _, before = await found.master("bbs-0")
        await before.hold("a", 60)
        await found.found.clock.advance(50)
        await found.found.kill("bbs-0")
        _, after = await found.master("bbs-1")
        assert not found.turns["bbs-1"].ours
        assert await refused(after.hold("b", 60)) == (409, "ConvergenceHeld")
        await found.found.clock.advance(55)
        assert not found.turns["bbs-1"].ours
        await after.hold("a", 60)
        await found.found.clock.advance(61)
        assert found.turns["bbs-1"].ours


async def test_an_update_decided_before_a_take_over_is_refused_after_it() -> None:
    async with world() as found:
        _, before = await found.master("bbs-0")
        facts = await before.hold("a", 60)
        await found.found.kill("bbs-0")
        _, after = await found.master("bbs-1")
        assert await refused(after.update("a", facts["epoch"], [])) == (412, "StaleEpoch")


async def test_a_renewal_writes_nothing() -> None:
    async with world() as found:
        member, convergence = await found.master()
        await convergence.hold("a", 60)
        assert member.ruler is not None
        seq = member.ruler.anchor.seq
        await convergence.hold("a", 60)
        assert member.ruler.anchor.seq == seq


@pytest.mark.parametrize(("owner", "ttl_s"), [("", 60), ("a", 0), ("a", 601)])
async def test_a_turn_needs_a_name_and_a_bounded_ttl(owner: str, ttl_s: float) -> None:
    async with world() as found:
        _, convergence = await found.master()
        assert await refused(convergence.hold(owner, ttl_s)) == (422, "MalformedRequest")


async def test_while_somebody_has_the_turn_the_bbs_is_not_asked_to_converge() -> None:
    async with world() as found:
        _, convergence = await found.master()
        assert [await convergence.ask(), await convergence.ask()] == [
            {"queued": True, "running": False},
            {"queued": False, "running": False},
        ]
        await convergence.hold("a", 60)
        assert await refused(convergence.ask()) == (409, "ConvergenceHeld")
