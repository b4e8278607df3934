"""The move of the records from a managed etcd to a relational store: its gates, its order, its way back, its end."""

from dataclasses import replace

import pytest

from controllers.decide.gates import GATES, Gate
from controllers.decide.verdict import Open
from tests.controllers.decide.simulated.moves import (
    ETCD,
    SQL,
    asked,
    begun,
    committed,
    declare,
    noted,
    stores,
    take_back,
)
from tests.controllers.decide.simulated.runs import go_on, installed
from tests.controllers.decide.simulated.spec import Spec
from tests.controllers.decide.simulated.world import Broken, World
from tests.controllers.decide.test_stalls import message


def done() -> World:
    world = declare(installed()).run()
    assert world.status("Ready") == "True", world.plan and (world.plan.step, world.plan.waiting)
    return world


def test_the_records_move_and_nothing_of_the_managed_etcd_is_left() -> None:
    world = done()
    assert (world.bbs.moving.place, noted(world), world.status("StoreMoved")) == (SQL, True, "True")
    assert (stores(world, "bbs"), stores(world, "locket")) == ({(SQL, "")}, {(SQL, "")})
    assert (world.cluster.tier("etcd"), world.of_etcd) == ([], {})
    assert [name for name in world.files if "Etcd" in name] == []
    assert world.plan is not None
    assert world.plan.status["store"]["migratedFrom"] == ETCD


def test_cells_and_auctioneer_stay_as_they_are() -> None:
    world = installed()
    before = {pod.uid for tier in ("cell", "auctioneer") for pod in world.cluster.pods(tier)}
    declare(world).run()
    assert {pod.uid for tier in ("cell", "auctioneer") for pod in world.cluster.pods(tier)} == before


def test_taking_migrate_from_out_of_the_spec_afterwards_changes_nothing() -> None:
    world = done()
    uids = {pod.uid for one in world.cluster.sets.values() for pod in one.pods.values()}
    world.change(replace(world.spec, source=""))
    assert world.run().status("Ready") == "True"
    assert {pod.uid for one in world.cluster.sets.values() for pod in one.pods.values()} == uids


def test_the_move_is_asked_for_only_when_every_member_knows_both_stores() -> None:
    world = begun()
    assert stores(world, "bbs") == {(SQL, ETCD)}
    assert stores(world, "locket") == {(ETCD, "")}


def test_the_way_there_is_told_by_the_condition() -> None:
    world, told = declare(installed()), []
    for _ in range(120):
        go_on(world, passes=1)
        told += [world.reason("StoreMoved")] if world.reason("StoreMoved") not in told[-1:] else []
    assert told == ["MovePreparing", "Moving", "MoveSettling", "Moved"]


def test_before_the_commit_the_spec_is_taken_back_and_etcd_serves_on() -> None:
    world = take_back(begun()).run()
    assert (world.status("Ready"), world.status("StoreMoved")) == ("True", "True")
    assert (world.bbs.moving.place, world.bbs.moving.asked) == (ETCD, [True, False])
    assert stores(world, "bbs") == {(ETCD, "")}


def test_the_move_is_withdrawn_before_any_member_forgets_the_new_store() -> None:
    world = take_back(begun())
    go_on(world, passes=1)
    assert (world.reason("StoreMoved"), stores(world, "bbs")) == ("MoveWithdrawing", {(SQL, ETCD)})


def test_while_paused_the_withdrawal_waits_and_says_so() -> None:
    world = take_back(begun())
    world.bbs.moving.unreachable = frozenset(pod.name for pod in world.cluster.pods("bbs"))
    world.change(replace(world.spec, paused=True))
    go_on(world, passes=5)
    assert (world.bbs.moving.asked, world.reason("StoreMoved")) == ([True], "MoveWithdrawing")


def test_a_move_taken_back_can_be_begun_again() -> None:
    world = take_back(begun()).run()
    assert declare(world).run().bbs.moving.place == SQL


def test_after_the_commit_the_way_back_is_refused_and_nothing_is_touched() -> None:
    world = take_back(go_on(begun(), until=committed))
    before = {name: one.inputs_hash for name, one in world.cluster.sets.items()}
    go_on(world)
    assert {name: one.inputs_hash for name, one in world.cluster.sets.items()} == before
    assert (world.reason("UpgradeBlocked"), noted(world)) == ("StoreMovedAway", True)
    assert f"moved from {ETCD} to {SQL}; the spec names {ETCD}" in message(world, "Ready")
    assert declare(world).run().status("Ready") == "True"


