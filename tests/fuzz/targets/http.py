"""A connection's bytes: requests in, answers out. Input: how they arrive in pieces, then the bytes.

Everything between socket and records takes part: parser, limits, application, own routes, the head of the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from random import Random

import httptools
from google.protobuf.message import Message

from bbs.server import BBSApplication
from bbs.server.head import head
from bbs.server.message import PROTOBUF, Request, Response
from bbs.server.parsing import Budget, Limits, RequestReader
from tests.fuzz.corpus import bodies
from tests.fuzz.responses import RESPONSES
from tests.fuzz.target import Target
from tests.server.member import Member, context, no_cells
from tests.server.raw import post

LIMITS = Limits(head=8192, body=32768)
STATUSES = {200, 202, 400, 403, 404, 405, 412, 413, 417, 422, 431, 503}


class _Parsed:
    """The answer as a client's parser sees it."""

    def __init__(self) -> None:
        self.body = b""
        self.whole = False

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.whole = True


def check(data: bytes) -> None:
    """Each request is answered, however it arrives; nothing of it is held afterwards."""
    dice, content = Random(data[:1]), data[1:]
    application, budget = BBSApplication(Member(), context, no_cells), Budget(65536)
    whole = _read(application, Budget(65536), [content])
    pieces = _read(application, budget, list(_pieces(content, dice)))
    assert budget.used == 0, f"{budget.used} bytes of a body that is over are still held"
    seen, wanted = _with_heads(pieces), _with_heads(whole)
    assert seen == wanted[: len(seen)], "what arrives in pieces is another request"
    for request in pieces.ready:
        request.peer = dice.choice(("diego-operator", "bbs", "anybody"))
        _require_answer(request, _answer(application, request))


def _read(application: BBSApplication, budget: Budget, pieces: list[bytes]) -> RequestReader:
    reader = RequestReader(LIMITS, budget, application.wants_body)
    for piece in pieces:
        reader.feed(piece)
    assert reader.failure is None or reader.failure in STATUSES
    assert all(len(request.body) <= LIMITS.body for request in reader.ready)
    reader.release()
    return reader


def _with_heads(reader: RequestReader) -> list[tuple[str, str, dict[str, str], bytes]]:
    """All but a line with an unknown method: that one is answered only where it comes whole and alone."""
    parsed = [request for request in reader.ready if request.headers or request.keep_alive]
    return [(request.method, request.path, request.headers, request.body) for request in parsed]


def _pieces(content: bytes, dice: Random) -> Iterator[bytes]:
    at, most = 0, dice.choice((1, 7, 100, 1000))
    while at < len(content):
        size = dice.randint(1, most)
        yield content[at : at + size]
        at += size


def _answer(application: BBSApplication, request: Request) -> Response:
    answer = application.answer(request)
    if isinstance(answer, Response):
        return answer

    async def waited() -> Response:
        return await answer

    return asyncio.run(waited())


def _require_answer(request: Request, response: Response) -> None:
    assert response.status in STATUSES
    body = response.body if isinstance(response.body, bytes) else b"".join(response.body)
    parsed = _Parsed()
    if request.method != "HEAD":
        httptools.HttpResponseParser(parsed).feed_data(head(response, len(body), close=False) + body)
        assert parsed.whole
        assert parsed.body == body
    if response.content_type == PROTOBUF and request.path in RESPONSES:
        message: Message = RESPONSES[request.path].FromString(body)
        assert message is not None


def _seeds() -> list[bytes]:
    recorded = [post(path, body, "X-Vcap-Request-Id: 0a1b") for path, sent in bodies().items() for body in sent[:4]]
    admin = [
        post("/admin/v1/prepare", b'{"version":4000000001}'),
        post("/admin/v1/target", b'{"version":0,"token":"t","if_generation":3}').replace(b"POST", b"PUT"),
        post("/admin/v1/drop-roots", b'{"roots":["a"],"if_generation":3}'),
        post("/admin/v1/step-down", b'{"epoch":7}'),
    ]
    chunked = (
        b"POST /v1/domains/upsert HTTP/1.1\r\nHost: bbs\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\n\x0a\x01a\r\n0;x=y\r\nTrailer: v\r\n\r\n"
    )
    waiting = post("/v1/domains/upsert", b"\x0a\x01a\x10\x01", "Expect: 100-continue")
    status = b"GET /status HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    upgrade = b"GET /status HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    seeds = [*recorded, *admin, chunked, waiting, status, upgrade, b"BREW /v1/ping HTTP/1.1\r\n\r\n", status * 3]
    return [bytes((number % 256,)) + seed for number, seed in enumerate(seeds)]


TARGET = Target(
    "http",
    "what arrives is answered as HTTP, whatever it is and however it is cut",
    _seeds(),
    check,
    words=(
        *(b"\r\n", b"\r\n\r\n", b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"POST ", b" HTTP/1.1\r\n"),
        *(
            b"Host: a\r\n",
            b"Expect: 100-continue\r\n",
            b"Connection: close\r\n",
            b"HEAD /status",
            b"PRI * HTTP/2.0\r\n",
        ),
        *(b"0\r\n\r\n", b"ffffffffffffffff\r\n", b"http://bbs/v1/ping", b"/../", b"%2e", b"?", b"#", b"\x16\x03\x01"),
    ),
    weight=2,
)
