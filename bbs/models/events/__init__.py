"""Events: what a committed transition tells its subscribers; pure data, sent by `bbs.events`."""

from bbs.models.events.event import Event
from bbs.models.events.occurrence import Occurrence, Placed, occurrence
from bbs.models.events.telling import Channel, told

__all__ = ["Channel", "Event", "Occurrence", "Placed", "occurrence", "told"]
