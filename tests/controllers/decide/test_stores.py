"""A store that somebody else runs: why it does not answer is said, and another one is not slipped under the records."""

from dataclasses import replace

import pytest

from controllers.decide import decide
from controllers.decide.observation import STORE_MISCONFIGURED, Member, Observation
from controllers.decide.plan import Plan
from tests.controllers.decide.simulated.runs import go_on, installed, templates, upgrade
from tests.controllers.decide.simulated.world import World
from tests.controllers.decide.test_stalls import message

REFUSED = "postgresql db:5432: password authentication failed for user diego"


def external(**fields: object) -> World:
    return installed(store="PostgreSQL", **fields)


def fresh(passes: int = 12) -> World:
    """A new Diego whose pods do not come to be Ready."""
    world = World(installed().random, replace(installed().spec, store="PostgreSQL"))
    world.cluster.broken = frozenset({"0.1.0"})
    return go_on(world, passes=passes)


def seen(world: World, **changes: object) -> Plan:
    """What is decided when that is changed about what is observed."""
    found: Observation = replace(world.observe(), **changes)  # type: ignore[arg-type]
    world.plan = decide(world.spec.resolved(world.generation), found, world.cluster.now)
    return world.plan


def silent(world: World, waiting: str, words: str) -> Plan:
    """No BBS pod is up, for that reason."""
    workloads = {
        name: replace(one, pods=tuple(replace(pod, waiting=waiting, waiting_message=words) for pod in one.pods))
        for name, one in world.observe().workloads.items()
        if one.component == "bbs"
    }
    return seen(world, workloads={**world.observe().workloads, **workloads}, members={})


def test_a_diego_on_a_store_of_somebody_else_comes_to_be_ready_without_an_etcd() -> None:
    world = external()
    assert world.status("Ready") == "True"
    assert not world.cluster.tier("etcd")


def test_the_bbs_does_not_wait_for_locket_when_only_it_could_say_what_is_wrong_with_the_store() -> None:
    assert {one.component for one in fresh().cluster.sets.values()} == {"locket", "bbs"}


def test_with_an_etcd_of_ours_each_tier_waits_for_the_one_before() -> None:
    world = World(installed().random, installed().spec)
    world.cluster.broken = frozenset({"0.1.0"})
    assert {one.component for one in go_on(world, passes=12).cluster.sets.values()} == {"etcd", "locket"}


def test_nothing_is_said_of_a_store_that_no_member_has_told_of() -> None:
    world = fresh()
    assert (world.status("StoreReachable"), world.reason("StoreReachable")) == ("Unknown", "StoreUnreachable")


def test_credentials_that_the_store_refuses_are_said_in_its_words_and_ask_a_person() -> None:
    world = fresh()
    silent(world, STORE_MISCONFIGURED, REFUSED)
    for kind in ("StoreReachable", "UpgradeBlocked", "Ready"):
        assert (world.reason(kind), REFUSED in message(world, kind)) == ("StoreUnreachable", True), kind


def test_a_wrong_server_is_said_in_the_words_of_a_members_status() -> None:
    world = fresh()
    away = Member("d-bbs-0-0", "u", "0.1.0", "b", "Standby", "StoreUnavailable", reason_message="db:1: refused")
    seen(world, members={away.pod: away})
    assert "d-bbs-0-0 can't reach the store: db:1: refused" in message(world, "StoreReachable")
    assert world.reason("UpgradeBlocked") == "StoreUnreachable"


def test_pods_that_can_do_nothing_with_a_wrong_store_are_replaced_once_it_is_put_right() -> None:
    world = fresh()
    world.cluster.broken = frozenset()
    for pod in (*world.cluster.pods("locket"), *world.cluster.pods("bbs")):
        pod.stuck = True
    world.change(replace(world.spec, knob=1))
    world.run()
    assert world.plan is not None
    assert world.status("Ready") == "True", world.plan.waiting


def test_what_the_records_lie_in_is_noted_when_a_master_first_serves() -> None:
    world = external()
    assert world.identity is not None
    assert world.identity.store == "PostgreSQL"


@pytest.mark.parametrize("another", ["MySQL", "Etcd (managed)", "Etcd (external)"])
def test_another_store_touches_nothing_and_asks_a_person_until_the_spec_goes_back(another: str) -> None:
    world = external()
    before = {name: one.inputs_hash for name, one in world.cluster.sets.items()}
    go_on(upgrade(world, store=another))
    assert {name: one.inputs_hash for name, one in world.cluster.sets.items()} == before
    assert world.reason("UpgradeBlocked") == "StoreChangeUndeclared"
    assert f"the records lie in PostgreSQL; the spec names {another}" in message(world, "Ready")
    world.change(replace(world.spec, store="PostgreSQL"))
    assert (world.run().status("Ready"), templates(world, "bbs")) == ("True", 3)


def test_a_lost_pod_set_is_not_made_again_on_another_store() -> None:
    world = external()
    world.change(replace(world.spec, store="MySQL"))
    del world.cluster.sets["d-locket"]
    assert "d-locket" not in go_on(world).cluster.sets


def test_a_diego_that_noted_no_store_keeps_to_the_one_its_master_speaks_of() -> None:
    world = external()
    assert world.identity is not None
    master = next(one for one in world.observe().members.values() if one.role == "Master")
    told = {master.pod: replace(master, store_type="postgresql")}
    world.change(replace(world.spec, store="MySQL"))
    seen(world, identity=replace(world.identity, store=""), members=told)
    assert world.reason("UpgradeBlocked") == "StoreChangeUndeclared"


def test_of_members_that_all_lost_the_store_one_is_replaced_and_no_other_before_it_is_ready() -> None:
    world = external()
    before = {pod.uid for pod in world.cluster.pods("bbs")}
    world.change(replace(world.spec, knob=1))
    go_on(world, until=lambda w: w.cluster.sets["d-bbs-0"].generation + w.cluster.sets["d-bbs-1"].generation > 2)
    for _ in range(20):
        for pod in world.cluster.pods("bbs"):
            pod.ready_since, pod.stuck = None, True
        go_on(world, passes=1)
    assert len(before - {pod.uid for pod in world.cluster.pods("bbs")}) <= 1
