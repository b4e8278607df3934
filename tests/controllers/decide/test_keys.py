"""Keys of one's own: distributed, activated, rotated, and taken away only when no record needs them."""

from dataclasses import replace

import pytest

from controllers.decide import decide
from controllers.decide.actions import ActivateKey, CopyKeys, GenerateKey, RetireKeys
from tests.controllers.decide.simulated.runs import go_on, installed, upgrade
from tests.controllers.decide.simulated.world import World

BOTH = ("k1", "k2")


def on_k1() -> World:
    return installed(target=1, keys=("k1",), active="k1")


def apply(world: World, *labels: str, active: str, pace: int = 5000) -> World:
    world.change(replace(world.spec, keys=labels, active=active, pace=pace))
    return world


def rotating() -> World:
    """k2 is active, and some records still bear k1."""
    world = go_on(apply(on_k1(), *BOTH, active="k2"), until=lambda w: w.bbs.active == "k2")
    assert world.bbs.records["k1"]
    return world


def messages(world: World) -> dict[str, tuple[str, str, str]]:
    assert world.plan is not None
    return {str(one.kind): (str(one.status), str(one.reason), one.observed) for one in world.plan.findings}


def looked(world: World) -> dict[str, tuple[str, str, str]]:
    world.operate(mortal=False)
    return messages(world)


def test_keys_of_the_spec_are_what_an_empty_store_begins_with() -> None:
    world = on_k1()
    assert (world.keyring, world.bbs.stored, world.bbs.activations) == ({"k1": "bytes of k1"}, "k1", [])


def test_without_keys_one_is_generated() -> None:
    assert installed(target=1).keyring == {"generated-1": "bytes of generated-1"}


def test_a_key_added_and_activated_in_one_apply_ends_on_every_record_and_restarts_nothing() -> None:
    world = on_k1()
    before = [pod.uid for one in world.cluster.sets.values() for pod in one.pods.values()]
    apply(world, *BOTH, active="k2").run()
    go_on(world, passes=10)
    assert (world.bbs.activations, world.bbs.stored, world.bbs.pace) == (["k2"], "k2", 5000)
    assert [pod.uid for one in world.cluster.sets.values() for pod in one.pods.values()] == before


def test_a_key_is_not_activated_while_one_member_has_not_loaded_it() -> None:
    world = apply(on_k1(), *BOTH, active="k2")
    world.operate(mortal=False)
    assert set(world.keyring or ()) == {"k1", "k2"}
    for _ in range(5):
        assert looked(world)["KeyringDistributed"] == (
            "False",
            "KeyringSpreading",
            "d-bbs-0-0, d-bbs-1-0, d-bbs-2-0 lack a key",
        )
    assert world.bbs.activations == []


def test_a_member_that_does_not_answer_holds_an_activation() -> None:
    world = apply(on_k1(), *BOTH, active="k2")
    world.operate(mortal=False)
    seen = world.observe()
    for member in seen.members.values():
        object.__setattr__(member, "keys_loaded", BOTH)
    heard = {name: member for name, member in seen.members.items() if member.role == "Master"}
    silent = next(name for name in seen.members if name not in heard)
    wanted = world.spec.resolved(world.generation)
    plan = decide(wanted, replace(seen, members=heard), world.cluster.now)
    assert not [one for one in plan.actions if isinstance(one, ActivateKey)]
    assert silent.removesuffix("-0") in plan.waiting
    assert [one for one in decide(wanted, seen, world.cluster.now).actions if isinstance(one, ActivateKey)]


def test_a_paused_diego_activates_nothing_and_takes_no_key_away() -> None:
    world = apply(on_k1(), *BOTH, active="k2")
    world.change(replace(world.spec, paused=True))
    go_on(world, passes=10)
    assert (world.bbs.activations, set(world.keyring or ())) == ([], {"k1", "k2"})
    world.change(replace(world.spec, paused=False))
    go_on(world, until=lambda w: w.bbs.stored == "k2")
    world.change(replace(world.spec, keys=("k2",), paused=True))
    go_on(world, passes=5)
    assert set(world.keyring or ()) == {"k1", "k2"}


def test_a_key_is_activated_only_after_the_data_has_reached_its_version() -> None:
    world = upgrade(on_k1(), target=2, keys=BOTH, active="k2")
    go_on(world, until=lambda w: bool(w.bbs.activations), passes=120)
    assert (world.bbs.current, world.bbs.target, world.bbs.activations) == (2, None, ["k2"])
    assert all(pod.version == "0.1.0" for pod in world.cluster.pods("cell"))


def test_a_key_dropped_too_early_is_kept_and_that_is_said() -> None:
    world = apply(rotating(), "k2", active="k2")
    left = world.bbs.records["k1"]
    told = looked(world)["OldKeysRemovable"]
    assert told == ("False", "KeyStillInUse", f"k1 is kept: {left} records use it")
    assert set(world.keyring or ()) == {"k1", "k2"}
    go_on(world, passes=20)
    assert (set(world.keyring or ()), set(world.retired)) == ({"k2"}, {"k1"})
    assert looked(world)["OldKeysRemovable"][:2] == ("True", "AllOnActiveKey")


