"""LocketCurrent: presence is on the wanted release before the BBS that reads it."""

from controllers.api import Reason
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Verdict


def locket_current(seen: Seen) -> Verdict:
    """On the way down locket goes last and is not asked."""
    if seen.going_down or seen.tier_current("locket"):
        return Open()
    return Closed(Reason.TIER_BEHIND, "locket is not current", "all locket pods updated and Ready")
