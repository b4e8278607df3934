"""How a test takes a world to where it begins, and how it goes on from there."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.controllers.decide.simulated.spec import Spec
from tests.controllers.decide.simulated.world import World

LONG = 60
"""Passes in which a roll that nothing holds would be through."""


def installed(**fields: object) -> World:
    world = World(Random(7), replace(Spec(version="0.1.0", target=0), **fields)).run()  # type: ignore[arg-type]
    assert world.status("Ready") == "True"
    return world


def upgrade(world: World, **fields: object) -> World:
    world.change(replace(world.spec, version="0.2.0", **fields))  # type: ignore[arg-type]
    return world


def go_on(world: World, until: Callable[[World], bool] = lambda _: False, passes: int = LONG) -> World:
    for _ in range(passes):
        if until(world):
            break
        world.operate(mortal=False)
        world.settle()
    return world


def templates(world: World, component: str = "", version: str = "0.2.0") -> int:
    return sum(1 for one in world.cluster.sets.values() if one.version == version and component in one.component)
