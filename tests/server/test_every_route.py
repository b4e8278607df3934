"""Every route that the real BBS serves is served, by its method alone; what it has retired is not found."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry

from bbs.events import STREAMS, EventHub
from bbs.models.routes import CELLS_PATH, ROUTES
from bbs.server import BBSApplication, BBSServer, Bind, Credentials
from tests.certificates import Certificates
from tests.server.member import Member, context, no_cells
from tests.server.raw import Raw, post

SERVED = [
    "ping",
    "domains/list",
    "domains/upsert",
    "actual_lrps/list",
    "actual_lrps/list_by_process_guids",
    "actual_lrp_groups/list",
    "actual_lrp_groups/list_by_process_guid",
    "actual_lrp_groups/get_by_process_guid_and_index",
    "actual_lrps/claim",
    "actual_lrps/start.r1",
    "actual_lrps/start",
    "actual_lrps/crash",
    "actual_lrps/fail",
    "actual_lrps/remove",
    "actual_lrps/retire",
    "actual_lrps/remove_evacuating",
    "actual_lrps/evacuate_claimed",
    "actual_lrps/evacuate_crashed",
    "actual_lrps/evacuate_stopped",
    "actual_lrps/evacuate_running.r1",
    "actual_lrps/evacuate_running",
    "desired_lrp_scheduling_infos/list",
    "desired_lrp_scheduling_infos/get_by_process_guid",
    "desired_lrp_routing_infos/list",
    "desired_lrps/list.r3",
    "desired_lrps/get_by_process_guid.r3",
    "desired_lrps/list.r2",
    "desired_lrps/get_by_process_guid.r2",
    "desired_lrp/desire.r2",
    "desired_lrp/update",
    "desired_lrp/remove",
    "tasks/list.r3",
    "tasks/get_by_task_guid.r3",
    "tasks/list.r2",
    "tasks/get_by_task_guid.r2",
    "tasks/desire.r2",
    "tasks/start",
    "tasks/cancel",
    "tasks/fail",
    "tasks/reject",
    "tasks/complete",
    "tasks/resolving",
    "tasks/delete",
    "cells/list.r1",
]
STREAMED = {
    "events.r1": "GET",
    "events": "GET",
    "events/tasks.r1": "POST",
    "events/tasks": "POST",
    "events/lrp_instances.r1": "POST",
    "events/lrp_instances": "POST",
}
RETIRED = [
    "desired_lrps/list",
    "desired_lrps/list.r1",
    "desired_lrps/get_by_process_guid",
    "desired_lrps/get_by_process_guid.r1",
    "desired_lrp/desire",
    "desired_lrp/desire.r1",
    "tasks/list",
    "tasks/list.r1",
    "tasks/get_by_task_guid",
    "tasks/get_by_task_guid.r1",
    "tasks/desire",
    "tasks/desire.r1",
]
NEVER_THERE = [
    "cells/list",
    "cells/list.r2",
    "ping.r1",
    "domains/list.r1",
    "actual_lrps/list.r1",
    "actual_lrps/start.r2",
    "desired_lrp/desire.r3",
    "desired_lrp/update.r1",
    "tasks/list.r4",
    "tasks/desire.r3",
    "events/tasks.r2",
    "events.r2",
]
OURS = {"/v1/tasks/desire.r3"}


@pytest.fixture
async def raw(certificates: Certificates) -> AsyncIterator[Raw]:
    """A connection under mutual TLS to a server that has the streams, too."""
    member, hub = Member(), EventHub(lambda *_args, **_fields: None)
    application = BBSApplication(member, context, no_cells, events=hub)
    server = BBSServer(member, application, CollectorRegistry(), Credentials(certificates.server()))
    server.start(Bind("127.0.0.1", 0), None)
    async with Raw(server.address.port, certificates.context()) as raw:
        yield raw
    await server.close(0.1)


def test_the_tables_of_routes_and_streams_hold_these_and_no_others() -> None:
    assert {route.path for route in ROUTES} | {CELLS_PATH} == {f"/v1/{path}" for path in SERVED} | OURS
    assert {stream.path: stream.method for stream in STREAMS} == {f"/v1/{path}": m for path, m in STREAMED.items()}
    assert len(SERVED) + len(STREAMED) == 50


@pytest.mark.parametrize("path", SERVED)
async def test_an_empty_body_is_a_message_and_its_answer_is_200_with_an_exact_length(raw: Raw, path: str) -> None:
    raw.send(post(f"/v1/{path}"))
    reply = await raw.reply()
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/x-protobuf")
    assert "Content-Encoding" not in reply.headers
    raw.send(post("/v1/ping", b"", "Accept-Encoding: gzip"))
    assert (await raw.reply()).body == b"\x08\x01"


@pytest.mark.parametrize("path", SERVED)
async def test_a_get_of_a_route_is_not_allowed(raw: Raw, path: str) -> None:
    raw.send(f"GET /v1/{path} HTTP/1.1\r\nHost: bbs\r\n\r\n".encode())
    reply = await raw.reply()
    assert (reply.status, reply.headers["Allow"], reply.body) == (405, "POST", b"Method Not Allowed\n")
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(("path", "method"), STREAMED.items())
async def test_a_stream_is_subscribed_by_its_method_alone(raw: Raw, path: str, method: str) -> None:
    other = "POST" if method == "GET" else "GET"
    raw.send(f"{other} /v1/{path} HTTP/1.1\r\nHost: bbs\r\nContent-Length: 0\r\n\r\n".encode())
    reply = await raw.reply()
    assert (reply.status, reply.headers["Allow"], reply.body) == (405, method, b"Method Not Allowed\n")
    raw.send(f"{method} /v1/{path} HTTP/1.1\r\nHost: bbs\r\nContent-Length: 0\r\n\r\n".encode())
    assert (await raw.reply()).status == 503  # this hub is not open: the route is there


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("path", [*RETIRED, *NEVER_THERE])
async def test_a_retired_or_unknown_revision_is_not_found_by_any_method(raw: Raw, path: str, method: str) -> None:
    raw.send(f"{method} /v1/{path} HTTP/1.1\r\nHost: bbs\r\nContent-Length: 0\r\n\r\n".encode())
    reply = await raw.reply()
    assert (reply.status, reply.body) == (404, b"404 page not found\n")
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
