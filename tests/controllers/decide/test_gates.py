"""Each gate is what holds its roll: with it the scenario is as it should be, with its predicate removed it is not."""

from dataclasses import replace

import pytest

from controllers.decide.gates import GATES, Gate
from controllers.decide.verdict import Open
from tests.controllers.decide.simulated import moves
from tests.controllers.decide.simulated.runs import LONG, go_on, installed, templates, upgrade


def refused_spec() -> None:
    assert templates(go_on(upgrade(installed(), refused=True))) == 0


def paused() -> None:
    assert templates(go_on(upgrade(installed(), paused=True))) == 0


def foreign_store() -> None:
    world = installed()
    world.bbs.owner = "other/diego"
    assert templates(go_on(upgrade(world))) == 0


def another_store() -> None:
    assert templates(go_on(upgrade(installed(), store="PostgreSQL"))) == 0


def lost_keyring() -> None:
    world = installed()
    world.keyring = None
    assert templates(go_on(upgrade(world))) == 0


def skipped_release() -> None:
    world = installed()
    world.change(replace(world.spec, version="0.3.0", target=None))
    assert templates(go_on(world), "bbs", "0.3.0") == 1
    assert world.status("UpgradeBlocked") == "True"


def rows_evacuating() -> None:
    world = installed()
    world.bbs.evacuating = 1
    assert templates(go_on(upgrade(world))) == 0


def master_loading() -> None:
    world = go_on(upgrade(installed()), until=lambda w: templates(w, "bbs") == 1)
    world.bbs.loading = True
    assert templates(go_on(world), "bbs") == 1


def locket_first() -> None:
    world = upgrade(installed())
    for _ in range(LONG):
        go_on(world, passes=1)
        assert not templates(world, "bbs") or all(pod.version == "0.2.0" for pod in world.cluster.pods("locket"))


def bad_record() -> None:
    world = installed()
    world.bbs.bad_record = True
    go_on(upgrade(world, target=None))
    assert (templates(world, "bbs"), world.bbs.attempts) == (1, 0)
    assert world.reason("UpgradeBlocked") == "RecordUnreadable"


def schema_first() -> None:
    world = go_on(upgrade(installed(), target=2), passes=2 * LONG)
    assert (world.bbs.current, world.status("Ready")) == (2, "True")


def auctioneer_first() -> None:
    world = upgrade(installed())
    for _ in range(2 * LONG):
        go_on(world, passes=1)
        assert not templates(world, "cell") or all(pod.version == "0.2.0" for pod in world.cluster.pods("auctioneer"))


def suspect_rows() -> None:
    world = go_on(upgrade(installed()), until=lambda w: any(p.version == "0.2.0" for p in w.cluster.pods("cell")))
    world.suspect = 3
    go_on(world)
    assert sum(1 for pod in world.cluster.pods("cell") if pod.version == "0.2.0") == 1


SCENARIOS = {
    Gate.SPEC_ACCEPTED: refused_spec,
    Gate.PAUSED: paused,
    Gate.STORE_REACHABLE: foreign_store,
    Gate.STORE_CHANGE_DECLARED: another_store,
    Gate.MOVE_ALONE: moves.release_too,
    Gate.MOVE_PREPARED: moves.one_member_without_the_store,
    Gate.STORE_MOVED: moves.member_left_behind,
    Gate.FINALIZABLE: moves.locket_left_behind,
    Gate.KEYRING_DISTRIBUTED: lost_keyring,
    Gate.STEP_ALLOWED: skipped_release,
    Gate.HEALTHY: rows_evacuating,
    Gate.MASTER_SERVING: master_loading,
    Gate.LOCKET_CURRENT: locket_first,
    Gate.PREPARED: bad_record,
    Gate.SCHEMA_CURRENT: schema_first,
    Gate.AUCTIONEER_CURRENT: auctioneer_first,
    Gate.NEXT_CELL_ALLOWED: suspect_rows,
}


def test_every_gate_has_a_scenario() -> None:
    assert set(SCENARIOS) == set(GATES) == set(Gate)


@pytest.mark.parametrize("gate", Gate)
def test_a_gate_holds_what_it_should_hold(gate: Gate) -> None:
    SCENARIOS[gate]()


@pytest.mark.parametrize("gate", Gate)
def test_without_its_predicate_the_roll_goes_wrong(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GATES, gate, lambda _: Open())
    with pytest.raises(AssertionError):
        SCENARIOS[gate]()
