"""What a server says before it answers is no answer."""

from __future__ import annotations

import asyncio

import pytest

from bbs.client.connection import connect

ANSWER = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy"


@pytest.mark.parametrize("interim", [b"100 Continue\r\n", b"103 Early Hints\r\nLink: </a>\r\n", b"102 Processing\r\n"])
async def test_an_interim_answer_is_passed_over(interim: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 " + interim + b"\r\n" + ANSWER)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server, asyncio.timeout(30):
        port = server.sockets[0].getsockname()[1]
        connection = await connect("127.0.0.1", port, None, "127.0.0.1")
        answer = await connection.request("POST", "/", {"Host": "x"}, b"")
        assert (answer.status, answer.body, answer.headers.get("link")) == (503, b"busy", None)
        opened = await connection.open("POST", "/", {"Host": "x"}, b"")
        assert opened.status == 503
        connection.abort()
