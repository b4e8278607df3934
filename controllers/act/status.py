"""The status of the Diego: written on transitions, or on progress after a while, never when nothing changed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from controllers.api import Condition, ConditionType, Diego, DiegoStatus, Reason
from controllers.cluster import Cluster
from controllers.decide.plan import Plan

PROGRESS_EVERY_S = 10.0
PROGRESS = ("recordsDone", "remaining", "message", "waitingFor", "records")
"""Fields that only count: a change of nothing else waits."""


class StatusWriter:
    """Knows when it last wrote; a restart costs one more write at most."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._written_at = float("-inf")

    async def write(self, diego: Diego, plan: Plan, monotonic: float) -> bool:
        """Whether something was written."""
        before = diego.status.rendered()
        after = _wanted(diego, plan).rendered()
        if before == after:
            return False
        counting = _without_progress(before) == _without_progress(after)
        if counting and monotonic - self._written_at < PROGRESS_EVERY_S:
            return False
        metadata = diego.metadata
        patch = {"metadata": {"uid": metadata.uid}, "status": difference(before, after)}
        await self._cluster.merge("Diego", metadata.namespace, metadata.name, patch, part="status")
        self._written_at = monotonic
        return True

    async def refuse(self, body: Mapping[str, Any], fields: str) -> None:
        """Of a spec that can't be parsed nothing else is known; conditions of that generation are written once."""
        metadata, before = body["metadata"], DiegoStatus.model_validate(body.get("status", {}))
        known = before.condition(ConditionType.SPEC_ACCEPTED)
        generation = metadata["generation"]
        if known is not None and known.observed_generation == generation and known.status == "False":
            return
        kinds = (ConditionType.READY, ConditionType.SPEC_ACCEPTED, ConditionType.UPGRADE_BLOCKED)
        told = [
            Condition.of(
                kind,
                "True" if kind is ConditionType.UPGRADE_BLOCKED else "False",
                Reason.SPEC_INVALID,
                observed=fields[:600],
                wanted="a spec of this release",
                generation=generation,
                now=datetime.now(UTC).replace(microsecond=0),
                before=before.condition(kind),
            )
            for kind in kinds
        ]
        rest = [one for one in before.conditions if one.type not in kinds]
        conditions = [one.rendered() for one in (*told, *rest)]
        patch = {"status": {"observedGeneration": generation, "conditions": conditions}}
        await self._cluster.merge("Diego", metadata["namespace"], metadata["name"], patch, part="status")


def _wanted(diego: Diego, plan: Plan) -> DiegoStatus:
    now = datetime.now(UTC).replace(microsecond=0)
    conditions = [
        Condition.of(
            one.kind,
            one.status,
            one.reason,
            observed=one.observed,
            wanted=one.wanted,
            remedy=one.remedy,
            generation=diego.metadata.generation,
            now=now,
            before=diego.status.condition(one.kind),
        )
        for one in plan.findings
    ]
    return DiegoStatus.model_validate({**plan.status, "conditions": conditions})


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The merge patch from one to the other; what went away is null."""
    patch: dict[str, Any] = {key: None for key in before if key not in after}
    for key, value in after.items():
        old = before.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            if inner := difference(old, value):
                patch[key] = inner
        elif old != value:
            patch[key] = value
    return patch


def _without_progress(found: Any) -> Any:
    if isinstance(found, Mapping):
        return {key: _without_progress(value) for key, value in found.items() if key not in PROGRESS}
    if isinstance(found, list):
        return [_without_progress(one) for one in found]
    return found
