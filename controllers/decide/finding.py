"""A condition as a pass finds it, before it has times."""

from dataclasses import dataclass

from controllers.api import ConditionStatus, ConditionType, Reason


@dataclass(frozen=True, slots=True)
class Finding:
    """A condition without its times: `observed; wanted; do: remedy`."""

    kind: ConditionType
    status: ConditionStatus
    reason: Reason
    observed: str
    wanted: str
    remedy: str = ""
