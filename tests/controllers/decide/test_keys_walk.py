"""The walk with keys: added, activated and dropped at any step, the operator killed between any two calls.

The simulated world checks each call: no key is active before all members have loaded it, none goes while a record bears
it, no label changes its bytes, no member meets a key that it has not loaded.
"""

from dataclasses import replace
from random import Random

import pytest

from tests.controllers.decide.simulated.spec import Spec
from tests.controllers.decide.simulated.world import World

SEEDS = range(30)
STEPS = 150
KEYRINGS = (
    ((), ""),
    (("k1",), "k1"),
    (("k1", "k2"), "k1"),
    (("k1", "k2"), "k2"),
    (("k2",), "k2"),
    (("k2", "k3"), "k3"),
)


def another(random: Random, spec: Spec) -> Spec:
    """What a person might apply next; mostly keys."""
    keys, active = random.choice(KEYRINGS)
    pace = random.choice((1, 5000))
    return random.choice(
        (
            *(replace(spec, keys=keys, active=active, pace=pace) for _ in range(4)),
            replace(spec, version=random.choice(("0.1.0", "0.2.0")), target=random.choice((None, 1))),
            replace(spec, paused=not spec.paused),
            replace(spec, members=random.choice((1, 3))),
        )
    )


def walked(seed: int) -> World:
    random = Random(seed)
    keys, active = random.choice(KEYRINGS)
    world = World(random, Spec(keys=keys, active=active))
    world.deaf = 0.05
    for _ in range(STEPS):
        world.operate(mortal=True)
        for _ in range(random.randrange(4)):
            world.elapse()
        if random.random() < 0.06:
            world.change(another(random, world.spec))
        if random.random() < 0.03:
            world.evict_foreign()
        if random.random() < 0.03:
            world.bbs.master_uid = ""
    world.deaf = 0.0
    world.change(replace(world.spec, paused=False))
    return world.run()


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_every_record_ends_on_the_wanted_key_and_no_other_is_kept(seed: int) -> None:
    world = walked(seed)
    wanted = world.spec.keys or tuple(label for label in world.keyring or () if label.startswith("generated-"))[-1:]
    active = world.spec.active or wanted[0]
    for _ in range(20):
        world.operate(mortal=False)
        world.settle()
    told = (world.status("Ready"), world.status("EncryptionCurrent"), world.status("OldKeysRemovable"))
    assert told == ("True", "True", "True"), (seed, world.spec, world.plan and (world.plan.step, world.plan.waiting))
    assert (world.bbs.active, world.bbs.stored) == (active, active)
    assert set(world.keyring or ()) == set(wanted)
