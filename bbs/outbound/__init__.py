"""What a serving master does outwards: asking Locket, calling auctioneer, cells and callback URLs."""

from bbs.outbound.calls import CallsOut
from bbs.outbound.presences import Presences

__all__ = ["CallsOut", "Presences"]
