"""Event streams: who listens, what is still to be sent to whom, and how it is framed (docs/reference/events.md)."""

from bbs.events.hub import EventHub, HubClosed
from bbs.events.metrics import EventMetrics
from bbs.events.streams import STREAMS, Stream
from bbs.events.subscription import Subscription

__all__ = ["STREAMS", "EventHub", "EventMetrics", "HubClosed", "Stream", "Subscription"]
