"""Moves of the store, declared and taken back, and what each of their gates holds."""

from dataclasses import replace

from tests.controllers.decide.simulated.move import known
from tests.controllers.decide.simulated.runs import go_on, installed
from tests.controllers.decide.simulated.world import World

ETCD, SQL = "Etcd (managed)", "PostgreSQL"


def declare(world: World, **fields: object) -> World:
    world.change(replace(world.spec, store=SQL, source=ETCD, **fields))  # type: ignore[arg-type]
    return world


def take_back(world: World) -> World:
    world.change(replace(world.spec, store=ETCD, source=""))
    return world


def asked(world: World) -> bool:
    return world.bbs.moving.wanted


def committed(world: World) -> bool:
    return bool(world.bbs.moving.left)


def noted(world: World) -> bool:
    return world.identity is not None and world.identity.migrated_from == ETCD


def begun() -> World:
    """The move is asked for, and not committed."""
    world = go_on(declare(installed()), until=asked)
    assert asked(world)
    assert not committed(world)
    return world


def stores(world: World, component: str) -> set[tuple[str, str]]:
    return {known(pod) for pod in world.cluster.pods(component)}


def release_too() -> None:
    world = go_on(declare(installed(), version="0.2.0", target=0))
    assert not [one for one in world.cluster.tier("bbs") if SQL in one.inputs_hash]


def one_member_without_the_store() -> None:
    world = declare(installed())
    world.bbs.moving.unreachable = frozenset({"d-bbs-1-0"})
    assert not asked(go_on(world))


def member_left_behind() -> None:
    world = go_on(begun(), until=noted)
    world.bbs.moving.laggards = frozenset({"d-bbs-2-0"})
    assert stores(go_on(world), "locket") == {(ETCD, "")}


def locket_left_behind() -> None:
    """Its pods look current; what is noted with their template says that its locks lie in the former store."""
    world = go_on(begun(), until=noted)
    locket = world.cluster.sets["d-locket"]
    locket.inputs_hash = locket.update_revision = world.wanted().workloads["d-locket"].inputs_hash
    for pod in locket.pods.values():
        pod.revision = locket.inputs_hash
    assert go_on(world, passes=80).cluster.tier("etcd")