def test_a_dropped_key_is_kept_while_nobody_has_counted() -> None:
    world = apply(rotating(), "k2", active="k2")
    seen = world.observe()
    for member in seen.members.values():
        object.__setattr__(member, "key_counts", {})
    plan = decide(world.spec.resolved(world.generation), seen, world.cluster.now)
    assert not [one for one in plan.actions if isinstance(one, RetireKeys)]
    assert "not known yet" in str(plan.findings)


@pytest.mark.parametrize("count", [0, 3])
def test_a_count_of_zero_alone_takes_no_key_away(count: int) -> None:
    """The label record has the last word."""
    world = apply(rotating(), "k2", active="k2")
    world.bbs.records["k1"] = count
    world.bbs.stored = ""
    world.operate(mortal=False)
    assert "k1" in (world.keyring or {})


def test_progress_is_told_while_records_are_rotated() -> None:
    world = rotating()
    world.settle()
    status, reason, words = looked(world)["EncryptionCurrent"]
    done = world.bbs.records["k2"]
    assert (status, reason, words) == ("False", "Rotating", f"{done} of 4 records are sealed with k2")
    assert world.status("Ready") == "True"


def test_a_pace_that_is_changed_on_the_way_is_passed_on() -> None:
    world = apply(rotating(), *BOTH, active="k2", pace=7)
    world.operate(mortal=False)
    assert (world.bbs.pace, world.bbs.activations) == (7, ["k2"])


def test_a_missing_secret_is_named_and_asks_a_person() -> None:
    world = on_k1()
    world.sources["k2"] = ""
    go_on(apply(world, *BOTH, active="k2"), passes=5)
    assert messages(world)["UpgradeBlocked"] == (
        "True",
        "SecretMissing",
        "gate KeyringDistributed: k2: there is no Secret keys",
    )
    world.sources["k2"] = "bytes of k2"
    go_on(world, until=lambda w: w.bbs.stored == "k2")
    assert world.bbs.stored == "k2"


def test_the_secret_of_a_key_that_was_copied_may_go() -> None:
    world = on_k1()
    world.sources["k1"] = ""
    assert looked(world)["KeyringDistributed"][0] == "True"


def test_other_bytes_under_a_known_label_are_refused_and_nothing_is_written() -> None:
    world = on_k1()
    world.sources["k1"] = "other bytes"
    go_on(apply(world, *BOTH, active="k2"), passes=10)
    assert (world.reason("UpgradeBlocked"), world.keyring) == ("KeyMaterialChanged", {"k1": "bytes of k1"})


def test_a_label_that_was_retired_never_gets_other_bytes() -> None:
    world = go_on(apply(rotating(), "k2", active="k2"), passes=20)
    world.sources["k1"] = "other bytes"
    go_on(apply(world, *BOTH, active="k1"), passes=10)
    assert (world.reason("UpgradeBlocked"), world.bbs.active) == ("KeyMaterialChanged", "k2")
    world.sources["k1"] = "bytes of k1"
    assert go_on(world, until=lambda w: w.bbs.stored == "k1").bbs.stored == "k1"


def test_from_a_generated_key_to_ones_own_and_back_to_a_new_generated_one() -> None:
    world = go_on(apply(installed(target=1), "k1", active="k1"), until=lambda w: w.bbs.stored == "k1")
    go_on(world, passes=5)
    assert set(world.keyring or ()) == {"k1"}
    go_on(apply(world, active=""), until=lambda w: w.bbs.stored == "generated-2")
    go_on(world, passes=5)
    assert (set(world.keyring or ()), world.status("EncryptionCurrent")) == ({"generated-2"}, "True")


def test_a_lost_keyring_is_filled_from_the_spec_but_never_with_a_generated_key() -> None:
    world = on_k1()
    world.keyring = None
    world.operate(mortal=False)
    assert world.keyring == {"k1": "bytes of k1"}
    bare = installed(target=1)
    bare.keyring = None
    go_on(bare, passes=3)
    assert bare.keyring is None
    assert bare.plan is not None
    assert not [one for one in bare.plan.actions if isinstance(one, GenerateKey | CopyKeys)]


def test_a_key_that_records_bear_and_the_keyring_lacks_asks_a_person() -> None:
    world = rotating()
    assert world.keyring is not None
    del world.keyring["k1"]
    apply(world, "k2", active="k2")
    assert looked(world)["KeyringDistributed"][:2] == ("False", "KeyUnknown")


def test_bare_json_is_not_encrypted_and_says_so() -> None:
    assert looked(installed(target=0))["EncryptionCurrent"][:2] == ("False", "NotEncrypted")
