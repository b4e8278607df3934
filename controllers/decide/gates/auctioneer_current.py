"""AuctioneerCurrent: whoever places work is on the wanted release before the cells."""

from controllers.api import Reason
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Verdict


def auctioneer_current(seen: Seen) -> Verdict:
    """On the way down the cells go first and this is not asked."""
    if seen.going_down or seen.tier_current("auctioneer"):
        return Open()
    return Closed(Reason.TIER_BEHIND, "the auctioneer is not current", "all its pods updated and Ready")
