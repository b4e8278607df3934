"""What S5 concludes from the probe's log."""

from __future__ import annotations

from typing import Any

import pytest

from e2e import rotation
from e2e.expect import Failure


def told(second: int, who: str, *loaded: str, active: str = "a", **more: Any) -> dict[str, Any]:
    keys = {"active": active, "stored": None, "loaded": list(loaded), "counts": {}, **more.pop("keys", {})}
    time = f"2026-01-01T00:00:{second:02d}.000000Z"
    document = {"event": "status", "time": time, "asked": who, "role": "Standby", "reason": None, "unreadable": None}
    return {**document, "keys": keys, **more}


def test_a_key_that_all_loaded_before_it_was_active_is_distributed() -> None:
    events = [told(1, "x", "a", "b"), told(2, "y", "a", "b"), told(3, "x", "a", "b", active="b")]
    assert "active 00:00:03" in rotation.distributed_before_active(events, "b", 2)


def test_a_key_that_one_loaded_afterwards_is_not() -> None:
    events = [told(1, "x", "a", "b"), told(3, "x", "a", "b", active="b"), told(4, "y", "a", "b", active="b")]
    with pytest.raises(Failure):
        rotation.distributed_before_active(events, "b", 2)


def test_a_member_that_never_told_of_the_key_is_not_forgotten() -> None:
    events = [told(1, "x", "a", "b"), told(3, "x", "a", "b", active="b")]
    with pytest.raises(Failure):
        rotation.distributed_before_active(events, "b", 2)


@pytest.mark.parametrize("trouble", [{"reason": {"code": "KeyMissing"}}, {"unreadable": {"count": 1}}])
def test_a_member_that_meets_an_unknown_key_is_seen(trouble: dict[str, Any]) -> None:
    rotation.no_unknown_key([told(1, "x", "a")])
    with pytest.raises(Failure):
        rotation.no_unknown_key([told(1, "x", "a", **trouble)])


def test_a_share_is_that_of_a_running_rotation_of_a_master() -> None:
    running = {"counts": {"a": 3, "b": 1}}
    assert rotation.share(told(1, "x", "b", active="b", role="Master", keys=running), "b") == 0.25
    assert rotation.share(told(1, "x", "b", active="b", keys=running), "b") == 0.0
    assert rotation.share(told(1, "x", "b", active="b", role="Master", keys={**running, "stored": "b"}), "b") == 0.0


def test_a_rotation_is_not_finished_while_another_key_is_counted() -> None:
    half = told(1, "x", "b", active="b", role="Master", keys={"stored": "b", "counts": {"a": 1, "b": 3}})
    with pytest.raises(Failure):
        rotation.finished([half], "b")
    done = told(2, "x", "b", active="b", role="Master", keys={"stored": "b", "counts": {"b": 4}})
    assert rotation.finished([done], "b") == done["time"]


def test_the_old_key_is_needed_as_long_as_a_master_says_so() -> None:
    half = told(1, "x", "b", active="b", role="Master")
    done = told(2, "x", "b", active="b", role="Master", keys={"stored": "b", "counts": {"b": 4}})
    assert rotation.last_needed([half, told(1, "y", "b"), done], "b") == half["time"]
