"""The hub: confirmed transitions in, lines for every subscriber out, once a tick.

`tell` is called by the writer of records for every confirmed outcome and only notes what happened; the events are
worked out, encoded once and queued at the next turn of the loop, and then each subscriber gets one write. It is open
while its member serves. Bytes leave under the read lease, which is looked at by whoever writes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from bbs.events.framing import Line, line
from bbs.events.metrics import EventMetrics
from bbs.events.streams import STREAMS, Stream
from bbs.events.subscription import Subscription
from bbs.models.events import Channel, Occurrence, Placed, occurrence, told
from bbs.models.state import Outcome, View

TOGETHER = 64
"""Subscribers served per turn of the loop: with a thousand of them, calls still get their turn in between."""

Journal = Callable[..., None]


class HubClosed(Exception):
    """This member does not serve, so it has no events."""


class EventHub:
    """All subscribers of one member."""

    def __init__(self, journal: Journal, metrics: EventMetrics | None = None) -> None:
        self._journal = journal
        self._metrics = metrics
        self._open = False
        self._subscribers: dict[Stream, dict[Subscription, None]] = {stream: {} for stream in STREAMS}
        self._noted: list[Occurrence] = []
        self._to_wake: dict[Subscription, None] = {}
        """In order, each once: whoever waits for its turn gets everything that came meanwhile in one write."""
        self._scheduled = False

    # --- the member's side --------------------------------------------------------------------------------------------

    async def attend(self, _reign: object) -> None:
        """The duty of a serving master: open as long as it serves. Then every stream ends."""
        self._open = True
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._open = False
            self.end()

    def tell(self, before: View, placed: Sequence[Placed], outcome: Outcome) -> None:
        """Note a confirmed outcome; `before` shows the records as they were. Never fails: commits go on without it."""
        if not any(self._subscribers.values()):
            return
        try:
            noted = occurrence(before, placed, outcome)
        except Exception as error:
            self._missed(error, STREAMS)
            return
        if noted is not None:
            self._noted.append(noted)
            self._soon()

    def end(self) -> None:
        """End every stream, after what is told by now; what comes later is for others."""
        self._deliver()
        self._end(STREAMS)

    def _end(self, streams: Iterable[Stream]) -> None:
        for subscriber in [one for stream in streams for one in self._subscribers[stream]]:
            subscriber.end()
            self.leave(subscriber)
            self._to_wake[subscriber] = None
        self._soon()

    # --- the subscribers' side ----------------------------------------------------------------------------------------

    def subscribe(self, stream: Stream, cell_id: str = "") -> Subscription:
        """From now on every event of that stream, or only those about that cell. Raises HubClosed."""
        if not self._open:
            raise HubClosed
        # What happened before is for those who listened then.
        self._deliver()
        subscription = Subscription(self, stream, cell_id)
        self._subscribers[stream][subscription] = None
        self._counted(stream)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """It is gone."""
        self._subscribers[subscription.stream].pop(subscription, None)
        self._counted(subscription.stream)

    def delivered(self, stream: Stream, events: int) -> None:
        """So many events were handed over to be sent."""
        if self._metrics is not None:
            self._metrics.delivered(stream, events)

    # --- turns --------------------------------------------------------------------------------------------------------

    def _soon(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._scheduled = False
        self._deliver()
        for subscriber in list(islice(self._to_wake, TOGETHER)):
            del self._to_wake[subscriber]
            subscriber.wake()
        if self._to_wake:
            self._soon()

    def _deliver(self) -> None:
        noted, self._noted = self._noted, []
        if not noted:
            return
        lines = _Lines(noted)
        for stream, subscribers in self._subscribers.items():
            if subscribers:
                try:
                    fresh = lines.of(stream)
                except Exception as error:
                    self._missed(error, (stream,))
                else:
                    self._offer(stream, fresh)

    def _offer(self, stream: Stream, lines: list[Line]) -> None:
        if not lines:
            return
        for subscriber in list(self._subscribers[stream]):
            if not subscriber.offer(lines):
                self._dropped(subscriber)
            self._to_wake[subscriber] = None

    def _dropped(self, subscriber: Subscription) -> None:
        """It gets what waits, and is told nothing more."""
        self.leave(subscriber)
        self._journal("subscriber-dropped", path=subscriber.stream.path)
        if self._metrics is not None:
            self._metrics.dropped(subscriber.stream)

    def _missed(self, error: Exception, streams: Iterable[Stream]) -> None:
        """An event could not be made: whoever listens for it must look at everything anew."""
        self._journal("events-missed", error=repr(error))
        self._end(streams)

    def _counted(self, stream: Stream) -> None:
        if self._metrics is not None:
            self._metrics.subscribers(stream, len(self._subscribers[stream]))


class _Lines:
    """What happened in a tick as lines, each channel encoded when the first stream asks for it."""

    def __init__(self, noted: Sequence[Occurrence]) -> None:
        self._noted = noted
        self._encoded: dict[Channel, list[list[Line]]] = {}

    def of(self, stream: Stream) -> list[Line]:
        """The lines of a stream: desired LRPs that came or went before their instances, changed ones after them."""
        channels = [self._channel(channel) for channel in stream.channels]
        lines: list[Line] = []
        for at, noted in enumerate(self._noted):
            parts = [channel[at] for channel in channels]
            changed = any(None not in (pair.before, pair.after) for pair in noted.desired)
            for part in reversed(parts) if changed else parts:
                lines += part
        return lines

    def _channel(self, channel: Channel) -> list[list[Line]]:
        encoded = self._encoded.get(channel)
        if encoded is None:
            encoded = self._encoded[channel] = [
                [line(channel, event) for event in told(noted, channel)] for noted in self._noted
            ]
        return encoded
