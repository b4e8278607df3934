"""Big answers, big requests and many connections: bounded memory, and nobody starves."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from bbs.models.frames import SLICE, response
from bbs.models.records import Kind
from bbs.models.routes import QueryRoute
from bbs.models.state import Entry
from bbs.server import BBSApplication
from bbs.server.listener import Listener, Times
from bbs.server.message import Request, Response
from tests.certificates import Certificates
from tests.server.conftest import StartServer
from tests.server.member import Member, context, no_cells
from tests.server.raw import Raw, post

MIB = 1024 * 1024
BODY = b"x" * (40 * MIB)


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def listener(routes: dict[str, bytes]) -> Listener:
    rows = [QueryRoute(path, lambda _body, _view, _context, body=body: body) for path, body in routes.items()]
    return Listener(BBSApplication(Member(), context, no_cells, routes=rows), lambda: True)


async def test_a_big_answer_arrives_whole(start_server: StartServer, certificates: Certificates) -> None:
    serving = listener({"/v1/bulk": BODY})
    _, port = serving.start("127.0.0.1", 0)
    async with Raw(port) as raw:
        raw.send(post("/v1/bulk"))
        reply = await raw.reply()
        assert len(reply.body) == len(BODY)
    await serving.close(0.1)


def entry(number: int) -> Entry:
    return Entry(Kind.TASKS, f"t{number}", b"%06d" % number, 0, f"t{number}")


async def test_a_list_of_many_records_is_whole_and_in_order_and_says_its_length() -> None:
    entries = [entry(number) for number in range(3 * SLICE + 7)]
    rows = [QueryRoute("/v1/list", lambda *_: response(entries, "test", lambda entry: entry.data))]
    serving = Listener(BBSApplication(Member(), context, no_cells, routes=rows), lambda: True)
    _, port = serving.start("127.0.0.1", 0)
    async with Raw(port) as raw:
        raw.send(post("/v1/list"))
        reply = await raw.reply()
    assert reply.body == b"".join(b"\x12\x06%06d" % number for number in range(len(entries)))
    await serving.close(0.1)


async def test_others_get_their_turn_while_a_long_list_is_put_together() -> None:
    """Preparing the frames of all records for the first time takes long."""
    turns: list[str] = []

    def build(one: Entry) -> bytes:
        if int(one.key[1:]) % SLICE == 0:
            turns.append("slice")
        return one.data

    def other() -> None:
        turns.append("other")
        if turns.count("slice") < 4:
            asyncio.get_running_loop().call_soon(other)

    rows = [QueryRoute("/v1/list", lambda *_: response([entry(n) for n in range(4 * SLICE)], "test", build))]
    application = BBSApplication(Member(), context, no_cells, routes=rows)
    pending = application.answer(Request("POST", "/v1/list"))
    assert not isinstance(pending, Response)
    other()
    await pending
    assert turns[:8] == ["other", "slice"] * 4


async def test_small_calls_get_their_turn_beside_bulk_readers() -> None:
    serving = listener({"/v1/bulk": BODY, "/v1/small": b"ok"})
    _, port = serving.start("127.0.0.1", 0)

    async def bulk() -> None:
        async with Raw(port) as raw:
            raw.send(post("/v1/bulk"))
            await raw.reply()

    readers = [asyncio.create_task(bulk()) for _ in range(3)]
    answered = 0
    async with Raw(port) as raw:
        while not all(reader.done() for reader in readers):
            raw.send(post("/v1/small"))
            await raw.reply()
            answered += 1
    await asyncio.gather(*readers)
    assert answered > 10
    await serving.close(0.1)


async def test_many_slow_readers_hold_little_memory() -> None:
    serving = listener({"/v1/bulk": BODY})
    _, port = serving.start("127.0.0.1", 0)
    before = resident()
    raws = [Raw(port) for _ in range(100)]
    for raw in raws:
        await raw.__aenter__()
        raw.writer.transport.pause_reading()
        raw.send(post("/v1/bulk"))
    await asyncio.sleep(1)
    grown = resident() - before
    for raw in raws:
        await raw.__aexit__(None, None, None)
    assert grown < 100 * MIB
    await serving.close(0.1)


async def test_a_body_of_100_mb_is_refused_without_being_kept(start_server: StartServer) -> None:
    server = await start_server(tls=False)
    before = resident()
    async with Raw(server.address.port) as raw:
        raw.send(b"POST /v1/domains/upsert HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(100):
            raw.send(b"%x\r\n" % MIB + bytes(MIB) + b"\r\n")
            await raw.writer.drain()
        assert (await raw.reply()).status == 413
    assert resident() - before < 250 * MIB


async def test_who_rests_is_closed_after_the_keep_alive_time_and_not_before(start_server: StartServer) -> None:
    assert Times().idle > 90
    server = await start_server(tls=False, times=Times(idle=1.0))
    async with Raw(server.address.port) as raw:
        raw.send(post("/v1/ping"))
        await raw.reply()
        began = time.monotonic()
        assert await raw.ends() == b""
        assert time.monotonic() - began >= 0.9
