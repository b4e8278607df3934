"""The JSON of the admin routes. Input: which route, then the body."""

from __future__ import annotations

import asyncio

import orjson

from bbs.server import own
from bbs.server.message import JSON, Request
from tests.fuzz.target import Target
from tests.server.member import Member

OPERATOR = "diego-operator"
PATHS = sorted(own.COMMANDS)
LOOP = asyncio.new_event_loop()


def check(data: bytes) -> None:
    """Carried out with members of the declared types, or refused as a document with a remedy."""
    path = PATHS[(data[:1] or b"\0")[0] % len(PATHS)]
    row, member = own.COMMANDS[path], Member()
    request = Request(row.method, path, body=data[1:], peer=OPERATOR)
    answer = LOOP.run_until_complete(own.command(row, request, member, frozenset({OPERATOR})))
    document = orjson.loads(answer.body)  # type: ignore[arg-type]
    assert answer.content_type == JSON
    if answer.status == row.status:
        assert member.calls
    else:
        assert answer.status in (412, 422)
        assert set(document) == {"code", "message", "remedy"}


TARGET = Target(
    "admin",
    "an admin call is carried out as declared, or refused with a remedy",
    [
        bytes((at,)) + body
        for at in range(len(PATHS))
        for body in (
            b'{"version":4000000001}',
            b'{"version":0,"token":"t","if_generation":3,"max_records_per_second":100}',
            b'{"name":"key1","if_generation":3}',
            b'{"epoch":7}',
            b'{"roots":["r@1-1"],"if_generation":3}',
            b"",
        )
    ],
    check,
    words=(
        b"null",
        b"true",
        b"-1",
        b"1.0",
        b"1e999",
        b"[" * 3000,
        b'{"a":' * 3000,
        b'"\\ud800"',
        b'"version":',
        b"[1]",
    ),
)
