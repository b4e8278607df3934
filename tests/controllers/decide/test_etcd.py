"""The managed etcd: it grows, shrinks, and takes in again who lost its volume, whoever is killed whenever."""

from dataclasses import replace
from random import Random

import pytest

from controllers.decide.actions import EvictPod
from tests.controllers.decide.simulated.runs import go_on, installed
from tests.controllers.decide.simulated.spec import Spec
from tests.controllers.decide.simulated.world import World

PODS = ["d-etcd-0", "d-etcd-1", "d-etcd-2"]


def members(world: World) -> list[str]:
    return sorted(one.pod for one in world.etcd.members.values() if one.started and not one.learner)


def test_three_members_begin_together_and_the_door_is_shut_after_them() -> None:
    world = installed(etcd=3)
    assert (members(world), world.etcd_entry, world.etcd.began) == (PODS, "sealed", [])


def test_one_member_grows_to_three_one_after_the_other() -> None:
    world = installed()
    world.change(replace(world.spec, etcd=3))
    world.run()
    assert world.status("Ready") == "True"
    assert members(world) == PODS
    assert world.etcd.changes == ["add d-etcd-1", "promote d-etcd-1", "add d-etcd-2", "promote d-etcd-2"]
    assert world.etcd_entry == "sealed"


def test_three_members_shrink_to_one() -> None:
    world = installed(etcd=3)
    world.change(replace(world.spec, etcd=1))
    world.run()
    assert world.status("Ready") == "True"
    assert (members(world), world.etcd.changes) == (PODS[:1], ["remove d-etcd-2", "remove d-etcd-1"])
    assert world.cluster.sets["d-etcd"].replicas == 1


def test_a_member_that_lost_its_volume_leaves_joins_and_votes_again() -> None:
    world = installed(etcd=3)
    before = dict(world.etcd.volumes)
    world.etcd.lose_volume("d-etcd-1")
    go_on(world)
    assert world.status("Ready") == "True"
    assert world.etcd.changes == ["remove d-etcd-1", "add d-etcd-1", "promote d-etcd-1"]
    assert world.etcd.volumes["d-etcd-1"] != before["d-etcd-1"]


def test_without_a_quorum_nobody_begins_and_a_person_is_told() -> None:
    world = installed(etcd=3)
    for pod in PODS[:2]:
        world.etcd.lose_volume(pod)
    go_on(world)
    assert (world.etcd.changes, world.etcd.began) == ([], [])
    assert world.reason("UpgradeBlocked") == "StoreIdentityMismatch"


def test_the_only_member_without_its_volume_does_not_begin_anew() -> None:
    world = installed(etcd=1)
    world.etcd.lose_volume("d-etcd-0")
    go_on(world)
    assert (world.etcd_entry, world.etcd.began) == ("sealed", [])
    assert world.reason("UpgradeBlocked") == "StoreIdentityMismatch"


def test_members_are_replaced_one_at_a_time_while_all_others_vote() -> None:
    world = installed(etcd=3)
    uids = {pod.uid for pod in world.cluster.pods("etcd")}
    one = world.cluster.sets["d-etcd"]
    one.inputs_hash, one.generation = "older", one.generation + 1
    for pod in one.pods.values():
        pod.revision = "older"
    for _ in range(60):
        world.operate(mortal=False)
        evicted = [a for a in world.plan.actions if isinstance(a, EvictPod)] if world.plan else []
        assert not evicted or len(world.etcd.voting()) >= 2
        assert len(world.etcd.voting()) >= 2
        world.settle()
    assert not uids & {pod.uid for pod in world.cluster.pods("etcd")}
    assert world.status("Ready") == "True"


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_no_id_begins_twice_and_the_quorum_is_kept(seed: int) -> None:
    random = Random(seed)
    world = World(random, Spec(version="0.1.0", target=0, etcd=random.choice((1, 3)))).run()
    for _ in range(200):
        world.operate(mortal=True)
        for _ in range(random.randrange(5)):
            world.elapse()
        if random.random() < 0.02:
            world.change(replace(world.spec, etcd=random.choice((1, 2, 3)), knob=random.randrange(3)))
        if random.random() < 0.02 and len(world.etcd.voting()) == len(world.etcd.members) == 3:
            world.etcd.lose_volume(random.choice(PODS))
        if random.random() < 0.03:
            world.evict_foreign()
    go_on(world, until=lambda w: w.passes > 200 and w.status("Ready") == "True", passes=300)
    assert world.finished(), (world.spec, world.plan and (world.plan.step, world.plan.waiting))
    assert world.status("Ready") == "True", world.reason("UpgradeBlocked")
    assert members(world) == PODS[: world.spec.etcd]
    assert len(set(world.etcd.began)) == len(world.etcd.began)
    assert world.etcd.fewest >= 0
