"""How a stream ends: in order when its master stops, by a reset when the lease is gone, unseen when the client goes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from bbs.client import BBSClient, EventStream, NotAvailable
from bbs.client.connection import Broken
from bbs.master.serving import Redirect, Unavailable
from bbs.models.records import NEVER, Kind
from bbs.models.state import Entry, Outcome
from bbs.server import BBSServer
from tests.certificates import Certificates
from tests.events.conftest import StartServer
from tests.events.station import Station
from tests.events.test_streams import TASKS, head, next_events
from tests.models import requests
from tests.processes.waiting import until
from tests.server.raw import Raw, post


def listening(station: Station) -> int:
    return len(station.hub._subscribers[TASKS])


async def nobody_listens(station: Station) -> None:
    async def nobody() -> bool:
        return listening(station) == 0

    await until("the subscriber is forgotten", nobody)


async def test_a_master_that_stops_ends_its_streams_after_the_last_event(client: BBSClient, station: Station) -> None:
    async with await client.subscribe(EventStream.TASKS) as events:
        station.post("/tasks/desire.r2", requests.desire_task("last"))
        await station.stop()
        await next_events(events, 1)
        with pytest.raises(StopAsyncIteration):
            await next_events(events, 1)


async def test_the_end_is_the_last_chunk_and_then_the_connection(server: BBSServer, station: Station) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/tasks.r1"))
        await head(raw)
        await station.stop()
        assert await raw.ends() == b"0\r\n\r\n"


async def test_without_the_lease_no_event_leaves_and_the_stream_is_reset(server: BBSServer, station: Station) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/tasks.r1"))
        await head(raw)
        station.holds = lambda: False
        with capture_logs() as lines:
            station.post("/tasks/desire.r2", requests.desire_task("t"))
            with pytest.raises(ConnectionError):
                await raw.ends()
    assert [line["event"] for line in lines] == ["answer-withheld"]


async def test_a_deposed_master_does_not_even_say_that_the_stream_ends(server: BBSServer, station: Station) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/tasks.r1"))
        await head(raw)
        station.holds = lambda: False
        await station.stop()
        with pytest.raises(ConnectionError):
            await raw.ends()


async def test_a_lease_that_lapses_while_nothing_happens_ends_no_stream(server: BBSServer, station: Station) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/tasks.r1"))
        await head(raw)
        station.holds = lambda: False
        await asyncio.sleep(0.3)  # longer than the tick in which connections are looked at when a lease lapses
        station.holds = lambda: True
        station.post("/tasks/desire.r2", requests.desire_task("t"))
        async with asyncio.timeout(20):
            assert b"task_created" in await raw.reader.readuntil(b"\n\n")


async def test_a_client_that_goes_away_is_noticed_without_an_event(server: BBSServer, station: Station) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/tasks.r1"))
        await head(raw)
        assert listening(station) == 1
    await nobody_listens(station)


async def test_a_client_that_talks_on_and_goes_is_noticed(server: BBSServer, station: Station) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/tasks.r1"))
        await head(raw)
        raw.send(post("/v1/ping") * 1000)
        await asyncio.sleep(0.05)
    await nobody_listens(station)


async def test_a_client_that_ends_tls_but_not_the_connection_is_noticed(
    start_server: StartServer, certificates: Certificates, station: Station
) -> None:
    server = await start_server(tls=True)
    received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = certificates.context().wrap_bio(received, sent, server_hostname="localhost")
    async with Raw(server.address.port) as raw:

        async def step(work: Callable[[], object]) -> None:
            """What the TLS layer wants, until it has it."""
            while True:
                try:
                    work()
                except ssl.SSLWantReadError:
                    raw.send(sent.read())
                    received.write(await asyncio.wait_for(raw.reader.read(65536), 20))
                else:
                    raw.send(sent.read())
                    return

        await step(tls.do_handshake)
        await step(lambda: tls.write(post("/v1/events/tasks.r1")))
        await step(lambda: tls.read(65536))
        assert listening(station) == 1
        with suppress(ssl.SSLWantReadError):
            tls.unwrap()
        raw.send(sent.read())
        await nobody_listens(station)


async def test_a_client_that_ends_only_its_side_is_noticed_too(server: BBSServer, station: Station) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/tasks.r1"))
        await head(raw)
        raw.writer.write_eof()
        await nobody_listens(station)


async def test_a_standby_sends_a_subscriber_to_the_master(server: BBSServer, station: Station) -> None:
    station.instead = Redirect("https://m1:8889")
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/lrp_instances.r1", b"\n\x06cell-1"))
        reply = await raw.reply()
    assert (reply.status, reply.headers["Location"]) == (307, "https://m1:8889/v1/events/lrp_instances.r1")


async def test_nobody_who_serves_is_503_with_the_time_to_wait(server: BBSServer, station: Station) -> None:
    station.instead = Unavailable("Migrating", "moving", "wait")
    async with Raw(server.address.port) as raw:
        raw.send(b"GET /v1/events.r1 HTTP/1.1\r\nHost: bbs\r\nContent-Length: 8\r\n\r\n\n\x06cell-1")
        reply = await raw.reply()
    assert (reply.status, reply.headers["Retry-After"]) == (503, "1")


async def test_a_hub_that_is_not_open_yet_is_503(client: BBSClient, station: Station) -> None:
    await station.stop()
    with pytest.raises(NotAvailable) as refused:
        await client.subscribe()
    assert refused.value.code == "NoMaster"


async def test_a_stream_has_what_was_told_before_its_end_and_nothing_of_what_came_after(
    client: BBSClient, station: Station
) -> None:
    async with await client.subscribe(EventStream.TASKS) as events:
        station.post("/tasks/desire.r2", requests.desire_task("last"))
        station.hub.end()
        station.post("/tasks/desire.r2", requests.desire_task("of the next reign"))
        await next_events(events, 1)
        with pytest.raises(StopAsyncIteration):
            await next_events(events, 1)


async def test_an_event_that_cannot_be_made_ends_the_streams_that_miss_it(client: BBSClient, station: Station) -> None:
    unreadable = Entry(Kind.TASKS, "t", b"\xff", NEVER, "t")
    async with (
        await client.open_stream("POST", "/v1/events/tasks", b"") as converted,
        await client.subscribe(EventStream.TASKS) as plain,
    ):
        station.hub.tell(station.memory(), ((Kind.TASKS, "t", unreadable),), Outcome(b""))
        with pytest.raises(StopAsyncIteration):
            await next_events(converted, 1)
        assert [event.payload for event in await next_events(plain, 1)] == [b"\x0a\x01\xff"]
    assert station.journal == ["events-missed"]


async def test_a_stream_that_is_cut_off_raises_and_does_not_just_end(client: BBSClient, server: BBSServer) -> None:
    async with await client.subscribe(EventStream.TASKS) as events:
        await server.close(0)
        with pytest.raises(Broken):
            await next_events(events, 1)
