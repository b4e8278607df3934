"""One pass at work: what was seen, every gate's verdict on it, and what a step may answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from controllers.api import Reason
from controllers.decide.actions import Action
from controllers.decide.gates import GATES, Gate
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Verdict, is_open


@dataclass(frozen=True, slots=True)
class Step:
    """A step's answer: done, or what it does now and what it waits for."""

    name: str
    done: bool
    actions: tuple[Action, ...] = ()
    waiting: str = ""
    reason: Reason = Reason.ROLLING


@dataclass(frozen=True, slots=True)
class Turn:
    """Gates are asked once a pass, so that every step sees the same verdicts."""

    seen: Seen
    verdicts: Mapping[Gate, Verdict]

    @classmethod
    def of(cls, seen: Seen) -> "Turn":
        """Asks all gates."""
        return cls(seen, {gate: ask(seen) for gate, ask in GATES.items()})

    def shut(self, *gates: Gate) -> Gate | None:
        """The first of these gates that is not open."""
        return next((gate for gate in gates if not is_open(self.verdicts[gate])), None)

    def refused(self, *gates: Gate) -> Gate | None:
        """The first of these gates that is closed; Unknown lets pass. Only for mending what is out."""
        return next((gate for gate in gates if isinstance(self.verdicts[gate], Closed)), None)

    def held(self, name: str, gate: Gate, reason: Reason) -> Step:
        """A step that waits for a gate."""
        verdict = self.verdicts[gate]
        seen = verdict.seen if not is_open(verdict) else ""  # type: ignore[union-attr]
        return Step(name, done=False, waiting=f"gate {gate}: {seen}", reason=reason)
