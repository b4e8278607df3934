"""What a gate answers. Unknown is its own answer: it opens nothing and accuses nobody."""

from dataclasses import dataclass

from controllers.api import Reason


@dataclass(frozen=True, slots=True)
class Open:
    """The step may go on; `note` is worth saying all the same."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """The step may not go on: what was seen, what is wanted, and a remedy if more exact than the reason's."""

    reason: Reason
    seen: str
    wanted: str
    remedy: str = ""

    @property
    def person(self) -> bool:
        """Only a person can open it."""
        return self.reason.needs_person


@dataclass(frozen=True, slots=True)
class Unknown:
    """It could not be asked."""

    reason: Reason
    seen: str


Verdict = Open | Closed | Unknown


def is_open(verdict: Verdict) -> bool:
    """True only for Open."""
    return isinstance(verdict, Open)
