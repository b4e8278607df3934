"""SpecAccepted: nothing in the spec is refused."""

from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Verdict


def spec_accepted(seen: Seen) -> Verdict:
    """Refusals are collected where the spec is resolved; the first one speaks."""
    for refusal in seen.wanted.refused:
        return Closed(refusal.reason, refusal.message, "a spec that this operator can carry out")
    return Open("; ".join(seen.wanted.remarks))
