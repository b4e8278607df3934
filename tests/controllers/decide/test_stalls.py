"""What stands in a roll's way is named with its facts, and goes on once it is gone."""

import re
from dataclasses import replace

from controllers.decide.actions import Evacuate
from controllers.decide.gates.next_cell_allowed import ASKED_AGAIN_AFTER
from tests.controllers.decide.simulated.runs import go_on, installed, templates, upgrade
from tests.controllers.decide.simulated.world import World


def message(world: World, kind: str) -> str:
    assert world.plan is not None
    return next(one.observed for one in world.plan.findings if one.kind == kind)


def cells(world: World, state: str) -> list[str]:
    return [pod.name for pod in world.cluster.pods("cell") if pod.evacuation == state]


def aborted() -> World:
    """A roll whose first cell gave up; from now on there is room."""
    world = upgrade(installed())
    world.stubborn = 1.0
    go_on(world, until=lambda w: bool(cells(w, "aborted")))
    assert cells(world, "aborted")
    world.stubborn = 0.0
    return world


def migrated(**facts: object) -> World:
    """At data version 1, on its way down to 0."""
    world = installed(version="0.2.0", target=1)
    for name, fact in facts.items():
        setattr(world.bbs, name, fact)
    world.change(replace(world.spec, version="0.1.0", target=0))
    return world


def consent(world: World) -> World:
    """As the message says that a person can."""
    assert world.plan is not None
    remedy = next(one.remedy for one in world.plan.findings if one.kind == "UpgradeBlocked")
    found = re.search(r"accept-losses=(\S+),", remedy)
    assert found, remedy
    world.change(replace(world.spec, accepts=found[1]))
    return world


def test_a_cell_that_gave_up_is_told_to_a_person_and_left_in_peace_for_a_minute() -> None:
    world = aborted()
    [pod] = [pod for pod in world.cluster.pods("cell") if pod.evacuation == "aborted"]
    while world.cluster.now - pod.aborted_at < ASKED_AGAIN_AFTER:
        world.operate(mortal=False)
        assert world.plan is not None
        assert (world.reason("UpgradeBlocked"), world.plan.wake_after) == ("EvacuationTimedOut", 2.0)
        assert pod.evacuation == "aborted"
        world.settle()


def test_a_cell_that_gives_up_once_and_then_drains_ends_ready() -> None:
    world = aborted().run()
    assert world.status("Ready") == "True"
    assert {pod.version for pod in world.cluster.pods("cell")} == {"0.2.0"}


def test_the_cell_that_gave_up_is_asked_before_any_other() -> None:
    world = aborted()
    [pod] = cells(world, "aborted")
    go_on(world, until=lambda w: any(isinstance(action, Evacuate) for action in w.plan.actions))  # type: ignore[union-attr]
    assert world.plan is not None
    assert [action.pod for action in world.plan.actions if isinstance(action, Evacuate)] == [pod]


def test_a_refused_loss_is_named_with_its_record_and_blocks_before_the_target() -> None:
    world = go_on(migrated(refused_loss=True, losses={"timeouts": 3}))
    assert (world.reason("UpgradeBlocked"), world.bbs.current) == ("RecordsWouldLose", 1)
    assert "tasks/bad: data version 0 can't hold a sidecar" in message(world, "UpgradeBlocked")
    assert "would drop encryption at rest (5 records), timeouts (3 records)" in message(world, "UpgradeBlocked")


def test_a_refused_loss_that_is_mended_holds_nothing_any_more() -> None:
    world = go_on(migrated(refused_loss=True))
    world.bbs.refused_loss = False
    world.asked.clear()  # as the loop does with a bad verdict after a while
    consent(go_on(world)).run()
    assert (world.status("Ready"), world.bbs.current) == ("True", 0)


def test_what_the_way_down_drops_is_said_while_it_happens() -> None:
    losses = {"timeouts": 3, "image layers": 40, **{f"field {n}": 1 for n in range(8)}}
    world = go_on(consent(go_on(migrated(losses=losses))), until=lambda w: w.bbs.target == 0)
    go_on(world, passes=1)
    said = message(world, "Ready")
    assert "it would drop image layers (40 records), encryption at rest (5 records), timeouts (3 records)" in said
    assert "6 more kinds" in said


