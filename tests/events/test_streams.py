"""A subscriber over a real connection: head, framing, numbers, filters, refusals."""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode

import pytest

from bbs.client import BBSClient, Event, EventStream, Subscription
from bbs.events import STREAMS
from bbs.master.rotation import sealed_anew
from bbs.models.records import Kind
from bbs.server import BBSServer
from bbs.wire import events_pb2
from bbs.wire.desired_lrp_pb2 import RemoveDesiredLRPRequest, UpdateDesiredLRPRequest
from bbs.wire.events_pb2 import EventsByCellId
from tests.events.station import Station
from tests.models import requests
from tests.server.raw import Raw, post

WITHIN_S = 20
TASKS = next(stream for stream in STREAMS if stream.path == EventStream.TASKS)
HEAD = (
    b"HTTP/1.1 200 OK\r\n"
    b"Cache-Control: no-cache, no-store, must-revalidate\r\n"
    b"Connection: keep-alive\r\n"
    b"Content-Type: text/event-stream; charset=utf-8\r\n"
    b"Date: NOW\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
TRACE = "7b3e1a2c-0d4f-4e5a-9b6c-1d2e3f405162"


async def next_events(events: Subscription, count: int) -> list[Event]:
    async with asyncio.timeout(WITHIN_S):
        return [await anext(events) for _ in range(count)]


async def head(raw: Raw) -> bytes:
    async with asyncio.timeout(WITHIN_S):
        return re.sub(rb"Date: [^\r]*", b"Date: NOW", await raw.reader.readuntil(b"\r\n\r\n"))


def names(events: list[Event]) -> list[str]:
    return [event.name for event in events]


async def test_the_head_leaves_before_the_first_event_as_the_real_one_writes_it(server: BBSServer) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/tasks.r1"))
        assert await head(raw) == HEAD


async def test_a_client_that_closes_after_the_answer_reads_so_in_the_head(server: BBSServer) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/tasks.r1", b"", "Connection: close"))
        closing = HEAD.replace(b"Connection: keep-alive\r\n", b"").replace(b"NOW\r\n", b"NOW\r\nConnection: close\r\n")
        assert await head(raw) == closing


async def test_each_event_is_one_chunk_numbered_from_0_on_its_connection(server: BBSServer, station: Station) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/tasks.r1"))
        await head(raw)
        for guid in ("t-0", "t-1"):
            station.post("/tasks/desire.r2", requests.desire_task(guid))
        for number in range(2):
            async with asyncio.timeout(WITHIN_S):
                size = await raw.reader.readuntil(b"\r\n")
                text = await raw.reader.readexactly(int(size.removesuffix(b";\r\n"), 16))
                assert await raw.reader.readexactly(2) == b"\r\n"
            lines = text.split(b"\n")
            assert [*lines[:2], *lines[3:]] == [b"id: %d" % number, b"event: task_created", b"", b""]
            created = events_pb2.TaskCreatedEvent.FromString(b64decode(lines[2].removeprefix(b"data: ")))
            assert created.task.task_guid == f"t-{number}"


async def test_instances_are_told_with_the_trace_id_of_who_desired_them(client: BBSClient, station: Station) -> None:
    async with await client.subscribe() as events:
        station.post("/desired_lrp/desire.r2", requests.lrp(instances=1), TRACE)
        station.post("/actual_lrps/claim", requests.claim(), TRACE)
        desired, created, claimed = await next_events(events, 3)
    assert names([desired, created, claimed]) == [
        "desired_lrp_created", "actual_lrp_instance_created", "actual_lrp_instance_changed",
    ]  # fmt: skip
    traces = [getattr(event.message(), "trace_id", None) for event in (desired, created, claimed)]
    assert traces == [TRACE, TRACE, ""]


async def test_a_filtered_stream_has_all_desired_lrps_and_one_cell(client: BBSClient, station: Station) -> None:
    async with await client.subscribe(cell_id="cell-2") as events:
        station.post("/desired_lrp/desire.r2", requests.lrp(instances=2))
        station.post("/actual_lrps/claim", requests.claim("ig-0", "cell-1", 0))
        station.post("/actual_lrps/claim", requests.claim("ig-1", "cell-2", 1))
        first, second = await next_events(events, 2)
    assert names([first, second]) == ["desired_lrp_created", "actual_lrp_instance_changed"]
    assert [first.number, second.number] == [0, 1]
    changed = second.message()
    assert isinstance(changed, events_pb2.ActualLRPInstanceChangedEvent)
    assert changed.actual_lrp_instance_key.cell_id == "cell-2"


async def test_nobody_is_told_when_a_record_is_only_sealed_with_another_key(
    client: BBSClient, station: Station
) -> None:
    station.post("/desired_lrp/desire.r2", requests.lrp(instances=0))
    async with await client.subscribe() as events:
        station.run(sealed_anew([(Kind.DESIRED_LRPS, "pg")]))
        station.post("/desired_lrp/remove", RemoveDesiredLRPRequest(process_guid="pg"))
        assert names(await next_events(events, 1)) == ["desired_lrp_removed"]


async def test_a_group_stream_is_a_get_whose_body_names_the_cell(client: BBSClient, station: Station) -> None:
    async with await client.subscribe(EventStream.LRP_GROUPS, cell_id="cell-2") as events:
        station.post("/desired_lrp/desire.r2", requests.lrp(instances=1))
        station.post("/actual_lrps/start.r1", requests.start("ig", "cell-2"))
        assert names(await next_events(events, 2)) == ["desired_lrp_created", "actual_lrp_changed"]


async def test_every_event_after_the_head_is_delivered(server: BBSServer, station: Station) -> None:
    async with Raw(server.address.port) as raw:
        station.post("/tasks/desire.r2", requests.desire_task("before"))
        raw.send(post("/v1/events/tasks.r1"))
        await head(raw)
        station.post("/tasks/desire.r2", requests.desire_task("after"))
        async with asyncio.timeout(WITHIN_S):
            text = await raw.reader.readuntil(b"\n\n")
        data = text.rpartition(b"data: ")[2]
        assert events_pb2.TaskCreatedEvent.FromString(b64decode(data)).task.task_guid == "after"


async def test_what_was_told_before_a_subscription_is_for_those_who_listened_then(station: Station) -> None:
    first = station.hub.subscribe(TASKS)
    station.post("/tasks/desire.r2", requests.desire_task("t"))
    second = station.hub.subscribe(TASKS)
    assert (first.waiting, second.waiting) == (True, False)


async def test_a_changed_desired_lrp_is_told_after_the_instances_it_made(client: BBSClient, station: Station) -> None:
    station.post("/desired_lrp/desire.r2", requests.lrp(instances=0))
    async with await client.subscribe() as events:
        station.post("/desired_lrp/update", UpdateDesiredLRPRequest(process_guid="pg", update={"instances": 1}))
        assert names(await next_events(events, 2)) == ["actual_lrp_instance_created", "desired_lrp_changed"]


async def test_what_a_subscriber_says_is_dropped(server: BBSServer, station: Station) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/tasks.r1"))
        await head(raw)
        raw.send(post("/v1/ping") * 100)
        station.post("/tasks/desire.r2", requests.desire_task("t"))
        async with asyncio.timeout(WITHIN_S):
            assert (await raw.reader.readuntil(b"\n\n")).split(b"\n")[2] == b"event: task_created"


@pytest.mark.parametrize(("path", "body"), [("lrp_instances.r1", b"\xff\xff\xff"), ("lrp_instances", b"\x0a\x05a")])
async def test_a_subscription_that_cannot_be_read_is_500_without_a_word(
    server: BBSServer, path: str, body: bytes
) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post(f"/v1/events/{path}", body))
        reply = await raw.reply()
    assert (reply.status, reply.body, reply.headers.get("Content-Type")) == (500, b"", None)


async def test_the_body_of_a_task_subscription_is_not_looked_at(server: BBSServer) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/tasks", b"\xff\xff\xff"))
        assert (await head(raw)).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/v1/events/tasks.r1", "POST"), ("POST", "/v1/events.r1", "GET"), ("GET", "/v1/events/tasks", "POST")],
)
async def test_another_method_is_405(server: BBSServer, method: str, path: str, allowed: str) -> None:
    async with Raw(server.address.port) as raw:
        raw.send(f"{method} {path} HTTP/1.1\r\nHost: bbs\r\nContent-Length: 0\r\n\r\n".encode())
        reply = await raw.reply()
    assert (reply.status, reply.headers["Allow"]) == (405, allowed)


async def test_a_cell_id_that_is_no_utf8_filters_like_any_other(server: BBSServer) -> None:
    body = EventsByCellId(cell_id="x").SerializeToString().replace(b"x", b"\xff")
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/events/lrp_instances.r1", body))
        assert (await head(raw)).startswith(b"HTTP/1.1 200 OK\r\n")
