"""What the operator reports: conditions that say what to do, and a status that stays small."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from controllers.api import (
    BBSStatus,
    CellsStatus,
    Condition,
    ConditionStatus,
    ConditionType,
    DiegoStatus,
    MemberStatus,
    PoolStatus,
    Reason,
    RollingCell,
)

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def ready(status: ConditionStatus, now: datetime, before: Condition | None = None) -> Condition:
    return Condition.of(
        ConditionType.READY,
        status,
        Reason.CELLS_ROLLING,
        observed="1 of 3 cells updated",
        wanted="3",
        generation=7,
        now=now,
        before=before,
    )


def test_a_condition_says_what_was_seen_wanted_and_is_to_be_done() -> None:
    assert ready("False", NOON).message == "1 of 3 cells updated; wanted 3; do: nothing, it goes on by itself"


def test_the_transition_time_moves_only_with_the_status() -> None:
    first = ready("False", NOON)
    later = NOON + timedelta(minutes=5)
    assert ready("False", later, first).last_transition_time == NOON
    assert ready("True", later, first).last_transition_time == later


def test_a_status_is_written_in_camel_case_without_what_is_not_known() -> None:
    status = DiegoStatus(observed_generation=7, conditions=(ready("False", NOON),), bbs=BBSStatus(ready="2/3"))
    written = status.rendered()
    assert written["bbs"] == {"ready": "2/3", "members": []}
    assert written["conditions"][0]["lastTransitionTime"] == "2026-11-01T12:00:00Z"
    assert DiegoStatus.model_validate(written) == status


def test_a_field_that_another_release_wrote_is_dropped_not_refused() -> None:
    assert DiegoStatus.model_validate({"observedGeneration": 3, "mood": "good"}).observed_generation == 3


def test_the_fullest_status_of_a_large_deployment_stays_below_16_kilobytes() -> None:
    conditions = tuple(
        Condition.of(
            kind, "False", Reason.BBS_MEMBERS_BEHIND, observed="x" * 200, wanted="y" * 50, generation=9, now=NOON
        )
        for kind in ConditionType
    )
    cells = CellsStatus(
        updated="249/250",
        pools=tuple(PoolStatus(name=f"pool-{i}", replicas=8, updated_replicas=7) for i in range(32)),
        rolling=tuple(RollingCell(name=f"diego-cell-pool-{i}-1", state="Evacuating", since=NOON) for i in range(16)),
    )
    members = tuple(MemberStatus(name=f"diego-bbs-{i}-0", role="Standby", message="z" * 200) for i in range(7))
    status = DiegoStatus(conditions=conditions, cells=cells, bbs=BBSStatus(members=members))
    assert len(orjson.dumps(status.rendered())) < 16_384


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_meaning_and_a_remedy(reason: Reason) -> None:
    assert reason.meaning.endswith(".")
    assert reason.remedy
    assert reason.value[0].isupper()
    assert not (reason.needs_person and reason.remedy.startswith("nothing"))
