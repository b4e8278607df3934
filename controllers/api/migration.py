"""How the stored data is brought to another version."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from .duration import Duration
from .shape import Declared


class MigrationMode(StrEnum):
    """Offline: the API answers 503 while records are staged. Online: it goes on serving."""

    OFFLINE = "Offline"
    ONLINE = "Online"


class FailurePolicy(StrEnum):
    """Hold: a failed migration waits for a person. RollBack: the target is withdrawn."""

    HOLD = "Hold"
    ROLL_BACK = "RollBack"


class Migration(Declared):
    """Mode, pace and what to do on failure. A new retryToken asks for another attempt after a failure."""

    mode: MigrationMode = MigrationMode.OFFLINE
    """Whether the API pauses during a migration."""
    on_failure: FailurePolicy = FailurePolicy.HOLD
    """What happens when a migration fails."""
    slow_after: Duration = Duration.of(minutes=5)
    """A migration that runs longer is reported as slow; it is never stopped for it."""
    max_records_per_second: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Pace of a migration. Absent: as fast as the store takes it."""
    retry_token: Annotated[str, StringConstraints(min_length=1, max_length=63)] | None = None
    """Any new text asks for another attempt after a failure."""
