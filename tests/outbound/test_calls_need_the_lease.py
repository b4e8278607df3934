"""No call leaves but after a renewal that is newer than its decision."""

from __future__ import annotations

from bbs.master.lease import Lease
from tests.components.waiting import until
from tests.outbound.conftest import TIMES, Master
from tests.outbound.test_cell_calls import stop


async def test_a_call_waits_for_a_renewal_newer_than_its_decision(master: Master) -> None:
    before = master.clock.steady()
    master.decide(stop(instance="waits"))
    master.lease.renewed(before)
    await master.clock.sleep(4 * 0.05)
    assert master.cell.requests == []
    master.renew()
    assert "waits" in (await master.cell.request()).path


async def test_a_call_of_an_ended_epoch_is_withheld(master: Master) -> None:
    master.decide(stop())
    master.lease.end()
    master.renew()
    await until(lambda: master.notes.named("call-withheld"))
    (withheld,) = master.notes.named("call-withheld")
    assert withheld == {"call": "stop", "process_guid": "pg", "instance_guid": "ig", "cell_id": "cell-1"}
    assert master.cell.requests == []


async def test_a_call_is_withheld_when_nothing_was_renewed_for_a_ttl(master: Master) -> None:
    decided = master.clock.steady()
    master.decide(stop())
    await until(lambda: master.notes.named("call-withheld"))
    assert master.clock.steady() - decided >= TIMES.ttl
    assert master.cell.requests == []


async def test_a_lapsed_lease_that_holds_again_in_time_sends(master: Master) -> None:
    """A lapse is silence, not deposition."""
    late = Lease(master.clock, TIMES, master.clock.steady() - TIMES.ttl)
    assert not late.holds()
    master.calls.follow_up((stop(),), late)
    await master.clock.sleep(0.15)
    late.renewed(master.clock.steady())
    await master.cell.request()


async def test_the_lease_is_looked_at_again_when_the_connection_stands(master: Master) -> None:
    """Locket and the dial take time in which the epoch may end; the retirement's second attempt stands for it."""
    from bbs.models.effects import RetireLRPInstance  # noqa: PLC0415

    master.cell.hangs = 1
    master.perform(RetireLRPInstance("pg", 0, "ig", "cell-1"))
    await master.cell.request()
    master.lease.end()
    await until(lambda: master.notes.named("call-withheld"))
    assert len(master.cell.requests) == 1


async def test_another_reigns_lease_does_not_let_old_calls_out(master: Master) -> None:
    old = master.lease
    master.decide(stop(instance="old"))
    old.end()
    master.lease = Lease(master.clock, TIMES, master.clock.steady())
    master.perform(stop(instance="new"))
    await master.cell.request()
    assert master.cell.asked() == [("POST", "/v1/lrps/pg/instances/new/stop")]
    assert len(master.notes.named("call-withheld")) == 1


async def test_after_close_nothing_is_sent(master: Master) -> None:
    master.decide(stop())
    await master.calls.close()
    master.perform(stop())
    await master.clock.sleep(0.15)
    assert master.cell.requests == []
