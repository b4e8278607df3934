"""`/status` and `/evacuation` as the programs write them, with every member and every null."""

from typing import Any

import pytest
from pydantic import ValidationError

from controllers.decide.observation import Data, Evacuation
from controllers.observe.members import evacuation_of, member_of

NULLS = ("role", "state", "reason", "epoch", "seq", "master", "live", "data", "migration", "prepared")
MIGRATING: dict[str, Any] = {
    "version": "0.2.0",
    "build": "b1",
    "api": {"majors": [1]},
    "layouts": {"reads": [0, 1], "serves": [0, 1]},
    "member": {"pod": "diego-bbs-0-0", "uid": "u1"},
    "role": "Master",
    "state": "Migrating",
    "reason": None,
    "epoch": 3,
    "seq": 40,
    "lease_age_ms": 12,
    "store": {"type": "etcd", "id": "s", "owner": "ns/diego"},
    "data": {"current": 0, "target": 1, "wanted": 1, "token": "t", "generation": 4},
    "migration": {
        "attempt": "3-1",
        "mode": "Offline",
        "from": 0,
        "to": 1,
        "phase": "Staging",
        "done": 10,
        "total": None,
        "rate": 1.5,
        "eta_s": None,
        "started_at": 1_700_000_000_000_000_000,
        "failure": None,
    },
    "prepared": {
        "version": 1,
        "seq": 40,
        "ok": True,
        "count": 9,
        "estimate_s": 0.1,
        "losses": {"timeouts": 2},
        "first_bad": None,
    },
    "old_roots": ["v1"],
    "keys": {"active": None, "stored": None, "loaded": ["generated-1"], "counts": {}},
    "evacuating": 0,
    "suspect": 2,
    "unreadable": {"count": 1, "keys": ["tasks/x"]},
    "field_of_a_later_release": {"x": 1},
}


def test_a_migrating_master_is_understood() -> None:
    found = member_of("diego-bbs-0-0", MIGRATING)
    assert found.data == Data(0, 1, 1, "t", 4)
    assert found.migration is not None
    assert (found.migration.started_at, found.migration.done, found.migration.failed) == (1_700_000_000.0, 10, False)
    assert found.prepared is not None
    assert (found.prepared.ok, found.prepared.losses, found.old_roots) == (True, {"timeouts": 2}, ("v1",))
    assert (found.suspect, found.unreadable, found.keys_loaded) == (2, 1, ("generated-1",))


def test_nulls_are_absent_facts_and_no_error() -> None:
    found = member_of("diego-bbs-0-0", {**MIGRATING, **dict.fromkeys((*NULLS, "unreadable", "old_roots", "suspect"))})
    assert (found.data, found.migration, found.prepared, found.role, found.old_roots) == (None, None, None, "", ())


def test_a_failure_names_its_record() -> None:
    failure = {"key": "/v1/task/abc", "reason": "UndecodableRecord", "message": "m", "generation": 4}
    broken = {**MIGRATING, "migration": {**MIGRATING["migration"], "phase": "Failed", "failure": failure}}
    found = member_of("diego-bbs-0-0", broken).migration
    assert found is not None
    assert (found.failed, found.failure) == (True, "/v1/task/abc: UndecodableRecord: m")


def test_what_is_no_status_is_no_answer() -> None:
    with pytest.raises(ValidationError):
        member_of("diego-bbs-0-0", {**MIGRATING, "data": {"current": "many"}})


def test_the_state_of_an_evacuation_is_read() -> None:
    assert evacuation_of({"state": "drained", "remaining": 0, "reason": None}) == Evacuation("drained", 0, "")
