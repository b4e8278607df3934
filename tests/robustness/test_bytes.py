"""Bytes that are no request, and requests that are no message."""

from __future__ import annotations

import asyncio
from random import Random

from bbs.wire import container_pb2 as container
from bbs.wire.desired_lrp_pb2 import DesiredLRPLifecycleResponse, DesiredLRPsResponse
from tests.fuzz.corpus import bodies
from tests.fuzz.responses import RESPONSES
from tests.models import requests
from tests.robustness.server import MIB, PATIENCE_S, Server
from tests.server.raw import Raw, post


async def test_random_bytes_are_answered_and_the_connection_ends(server: Server) -> None:
    dice = Random(1)

    async def stranger(data: bytes) -> None:
        async with server.raw() as raw:
            raw.send(data)
            answer = await asyncio.wait_for(raw.reader.read(), PATIENCE_S)
            assert answer.startswith(b"HTTP/1.1 400 ")

    async with server.keeps(200 * MIB), server.serves_others():
        await asyncio.gather(*(stranger(b"\0" + dice.randbytes(dice.randrange(1, 4000))) for _ in range(50)))


async def test_bytes_that_are_no_tls_end_the_connection(server: Server) -> None:
    dice = Random(2)

    async def stranger(data: bytes) -> None:
        async with Raw(server.port) as raw:
            raw.send(data)
            answer = await asyncio.wait_for(raw.reader.read(), PATIENCE_S)
            assert len(answer) < 100  # an alert, at most

    async with server.keeps(200 * MIB), server.serves_others():
        await asyncio.gather(*(stranger(post("/v1/ping") + dice.randbytes(2000)) for _ in range(50)))


async def test_a_truncated_message_is_answered_by_its_route(server: Server) -> None:
    async with server.keeps(200 * MIB), server.raw() as raw:
        for path, body in ((one, body) for one in RESPONSES for body in bodies().get(one, ())[:3]):
            raw.send(post(path, body[: len(body) // 2]))
            reply = await raw.reply()
            if reply.status == 404 and path == "/v1/tasks/desire.r3":
                continue  # half a task names no callback, and is sent to the older revision
            assert (reply.status, reply.headers["Content-Type"]) == (200, "application/x-protobuf")
            assert RESPONSES[path].FromString(reply.body) is not None


async def test_an_action_nested_ten_thousand_deep_is_taken_and_listed(server: Server) -> None:
    action = requests.RUN
    for _ in range(10_000):
        action = container.Action(try_action=container.TryAction(action=action)).SerializeToString()
    async with server.keeps(300 * MIB), server.serves_others():
        reply = await server.post("/v1/desired_lrp/desire.r2", requests.lrp("deep", action=action).SerializeToString())
        assert reply.body == b""
        listed = DesiredLRPsResponse.FromString((await server.post("/v1/desired_lrps/list.r3")).body)
        assert [lrp.action for lrp in listed.desired_lrps if lrp.process_guid == "deep"] == [action]
        remove = b"\x0a\x04deep"
        assert (await server.post("/v1/desired_lrp/remove", remove)).body == b""


async def test_two_thousand_million_instances_are_refused(server: Server) -> None:
    async with server.keeps(200 * MIB), server.serves_others():
        body = requests.lrp("crowd", instances=(1 << 31) - 1).SerializeToString()
        reply = await server.post("/v1/desired_lrp/desire.r2", body)
        assert DesiredLRPLifecycleResponse.FromString(reply.body).error.message.startswith("Invalid field: instances")
