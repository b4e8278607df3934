"""The walk with a move of the store: declared, taken back, declared again at any step, the operator killed at any call.

The simulated world checks each call: locks never lie in two stores, no member begins an empty store beside the
records, etcd goes only when nobody knows of it any more.
"""

from dataclasses import replace
from random import Random

import pytest

from tests.controllers.decide.simulated.moves import ETCD, SQL
from tests.controllers.decide.simulated.spec import Spec
from tests.controllers.decide.simulated.world import World

SEEDS = range(40)
STEPS = 150


def another(random: Random, spec: Spec) -> Spec:
    """What a person might apply next; mostly the store."""
    return random.choice(
        (
            *(replace(spec, store=SQL, source=ETCD) for _ in range(4)),
            *(replace(spec, store=ETCD, source="") for _ in range(2)),
            replace(spec, version=random.choice(("0.1.0", "0.2.0")), target=1),
            replace(spec, retry=str(random.randrange(3))),
            replace(spec, paused=not spec.paused),
            replace(spec, members=random.choice((1, 3))),
            replace(spec, knob=spec.knob + 1),
        )
    )


def walked(seed: int) -> World:
    random = Random(seed)
    world = World(random, Spec(target=1))
    world.deaf = 0.05
    for _ in range(STEPS):
        world.operate(mortal=True)
        for _ in range(random.randrange(4)):
            world.elapse()
        if random.random() < 0.05:
            world.change(another(random, world.spec))
        if random.random() < 0.03:
            world.evict_foreign()
        if random.random() < 0.03:
            world.bbs.master_uid = ""
        if random.random() < 0.02:
            world.bbs.moving.bad = not world.bbs.moving.bad
        if random.random() < 0.03:
            world.bbs.moving.unreachable = random.choice((frozenset(), frozenset({"d-bbs-0-0"})))
    world.deaf, world.bbs.moving.bad, world.bbs.moving.unreachable = 0.0, False, frozenset()
    return world


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_the_records_end_in_the_store_that_is_wanted_last(seed: int) -> None:
    world = walked(seed)
    world.change(replace(world.spec, paused=False, store=ETCD, source=""))
    world.run()
    if world.bbs.moving.left:
        assert world.reason("UpgradeBlocked") == "StoreMovedAway", (seed, world.plan and world.plan.waiting)
    else:
        assert world.status("Ready") == "True", (seed, world.plan and (world.plan.step, world.plan.waiting))
    version = next(one.version for one in world.cluster.tier("bbs"))
    world.change(replace(world.spec, version=version, retry="last", store=SQL, source=ETCD))
    world.run()
    assert world.status("Ready") == "True", (seed, world.plan and (world.plan.step, world.plan.waiting))
    assert (world.bbs.moving.place, world.cluster.tier("etcd"), world.of_etcd) == (SQL, [], {})
