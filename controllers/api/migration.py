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
    on_failure: FailurePolicy = FailurePolicy.HOLD
    slow_after: Duration = Duration.of(minutes=5)
    max_records_per_second: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    retry_token: Annotated[str, StringConstraints(min_length=1, max_length=63)] | None = None
