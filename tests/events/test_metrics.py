"""What an operator sees of the streams."""

from __future__ import annotations

import asyncio

from prometheus_client import CollectorRegistry

from bbs.events import EventHub, EventMetrics
from bbs.events.subscription import BUFFER
from bbs.server import BBSServer
from tests.events.station import Station
from tests.events.test_endings import nobody_listens
from tests.events.test_streams import TASKS, head
from tests.models import requests
from tests.server.raw import Raw, post

LABELS = {"stream": "/v1/events/tasks.r1"}


async def test_subscribers_deliveries_and_drops_are_counted_by_stream(station: Station) -> None:
    registry = CollectorRegistry()
    station.hub = EventHub(lambda event, **_: None, EventMetrics(registry))
    await station.stop()
    await station.serve()

    def seen() -> list[float | None]:
        names = ("diego_bbs_event_subscribers", "diego_bbs_events_delivered_total")
        return [
            registry.get_sample_value(name, LABELS) for name in (*names, "diego_bbs_event_subscribers_dropped_total")
        ]

    taking, _idle = station.hub.subscribe(TASKS), station.hub.subscribe(TASKS)
    for number in range(BUFFER + 1):
        station.post("/tasks/desire.r2", requests.desire_task(f"t-{number}"))
        await asyncio.sleep(0)
        while taking.waiting:
            taking.take()
    assert seen() == [1, BUFFER + 1, 1]
    taking.close()
    assert seen() == [0, BUFFER + 1, 1]


async def test_a_stream_counts_as_a_request_when_it_ends_and_has_no_latency(
    server: BBSServer, station: Station
) -> None:
    async def exposed() -> bytes:
        async with Raw(server.health_address.port) as plain:
            plain.send(b"GET /metrics HTTP/1.1\r\nHost: bbs\r\n\r\n")
            return (await plain.reply()).body

    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/tasks.r1"))
        await head(raw)
        assert b"/v1/events/tasks.r1" not in await exposed()
    await nobody_listens(station)
    seen = await exposed()
    assert b'diego_bbs_request_count_total{route="/v1/events/tasks.r1",status="200"} 1.0' in seen
    assert b'diego_bbs_request_latency_seconds_count{route="/v1/events/tasks.r1"}' not in seen