def test_a_member_that_cannot_reach_the_new_store_holds_the_move_and_no_request() -> None:
    world = declare(installed())
    world.bbs.moving.unreachable = frozenset({"d-bbs-1-0"})
    go_on(world)
    assert (world.reason("UpgradeBlocked"), asked(world)) == ("MoveStoreUnreachable", False)
    assert "d-bbs-1-0 can't reach postgresql: StoreUnavailable: connection refused" in message(world, "UpgradeBlocked")
    assert world.status("Available") == "True"
    world.bbs.moving.unreachable = frozenset()
    assert world.run().status("Ready") == "True"


def test_a_store_that_goes_away_while_records_are_copied_is_said() -> None:
    world = begun()
    world.bbs.moving.unreachable = frozenset(pod.name for pod in world.cluster.pods("bbs"))
    go_on(world, passes=5)
    assert (world.reason("StoreMoved"), world.bbs.moving.place) == ("MoveStoreUnreachable", ETCD)


def test_a_failed_move_waits_for_a_person_who_gives_another_token() -> None:
    world = declare(installed())
    world.bbs.moving.bad = True
    world.run()
    assert (world.reason("UpgradeBlocked"), world.bbs.moving.asked) == ("MoveFailed", [True])
    assert "tasks/bad: UndecodableRecord" in message(world, "UpgradeBlocked")
    assert world.status("Available") == "True"
    world.bbs.moving.bad = False
    world.change(replace(world.spec, retry="again"))
    assert world.run().status("Ready") == "True"
    assert world.bbs.moving.asked == [True, True]


def test_a_failed_move_is_taken_back_by_the_former_spec() -> None:
    world = declare(installed())
    world.bbs.moving.bad = True
    assert take_back(world.run()).run().status("Ready") == "True"
    assert not asked(world)


@pytest.mark.parametrize("another", [{"version": "0.2.0", "target": 0}, {"target": 1}])
def test_another_release_or_data_version_and_another_store_at_once_are_refused(another: dict[str, object]) -> None:
    world = declare(installed(), **another)
    before = {name: one.inputs_hash for name, one in world.cluster.sets.items()}
    go_on(world)
    assert {name: one.inputs_hash for name, one in world.cluster.sets.items()} == before
    assert world.reason("UpgradeBlocked") == "MoveNotAlone"


def test_a_store_is_left_by_name_or_not_at_all() -> None:
    world = installed()
    world.change(replace(world.spec, store=SQL, source="Etcd (external)"))
    assert go_on(world).reason("UpgradeBlocked") == "StoreChangeUndeclared"


def test_a_locket_without_pods_comes_back_on_the_former_store_when_the_spec_goes_back() -> None:
    world = go_on(declare(installed()), until=lambda w: w.cluster.sets["d-locket"].replicas == 0, passes=100)
    assert world.cluster.sets["d-locket"].replicas == 0
    go_on(take_back(world))
    assert (world.cluster.sets["d-locket"].replicas, stores(world, "locket")) == (2, {(ETCD, "")})


def test_a_locket_without_pods_comes_back_while_paused() -> None:
    world = go_on(declare(installed()), until=lambda w: w.cluster.sets["d-locket"].replicas == 0, passes=100)
    world.change(replace(world.spec, paused=True))
    go_on(world)
    assert len(world.cluster.pods("locket")) == 2
    world.change(replace(world.spec, paused=False))
    assert world.run().status("Ready") == "True"


def test_a_new_diego_may_begin_with_the_move_of_an_etcd() -> None:
    world = World(installed().random, replace(Spec(version="0.1.0", target=0), store=SQL, source=ETCD)).run()
    assert (world.status("Ready"), world.bbs.moving.place, noted(world)) == ("True", SQL, True)


def test_etcd_stays_while_locket_needs_it_even_if_the_order_did_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Finalizable asks for itself: with its predicate removed too, etcd goes from under a running Locket."""
    monkeypatch.setitem(GATES, Gate.LOCKET_CURRENT, lambda _: Open())
    assert go_on(begun(), passes=100).cluster.tier("etcd")
    monkeypatch.setitem(GATES, Gate.FINALIZABLE, lambda _: Open())
    with pytest.raises(Broken, match="d-etcd is removed while"):
        go_on(begun(), passes=100)
