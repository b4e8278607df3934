"""The status as it is patched: only differences, and what went away is taken away."""

import copy
from random import Random
from typing import Any

from controllers.act.status import difference
from controllers.api import DiegoStatus
from tests.controllers.decide.simulated.spec import Spec
from tests.controllers.decide.simulated.world import World

MAXIMUM = 16 * 1024


def merged(target: Any, patch: Any) -> Any:
    """JSON merge patch, as RFC 7386 has it."""
    if not isinstance(patch, dict):
        return patch
    found = copy.deepcopy(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found


def test_a_patch_leads_from_one_status_to_the_other() -> None:
    before = {"a": 1, "b": {"c": 1, "d": {"e": 2}}, "list": [{"x": 1}]}
    after = {"b": {"d": {"f": 3}}, "list": [{"x": 2}], "new": "y"}
    assert merged(before, difference(before, after)) == after
    assert difference(after, after) == {}


def test_the_status_of_250_cells_is_small() -> None:
    world = World(Random(1), Spec(pools=tuple((f"p{i}", 25) for i in range(10)))).run()
    for pod in world.cluster.pods("cell"):
        pod.evacuation = "evacuating"
    world.operate(mortal=False)
    assert world.plan is not None
    rendered = DiegoStatus.model_validate(world.plan.status).model_dump_json(by_alias=True, exclude_none=True)
    assert len(rendered) < MAXIMUM


def test_every_status_of_a_roll_is_a_valid_one() -> None:
    world = World(Random(2), Spec(target=0)).run()
    world.change(Spec(version="0.2.0", target=2))
    for _ in range(60):
        world.operate(mortal=False)
        world.settle()
        assert world.plan is not None
        DiegoStatus.model_validate(world.plan.status)
    assert world.status("Ready") == "True"
