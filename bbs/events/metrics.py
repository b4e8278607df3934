"""Prometheus metrics of the event streams, by path; children are bound once."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from bbs.events.streams import STREAMS, Stream


class EventMetrics:
    """Subscribers now, events handed over, subscribers that did not keep up."""

    def __init__(self, registry: CollectorRegistry) -> None:
        subscribers = Gauge("diego_bbs_event_subscribers", "Open event streams.", ["stream"], registry=registry)
        delivered = Counter("diego_bbs_events_delivered", "Events handed over.", ["stream"], registry=registry)
        dropped = Counter(
            "diego_bbs_event_subscribers_dropped", "Streams ended as too slow.", ["stream"], registry=registry
        )
        self._subscribers = {stream: subscribers.labels(stream.path) for stream in STREAMS}
        self._delivered = {stream: delivered.labels(stream.path) for stream in STREAMS}
        self._dropped = {stream: dropped.labels(stream.path) for stream in STREAMS}

    def subscribers(self, stream: Stream, count: int) -> None:
        """So many listen now."""
        self._subscribers[stream].set(count)

    def delivered(self, stream: Stream, events: int) -> None:
        """So many events were handed over to be sent."""
        self._delivered[stream].inc(events)

    def dropped(self, stream: Stream) -> None:
        """One subscriber was too slow."""
        self._dropped[stream].inc()
