"""Who does not keep up is dropped after 1,024 events; nobody else notices."""

from __future__ import annotations

import asyncio

import pytest

from bbs.client import BBSClient, EventStream
from bbs.events import STREAMS, Subscription
from bbs.events.subscription import BUFFER
from bbs.server import BBSServer
from tests.events.station import Station
from tests.events.test_streams import TASKS, head
from tests.models import requests
from tests.processes.waiting import until
from tests.server.raw import Raw, post

INSTANCES = next(stream for stream in STREAMS if stream.path == EventStream.LRP_INSTANCES)


async def tell(station: Station, count: int, size: int = 0) -> None:
    """So many events, one in each turn of the loop."""
    for _ in range(count):
        request = requests.desire_task(f"t-{len(station.board.records.entries_by_key)}")
        request.task_definition.annotation = "x" * size
        station.post("/tasks/desire.r2", request)
        await asyncio.sleep(0)


def taken(subscription: Subscription) -> list[bytes]:
    """The numbers of all that is handed over until nothing waits, and `end`."""
    numbers: list[bytes] = []
    while subscription.waiting:
        piece = subscription.take()
        if piece is None:
            return [*numbers, b"end"]
        numbers += [part.split(b"\n")[0] for part in piece.split(b"id: ")[1:]]
    return numbers


async def test_a_subscriber_that_takes_nothing_gets_what_waited_and_then_the_end(station: Station) -> None:
    subscription = station.hub.subscribe(TASKS)
    await tell(station, BUFFER + 1)
    assert taken(subscription) == [*(b"%d" % number for number in range(BUFFER)), b"end"]
    assert station.journal == ["subscriber-dropped"]


async def test_a_subscriber_that_takes_in_time_is_kept(station: Station) -> None:
    subscription = station.hub.subscribe(TASKS)
    for _ in range(3):
        await tell(station, BUFFER)
        assert len(taken(subscription)) == BUFFER
    assert station.journal == []


async def test_a_burst_of_one_turn_is_taken_whole(station: Station) -> None:
    subscription = station.hub.subscribe(INSTANCES)
    station.post("/desired_lrp/desire.r2", requests.lrp(instances=3 * BUFFER))
    await asyncio.sleep(0)
    assert len(taken(subscription)) == 3 * BUFFER + 1


async def test_each_channel_of_a_stream_has_its_own_buffer(station: Station) -> None:
    subscription = station.hub.subscribe(INSTANCES)
    for number in range(BUFFER):
        station.post("/desired_lrp/desire.r2", requests.lrp(f"pg-{number}"))
        await asyncio.sleep(0)
    assert station.journal == []
    assert len(taken(subscription)) == 2 * BUFFER


async def test_what_a_filter_holds_back_fills_no_buffer(station: Station) -> None:
    station.post("/desired_lrp/desire.r2", requests.lrp())
    subscription = station.hub.subscribe(INSTANCES, "cell-2")
    for number in range(BUFFER):
        station.post("/actual_lrps/start.r1", requests.start(f"ig-{number}"))
        station.post("/actual_lrps/crash", requests.crash(f"ig-{number}"))
        await asyncio.sleep(0)
    assert station.journal == []
    assert taken(subscription) == []


@pytest.mark.timeout(600)
async def test_one_that_reads_nothing_is_dropped_and_the_other_has_everything(
    client: BBSClient, server: BBSServer, station: Station
) -> None:
    async def both() -> bool:
        return len(station.hub._subscribers[TASKS]) == 2

    total = 2 * BUFFER + 500
    async with Raw(server.address.port) as slow, await client.subscribe(EventStream.TASKS) as events:
        slow.writer.transport.pause_reading()
        slow.send(post("/v1/events/tasks.r1"))
        reading = asyncio.create_task(numbers(events, total))
        await until("both listen", both)
        async with asyncio.timeout(300):
            await tell(station, total, size=4000)
            assert await reading == list(range(total))
        assert station.journal == ["subscriber-dropped"]
        slow.writer.transport.resume_reading()
        await head(slow)
        received = await slow.ends()
    got = received.count(b"event: task_created")
    assert BUFFER <= got < total
    assert received.endswith(b"\n\n\r\n0\r\n\r\n")


async def numbers(events: object, count: int) -> list[int]:
    return [(await anext(events)).number for _ in range(count)]  # type: ignore[call-overload]