def test_a_way_down_that_drops_something_waits_for_consent_before_anything_is_replaced() -> None:
    world = go_on(migrated(losses={"timeouts": 3}))
    assert (world.reason("UpgradeBlocked"), world.bbs.current, templates(world, version="0.1.0")) == (
        "LossesNeedConsent",
        1,
        0,
    )
    assert "timeouts (3 records)" in message(world, "UpgradeBlocked")
    consent(world).run()
    assert (world.status("Ready"), world.bbs.current) == ("True", 0)


def test_consent_holds_for_the_losses_it_was_given_for_and_no_other() -> None:
    world = consent(go_on(migrated(losses={"timeouts": 3})))
    world.bbs.losses = {"timeouts": 3, "image layers": 1}
    world.cluster.pods("bbs")[0].prepared = None
    for pod in world.cluster.pods("bbs"):
        pod.prepared = None
    world.asked.clear()
    go_on(world)
    assert (world.reason("UpgradeBlocked"), world.bbs.current) == ("LossesNeedConsent", 1)


def test_more_records_with_the_same_losses_need_no_further_consent() -> None:
    world = consent(go_on(migrated(losses={"timeouts": 3})))
    world.bbs.losses = {"timeouts": 4}
    assert world.run().status("Ready") == "True"


def test_leaving_encryption_at_rest_is_a_loss_that_needs_consent() -> None:
    world = go_on(migrated())
    assert world.reason("UpgradeBlocked") == "LossesNeedConsent"
    assert "would drop encryption at rest (5 records)" in message(world, "UpgradeBlocked")


def test_a_failed_migration_names_key_reason_and_message() -> None:
    world = installed()
    upgrade(world, target=None)
    go_on(world, until=lambda w: w.bbs.target == 2)
    world.bbs.bad_record = True
    go_on(world)
    assert world.reason("UpgradeBlocked") == "MigrationFailed"
    assert "tasks/bad: UndecodableRecord" in message(world, "UpgradeBlocked")
    assert "tasks/bad: UndecodableRecord" in message(world, "SchemaCurrent")


def test_an_online_migration_says_that_the_api_goes_on_serving() -> None:
    world = go_on(upgrade(installed(), target=None, online=True), until=lambda w: w.bbs.target == 2)
    go_on(world, passes=1)
    assert "the API goes on serving" in message(world, "Ready")
    assert (world.status("Available"), world.status("SchemaCurrent")) == ("True", "False")
    assert world.run().status("Ready") == "True"


def test_an_online_migration_that_fails_waits_for_a_person_while_the_old_data_is_served() -> None:
    world = go_on(upgrade(installed(), target=None, online=True), until=lambda w: w.bbs.target == 2)
    world.bbs.bad_record = True
    go_on(world)
    assert (world.reason("UpgradeBlocked"), world.status("Available")) == ("MigrationFailed", "True")
    assert not templates(world, "cell")
    world.bbs.bad_record = False
    world.change(replace(world.spec, retry="again"))
    assert world.run().status("Ready") == "True"


def built_as_another() -> World:
    """The first replaced member runs an image that was built as another release."""
    world = upgrade(installed())
    for _ in range(60):
        go_on(world, passes=1)
        for pod in world.cluster.pods("bbs"):
            pod.stamped = "0.2.1" if pod.version == "0.2.0" else ""
    return world


def test_an_image_that_was_built_as_another_release_asks_a_person_after_the_first_member() -> None:
    world = built_as_another()
    assert (world.reason("UpgradeBlocked"), templates(world, "bbs")) == ("BuiltAsAnother", 1)
    assert "was built as 0.2.1" in message(world, "UpgradeBlocked")


def test_an_image_that_was_built_as_another_release_is_left_by_another_spec() -> None:
    world = built_as_another()
    world.change(replace(world.spec, version="0.1.0"))
    for _ in range(60):
        go_on(world, passes=1)
        for pod in world.cluster.pods("bbs"):
            pod.stamped = "" if pod.version == "0.1.0" else pod.stamped
    assert world.status("Ready") == "True"
