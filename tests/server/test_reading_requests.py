"""The reader of requests takes any bytes, in any pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bbs.server.parsing import Budget, Limits, RequestReader
from tests.server.raw import post

WORDS = st.sampled_from(
    [
        post("/v1/ping"),
        post("/v1/domains/upsert", b"\n\x04apps"),
        b"POST /v1/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"GET /status HTTP/1.0\r\n\r\n",
        b"POST /v1/ping HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nabcde",
        b"\r\n",
        b"FOO /v1/ping HTTP/1.1\r\n\r\n",
        b"POST /v1/ping HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        b"\x16\x03\x01\x00",
    ]
)


def read(pieces: list[bytes]) -> tuple[list[tuple[str, str, bytes]], int]:
    budget = Budget()
    reader = RequestReader(Limits(head=4096, body=64), budget, lambda _method, _path: True)
    for piece in pieces:
        reader.feed(piece)
    reader.release()
    return [(request.method, request.path, request.body) for request in reader.ready], budget.used


@given(st.lists(st.binary(max_size=200), max_size=8))
def test_no_bytes_are_too_odd(pieces: list[bytes]) -> None:
    _, held = read(pieces)
    assert held == 0


@given(st.lists(WORDS.filter(lambda word: not word.startswith((b"FOO", b"\x16"))), max_size=6), st.data())
def test_where_the_bytes_are_cut_makes_no_difference(words: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(words)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert read(pieces) == read([whole])


@given(st.lists(WORDS, max_size=6))
def test_what_came_before_a_malformed_request_is_kept(words: list[bytes]) -> None:
    requests, held = read([*words, post("/v1/last")])
    assert held == 0
    assert all(path for _, path, _ in requests)


def test_a_line_that_is_no_request_is_not_taken_for_the_request_before_it() -> None:
    requests, _ = read([post("/v1/domains/upsert", b"\n\x04apps") + b"BREW /v1/ping HTTP/1.1\r\n\r\n"])
    assert requests == [("POST", "/v1/domains/upsert", b"\n\x04apps")]
    assert read([b"BREW /v1/ping HTTP/1.1\r\n\r\n"])[0] == [("BREW", "/v1/ping", b"")]
