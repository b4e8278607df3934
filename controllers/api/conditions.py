"""Conditions: what a Diego says of itself, in the words of `reasons`.

All types are set on the first visit. `Ready` sums up the others. `UpgradeBlocked`, `OperandTemplateOutdated`,
`Reconciling`, `Stalled` and `Paused` are normally False; the rest are normally True.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_serializer

from .reasons import Reason
from .shape import Reported

ConditionStatus = Literal["True", "False", "Unknown"]
LONGEST_MESSAGE = 1024


class ConditionType(StrEnum):
    """Every condition that a Diego carries."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> ConditionType:
        """Joins the name with one sentence of what True means."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    READY = "Ready", "The API serves and every tier runs what the spec asks for."
    AVAILABLE = "Available", "The API answers and apps can run now, whether or not a roll is going on."
    SPEC_ACCEPTED = "SpecAccepted", "The spec is understood and can be carried out by this operator."
    STORE_REACHABLE = "StoreReachable", "The store answers and belongs to this Diego."
    CERTIFICATES_CURRENT = "CertificatesCurrent", "Every certificate is trusted and far from its end."
    PAUSED = "Paused", "A user has stopped rolls; repairs go on."
    RECONCILING = "Reconciling", "The operator is on its way to what the spec asks for."
    STALLED = "Stalled", "The operator can't go on without a person."
    SCHEMA_CURRENT = (
        "SchemaCurrent",
        "All BBS members run the wanted release and the data has the wanted version.",
    )
    STORE_MOVED = (
        "StoreMoved",
        "The records lie in the store that the spec names, and no move is asked for or under way.",
    )
    KEYRING_DISTRIBUTED = "KeyringDistributed", "Every BBS member has loaded every key of the keyring."
    ENCRYPTION_CURRENT = "EncryptionCurrent", "Every record is encrypted with the active key."
    OLD_KEYS_REMOVABLE = "OldKeysRemovable", "No record uses any key but the active one."
    CELLS_CURRENT = "CellsCurrent", "Every cell runs the wanted release."
    ROLLBACK_POSSIBLE = "RollbackPossible", "The release before this one can still be returned to."
    UPGRADE_BLOCKED = "UpgradeBlocked", "A gate is closed that only a person can open; reason and message name it."
    STABILITY_MET = "StabilityMet", "The running or last roll stayed within its budgets."
    OPERAND_TEMPLATE_OUTDATED = (
        "OperandTemplateOutdated",
        "This operator would write a pod template differently and waits for consent or for the next version.",
    )


def sentence(observed: str, wanted: str, remedy: str) -> str:
    """The message of a condition: `observed; wanted ...; do: ...`, cut to the bound of the resource."""
    return f"{observed}; wanted {wanted}; do: {remedy}"[:LONGEST_MESSAGE]


class Condition(Reported):
    """One condition as Kubernetes writes it; times in UTC."""

    type: Annotated[str, StringConstraints(min_length=1, max_length=63)]
    status: ConditionStatus
    reason: Annotated[str, StringConstraints(min_length=1, max_length=63)]
    message: Annotated[str, StringConstraints(max_length=LONGEST_MESSAGE)] = ""
    observed_generation: Annotated[int, Field(ge=0, json_schema_extra={"format": "int64"})] = 0
    last_transition_time: datetime

    @field_serializer("last_transition_time")
    def _whole_seconds(self, moment: datetime) -> str:
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    @classmethod
    def of(
        cls,
        kind: ConditionType,
        status: ConditionStatus,
        reason: Reason,
        *,
        observed: str,
        wanted: str,
        remedy: str = "",
        generation: int,
        now: datetime,
        before: Condition | None = None,
    ) -> Condition:
        """Makes a condition; `last_transition_time` stays that of `before` while the status does not change.

        `remedy` empty: the one that belongs to the reason. `now` is in UTC.
        """
        since = before.last_transition_time if before is not None and before.status == status else now
        return cls(
            type=kind,
            status=status,
            reason=reason,
            message=sentence(observed, wanted, remedy or reason.remedy),
            observed_generation=generation,
            last_transition_time=since,
        )
