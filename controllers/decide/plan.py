"""What a pass comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controllers.decide.actions import Action
from controllers.decide.finding import Finding
from controllers.decide.gates import Gate
from controllers.decide.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Plan:
    """Actions in order, every gate's verdict, the the conditions and status, and when to look again (seconds)."""

    actions: tuple[Action, ...]
    gates: Mapping[Gate, Verdict]
    step: str
    waiting: str
    findings: tuple[Finding, ...]
    status: Mapping[str, Any]
    wake_after: float
