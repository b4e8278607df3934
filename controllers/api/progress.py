"""What the operator reports while something moves: a migration, a roll, and the report after it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from .duration import Duration
from .references import LocalReference
from .scalars import LongText, ShortText
from .shape import Reported

Count = Annotated[int, Field(ge=0, le=1_000_000_000_000, json_schema_extra={"format": "int64"})]


class MigrationFailure(Reported):
    """The record that stopped a migration, and why."""

    record: Annotated[str, Field(max_length=512)] | None = None
    reason: ShortText | None = None
    message: LongText | None = None


class MigrationStatus(Reported):
    """The migration that runs, or the last one."""

    phase: ShortText | None = None
    mode: ShortText | None = None
    from_: Count | None = Field(default=None, alias="from")
    to: Count | None = None
    attempt: ShortText | None = None
    records_done: Count | None = None
    records_total: Count | None = None
    started_at: datetime | None = None
    failure: MigrationFailure | None = None


class Standing(Reported):
    """A pair of release and data version: rolls go from pair to pair."""

    version: ShortText | None = None
    data_version: Count | None = None


class RollStatus(Reported):
    """The roll that runs: `direction` Up or Down, the step it is at, and what that step waits for."""

    id: ShortText
    direction: ShortText | None = None
    from_: Standing | None = Field(default=None, alias="from")
    to: Standing | None = None
    step: ShortText | None = None
    waiting_for: LongText | None = None
    approval_needed: bool = False


class Outage(Reported):
    """How long the API was away, in all and at the longest."""

    total: Duration | None = None
    longest: Duration | None = None
    budget: Duration | None = None


class AppsReport(Reported):
    """Requests to the canary app."""

    requests: Count | None = None
    failed: Count | None = None
    longest_gap: Duration | None = None


class UpgradeReport(Reported):
    """Result of the last finished roll against its budgets."""

    check_ref: LocalReference | None = None
    result: ShortText | None = None
    api_outage: Outage | None = None
    apps: AppsReport | None = None
