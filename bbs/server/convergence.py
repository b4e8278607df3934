"""The routes of an external converger: take the turn, fetch, update, give it back.

Source: docs/reference/external-converger.md.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
from pydantic import ValidationError

from bbs.convergence.updates import Applied, Updates
from bbs.master.external import ExternalConvergence
from bbs.master.serving import AdminRefusal
from bbs.models.records import Kind
from bbs.models.state import Entry
from bbs.server.message import Request, Response, document

TOGETHER = 500
"""Records in one chunk of a fetch."""

Run = Callable[[ExternalConvergence, Request], Awaitable[Response]]


async def _hold(convergence: ExternalConvergence, request: Request) -> Response:
    fields = _fields(request.body, owner=str, ttl_s=(int, float))
    return document(200, await convergence.hold(fields["owner"], float(fields["ttl_s"])))


async def _release(convergence: ExternalConvergence, request: Request) -> Response:
    return document(200, await convergence.release(_fields(request.body, owner=str)["owner"]))


async def _run(convergence: ExternalConvergence, _request: Request) -> Response:
    return document(202, await convergence.ask())


async def _update(convergence: ExternalConvergence, request: Request) -> Response:
    try:
        updates = Updates.model_validate_json(request.body)
        steps = [Applied(step) for step in updates.steps]
    except ValidationError as error:
        first = error.errors()[0]
        raise _malformed(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except ValueError as error:
        raise _malformed(str(error)) from error
    return document(200, await convergence.update(updates.owner, updates.epoch, steps))


def _fetch(kind: Kind) -> Run:
    async def fetch(convergence: ExternalConvergence, _request: Request) -> Response:
        return Response(200, "application/x-ndjson", stream=_lines(convergence.records(kind)), guarded=True)

    return fetch


async def _lines(entries: list[Entry]) -> AsyncIterator[bytes]:
    for at in range(0, len(entries), TOGETHER):
        yield b"".join(_line(entry) for entry in entries[at : at + TOGETHER])


def _line(entry: Entry) -> bytes:
    data = base64.b64encode(entry.data).decode()
    return orjson.dumps({"key": entry.key, "data": data, "deadline": entry.deadline}) + b"\n"


ROWS: dict[str, tuple[str, Run]] = {
    "/convergence/v1/turn": ("PUT", _hold),
    "/convergence/v1/release": ("POST", _release),
    "/convergence/v1/update": ("POST", _update),
    "/convergence/v1/run": ("POST", _run),
    **{f"/convergence/v1/records/{kind.value}": ("GET", _fetch(kind)) for kind in Kind},
}
"""Method and handler by path."""


def _fields(body: bytes, **wanted: type | tuple[type, ...]) -> dict[str, Any]:
    try:
        given = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise _malformed(f"the body is no JSON: {error}") from error
    if not isinstance(given, dict) or set(given) != set(wanted):
        raise _malformed(f"wanted is an object with exactly: {', '.join(wanted)}")
    for name, of in wanted.items():
        if not isinstance(given[name], of) or isinstance(given[name], bool):
            raise _malformed(f"the member {name!r} is {given[name]!r}")
    return given


def _malformed(message: str) -> AdminRefusal:
    return AdminRefusal(422, "MalformedRequest", message, "see docs/reference/external-converger.md")
