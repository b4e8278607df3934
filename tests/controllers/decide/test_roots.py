"""Superseded copies of the records go when a roll is complete, and not before."""

from dataclasses import replace

from controllers.decide.actions import DropRoots
from tests.controllers.decide.simulated.runs import go_on, installed, upgrade
from tests.controllers.decide.simulated.world import World


def drops(world: World) -> list[DropRoots]:
    assert world.plan is not None
    return [action for action in world.plan.actions if isinstance(action, DropRoots)]


def superseded() -> World:
    """Everything of the roll is done but the cells; the data has moved."""
    world = upgrade(installed(), target=2)
    return go_on(world, until=lambda w: bool(w.bbs.roots))


def test_the_old_root_stays_until_the_last_cell_is_replaced() -> None:
    world = superseded()
    for _ in range(100):
        go_on(world, passes=1)
        old = [pod.name for pod in world.cluster.pods("cell") if pod.version != "0.2.0"]
        if not old:
            break
        assert (drops(world), len(world.bbs.roots)) == ([], 1)
    world.run()
    assert (world.status("Ready"), world.bbs.roots) == ("True", [])


def test_a_diego_is_ready_before_its_old_roots_are_gone() -> None:
    world = superseded().run()
    world.bbs.roots = ["one", "two"]
    world.operate(mortal=False)
    assert (world.status("Ready"), [action.roots for action in drops(world)]) == ("True", [("one",)])
    world.operate(mortal=False)
    world.operate(mortal=False)
    assert (world.bbs.roots, drops(world)) == ([], [])


def test_a_paused_diego_drops_nothing() -> None:
    world = superseded().run()
    world.bbs.roots = ["one"]
    world.change(replace(world.spec, paused=True))
    go_on(world, passes=5)
    assert world.bbs.roots == ["one"]


def test_a_drop_carries_the_counter_that_makes_it_stale_after_a_flip() -> None:
    world = superseded().run()
    world.bbs.roots = ["one"]
    seen = world.bbs.generation
    world.operate(mortal=False)
    assert [action.if_generation for action in drops(world)] == [seen]


def test_nothing_is_dropped_while_a_target_is_open() -> None:
    world = superseded().run()
    world.bbs.roots = ["one"]
    world.change(replace(world.spec, target=1))
    go_on(world, until=lambda w: w.bbs.target == 1)
    world.operate(mortal=False)
    assert (drops(world), world.bbs.roots[:1]) == ([], ["one"])
