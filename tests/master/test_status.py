"""The status document: every member always there, null where there is nothing to say (docs/reference/http.md)."""

from __future__ import annotations

from typing import Any

import pytest

from bbs.layouts.contract import Row
from tests.master.members import Deployment, deployment
from tests.master.reign import OURS
from tests.master.test_member import bare_json
from tests.simulation.tables import Tables

MEMBERS = [
    *["version", "build", "api", "layouts", "member", "role", "state", "reason", "epoch", "seq", "lease_age_ms"],
    *["master", "store", "live", "old_roots", "data", "migration", "move", "prepared", "keys", "trust_sha256"],
    *["records", "unreadable", "evacuating", "suspect", "convergence"],
]
BELOW = {
    "api": "majors",
    "layouts": "reads serves",
    "member": "pod uid",
    "reason": "code message remedy",
    "master": "member url epoch",
    "store": "type id owner migrated_from space",
    "live": "layout root",
    "data": "current target wanted token generation",
    "migration": "attempt mode from to phase done total rate eta_s started_at failure",
    "prepared": "version seq ok count estimate_s losses first_bad",
    "keys": "active counts loaded max_records_per_second stored",
    "records": "desired_lrps actual_lrps tasks domains",
    "unreadable": "count keys",
}


def complete(document: dict[str, Any]) -> set[str]:
    """Checks the members at both levels; gives those that say something."""
    assert sorted(document) == sorted(MEMBERS)
    for name, members in BELOW.items():
        if document[name] is not None:
            assert sorted(document[name]) == sorted(members.split()), name
    return {name for name in MEMBERS if document[name] is not None}


async def fresh(found: Deployment) -> dict[str, Any]:
    return found.start("bbs-0").status()


async def serving(found: Deployment) -> dict[str, Any]:
    found.start("bbs-0")
    return (await found.serving()).status()


async def following(found: Deployment) -> dict[str, Any]:
    await serving(found)
    member = found.start("bbs-1")
    await found.clock.advance(3)
    return member.status()


async def refused(found: Deployment) -> dict[str, Any]:
    found.tables.version_record = b"garbage"
    member = found.start("bbs-0")
    await found.clock.advance(3)
    return member.status()


@pytest.mark.parametrize("state", [fresh, serving, following, refused])
async def test_every_member_is_there_in_every_state(state: Any) -> None:
    async with deployment() as found:
        complete(await state(found))


async def test_a_master_says_what_it_serves() -> None:
    async with deployment() as found:
        document = await serving(found)
        assert {"epoch", "seq", "lease_age_ms", "master", "live", "data", "records", "unreadable"} <= complete(document)
        assert (document["role"], document["state"], document["reason"]) == ("Master", "Serving", None)
        assert document["layouts"] == {"reads": [0, 1451635200, OURS], "serves": [0, 1451635200, OURS]}
        assert document["master"] == {"member": "bbs-0", "url": "https://bbs-0", "epoch": 1}


async def test_a_standby_names_the_master_and_the_store() -> None:
    async with deployment() as found:
        document = await following(found)
        assert (document["role"], document["state"]) == ("Standby", "Following")
        assert document["master"]["member"] == "bbs-0"
        assert document["store"]["owner"] == "standalone"
        assert document["records"] == {"desired_lrps": 0, "actual_lrps": 0, "tasks": 0, "domains": 0}


async def test_a_refusal_says_why_and_what_to_do() -> None:
    async with deployment() as found:
        document = await refused(found)
        assert (document["role"], document["state"]) == ("Aside", "Refused")
        assert document["reason"]["code"] == "MalformedVersion"
        assert document["reason"]["remedy"]


async def test_a_failed_migration_says_where_from_where_to_and_at_which_record() -> None:
    async with deployment(bare_json(5, Row("task/r-broken", b"{"))) as found:
        member = found.start("bbs-0")
        await found.clock.until(lambda: member.status()["state"] == "Held")
        document = member.status()
        complete(document)
        migration = document["migration"]
        assert (migration["phase"], migration["from"], migration["to"]) == ("Failed", 0, OURS)
        assert sorted(migration["failure"]) == ["generation", "key", "message", "reason"]
        assert document["reason"]["code"] == "Held"


async def test_a_rehearsal_shows_its_verdict() -> None:
    async with deployment() as found:
        found.start("bbs-0")
        member = await found.serving()
        await member.prepare(0)
        await found.clock.until(lambda: member.verdict is not None)
        assert "prepared" in complete(member.status())


async def test_at_most_ten_unreadable_records_are_named_and_all_are_counted() -> None:
    broken = [Row(f"task/r-{i}", b"{") for i in range(15)]
    async with deployment(bare_json(0, *broken)) as found:
        found.start("bbs-0", managed=True)
        document = (await found.serving()).status()
        assert document["unreadable"]["count"] == 15
        assert len(document["unreadable"]["keys"]) == 10


async def test_a_store_that_cannot_be_reached_is_a_state_of_its_own() -> None:
    async with deployment(Tables()) as found:
        member = found.start("bbs-0")
        found.lines["bbs-0"].next("read-liveness", *["lost"] * 100)
        await found.clock.advance(3)
        document = member.status()
        complete(document)
        assert (document["role"], document["state"]) == ("Standby", "StoreUnavailable")
        assert document["reason"]["code"] == "StoreUnavailable"
