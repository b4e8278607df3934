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
    """How long the API may be away in one roll, in all."""
    app_failure_budget: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Failed requests to the canary app that one roll may cost."""
    canary: bool = True
    """Whether a canary app is run and asked during a roll."""


_PLAN_NEEDS_SUPERVISION = rule(
    "!has(self.approvedPlan) || self.approval == 'Supervised'",
    "approvedPlan is read only when approval is Supervised; remove it or set approval: Supervised",
)


class Upgrade(Declared):
    """Consent, soak time and checks."""

    model_config = ConfigDict(json_schema_extra=ruled(_PLAN_NEEDS_SUPERVISION))

    approval: Approval = Approval.AUTOMATIC
    """Whether a roll waits for consent."""
    approved_plan: Annotated[str, StringConstraints(min_length=1, max_length=63)] | None = None
    """The id in `status.roll.id` that may go on."""
    soak: Duration = Duration.of()
    """How long a finished roll rests before what it replaced is dropped."""
    checks: StabilityChecks = StabilityChecks()
    """Budgets of a roll."""
