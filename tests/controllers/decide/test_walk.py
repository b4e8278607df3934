"""The walk: `decide` in a world that never holds still, killed between any two calls, the spec changed at any step."""

from dataclasses import replace
from random import Random

import pytest

from tests.controllers.decide.simulated.spec import Spec
from tests.controllers.decide.simulated.world import World

SEEDS = (*range(40), 203, 261, 348, 371)
STEPS = 150


def another(random: Random, spec: Spec) -> Spec:
    """What a person might apply next."""
    return random.choice(
        (
            replace(spec, version="0.1.0", target=random.choice((None, 0, 1))),
            replace(spec, version="0.2.0", target=random.choice((None, 1, 2))),
            replace(spec, version="0.3.0", target=None),
            replace(spec, paused=not spec.paused),
            replace(spec, members=random.choice((1, 2, 3))),
            replace(spec, pools=random.choice(((("a", 2), ("b", 1)), (("a", 3),), (("a", 1), ("b", 2))))),
            replace(spec, knob=spec.knob + 1),
        )
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_a_roll_ends_ready_or_asks_a_person(seed: int) -> None:
    """Each step checks: no newer cell before the schema, one out per tier, templates observed before pods go."""
    random = Random(seed)
    world = World(random, Spec(version=random.choice(("0.1.0", "0.2.0"))))
    world.deaf, world.stubborn = 0.05, 0.1
    for _ in range(STEPS):
        world.operate(mortal=True)
        for _ in range(random.randrange(4)):
            world.elapse()
        if random.random() < 0.03:
            world.change(another(random, world.spec))
        if random.random() < 0.03:
            world.evict_foreign()
        if random.random() < 0.01:
            world.bbs.bad_record = not world.bbs.bad_record
        if random.random() < 0.01:
            world.cluster.broken = random.choice((frozenset(), frozenset({"0.2.0"}), frozenset({"0.3.0"})))
    world.deaf = world.stubborn = 0.0
    world.change(replace(world.spec, paused=False))
    world.run()
    assert world.finished(), (seed, world.spec, world.plan and (world.plan.step, world.plan.waiting))
    assert world.status("Ready") != "True" or not world.bbs.roots, (seed, world.bbs.roots)
