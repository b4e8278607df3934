"""Whether a roll starts by itself, how long it soaks, and what it is measured against."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from .duration import Duration
from .shape import Declared, rule, ruled


class Approval(StrEnum):
    """Automatic: a roll starts when its gates open. Supervised: it waits for the id of its plan."""

    AUTOMATIC = "Automatic"
    SUPERVISED = "Supervised"


class StabilityChecks(Declared):
    """Budgets of one roll."""

    api_outage_budget: Duration = Duration.of(minutes=5)
    app_failure_budget: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    canary: bool = True


_PLAN_NEEDS_SUPERVISION = rule(
    "!has(self.approvedPlan) || self.approval == 'Supervised'",
    "approvedPlan is read only when approval is Supervised; remove it or set approval: Supervised",
)


class Upgrade(Declared):
    """Consent, soak time and checks."""

    model_config = ConfigDict(json_schema_extra=ruled(_PLAN_NEEDS_SUPERVISION))

    approval: Approval = Approval.AUTOMATIC
    approved_plan: Annotated[str, StringConstraints(min_length=1, max_length=63)] | None = None
    soak: Duration = Duration.of()
    checks: StabilityChecks = StabilityChecks()
