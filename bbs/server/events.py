"""A subscription as a response: the six streams of docs/reference/events.md."""

from __future__ import annotations

from bbs.events import EventHub, HubClosed, Stream
from bbs.master.serving import Unavailable
from bbs.models.errors import Refused
from bbs.models.rules import read, unchecked
from bbs.server.instead import instead
from bbs.server.message import Request, Response
from bbs.wire.events_pb2 import EventsByCellId

EVENT_STREAM = "text/event-stream; charset=utf-8"
_NOT_STORED = (("Cache-Control", "no-cache, no-store, must-revalidate"),)
_CLOSED = Unavailable("NoMaster", "this member does not tell events at this moment", "subscribe again")


def subscribed(request: Request, stream: Stream, hub: EventHub) -> Response:
    """Subscribes, then answers: no event is lost between the head and the first of them."""
    try:
        cell_id = read(EventsByCellId, request.body, unchecked).cell_id if stream.filtered else ""
        feed = hub.subscribe(stream, cell_id)
    except Refused:
        return Response(500)
    except HubClosed:
        return instead(_CLOSED, request)
    return Response(200, EVENT_STREAM, headers=_NOT_STORED, guarded=True, feed=feed)
