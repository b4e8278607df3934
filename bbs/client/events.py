"""Event streams by the names of Diego's clients."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from bbs.client.subscription import Subscription
from bbs.wire.events_pb2 import EventsByCellId


class EventStream(StrEnum):
    """The streams of the current revision; the value is the path."""

    LRP_INSTANCES = "/v1/events/lrp_instances.r1"
    LRP_GROUPS = "/v1/events.r1"
    TASKS = "/v1/events/tasks.r1"


class Subscribing(Protocol):
    """Opens a stream, following one redirect."""

    async def open_stream(self, method: str, path: str, body: bytes) -> Subscription:
        """The open stream. Raises NotAvailable, UnexpectedAnswer."""
        ...


class EventCalls(Subscribing, Protocol):
    """Subscriptions. Every call raises NotAvailable when nobody serves; to subscribe again is the caller's affair."""

    async def subscribe(self, stream: EventStream = EventStream.LRP_INSTANCES, *, cell_id: str = "") -> Subscription:
        """Every event from the return of this call on; `cell_id`: of actual LRPs only those of that cell.

        Use it as `async with await client.subscribe() as events`, and iterate `events`.
        """
        method = "GET" if stream is EventStream.LRP_GROUPS else "POST"
        return await self.open_stream(method, stream, EventsByCellId(cell_id=cell_id).SerializeToString())
