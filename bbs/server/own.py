"""Routes that are ours, not Diego's: one row each. They answer while `/v1` says 503."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from bbs.master.serving import AdminRefusal, NotServing, Redirect, Serving
from bbs.server.instead import instead, refusal
from bbs.server.message import Request, Response, document

Stream = Callable[[Request], AsyncIterator[bytes]]
"""Subscribes when it is called, so before the head of the answer is sent; raises NotServing."""

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """One admin route. `fields`: name -> type, a trailing `?` marks one that may be left out."""

    method: str
    fields: dict[str, type]
    run: Callable[[Serving, Fields], Awaitable[dict[str, Any] | None]]
    status: int = 200
    each_member: bool = False
    """Answered by whoever is asked; the others belong to the master, and a standby sends them there."""


async def _prepare(serving: Serving, fields: Fields) -> None:
    await serving.prepare(fields["version"])


async def _target(serving: Serving, fields: Fields) -> dict[str, Any]:
    limit = fields.get("max_records_per_second")
    return await serving.set_target(
        fields["version"], fields["token"], fields["if_generation"], limit, fields.get("mode")
    )


async def _active_key(serving: Serving, fields: Fields) -> dict[str, Any]:
    limit = fields.get("max_records_per_second")
    return await serving.set_active_key(fields["name"], fields["if_generation"], fields.get("if_active"), limit)


async def _move(serving: Serving, fields: Fields) -> dict[str, Any]:
    return await serving.set_move(fields["token"], fields["if_generation"], wanted=fields["wanted"])


async def _step_down(serving: Serving, fields: Fields) -> None:
    await serving.step_down(fields["epoch"])


async def _drop_roots(serving: Serving, fields: Fields) -> dict[str, Any]:
    return await serving.drop_roots(fields["roots"], fields["if_generation"])


COMMANDS: dict[str, Command] = {
    "/admin/v1/prepare": Command("POST", {"version": int}, _prepare, 202, each_member=True),
    "/admin/v1/target": Command(
        "PUT",
        {"version": int, "token": str, "if_generation": int, "max_records_per_second?": int, "mode?": str},
        _target,
    ),
    "/admin/v1/active-key": Command(
        "PUT", {"name": str, "if_generation": int, "if_active?": str, "max_records_per_second?": int}, _active_key
    ),
    "/admin/v1/move": Command("PUT", {"wanted": bool, "token": str, "if_generation": int}, _move),
    "/admin/v1/step-down": Command("POST", {"epoch": int}, _step_down, 202),
    "/admin/v1/drop-roots": Command("POST", {"roots": list, "if_generation": int}, _drop_roots),
}


async def command(row: Command, request: Request, serving: Serving, admins: frozenset[str]) -> Response:
    """Check who asks and what, then run it. Refusals are documents, never exceptions."""
    try:
        require(request, admins, "admin routes")
        fields = _fields(row, request.body)
        if not row.each_member and isinstance(gate := serving.gate(), Redirect):
            return instead(gate, request)
        return document(row.status, await row.run(serving, fields) or {})
    except AdminRefusal as refused:
        return refusal(refused)
    except NotServing as not_serving:
        return instead(not_serving.instead, request)


def status(serving: Serving) -> Response:
    """The member's own status."""
    return Response(200, "application/json", orjson.dumps(serving.status()) + b"\n")


def follow(request: Request, serving: Serving, stream: Stream | None, followers: frozenset[str]) -> Response:
    """The commit stream for standbys, under the lease like every other word of a master."""
    if request.peer not in followers:
        return refusal(_wrong_certificate(request, followers, "the stream"))
    if isinstance(gate := serving.gate(), Redirect):
        return instead(gate, request)
    if stream is None:
        return refusal(AdminRefusal(422, "NoStream", "this member has no stream", "load from the store"))
    try:
        chunks = stream(request)
    except NotServing as not_serving:
        return instead(not_serving.instead, request)
    return Response(200, "application/octet-stream", stream=chunks, guarded=True)


def require(request: Request, names: frozenset[str], what: str) -> None:
    """Refuse any certificate but those of `names`. Raises AdminRefusal."""
    if request.peer not in names:
        raise _wrong_certificate(request, names, what)


def _wrong_certificate(request: Request, wanted: frozenset[str], what: str) -> AdminRefusal:
    names = ", ".join(sorted(wanted))
    message = f"the certificate is of {request.peer!r}; {what} want one of: {names}"
    return AdminRefusal(403, "WrongCertificate", message, "call with such a certificate")


def _fields(row: Command, body: bytes) -> Fields:
    try:
        given = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise _malformed(f"the body is no JSON: {error}") from error
    if not isinstance(given, dict):
        raise _malformed("the body is no JSON object")
    known = {name.rstrip("?"): name for name in row.fields}
    for name in given:
        if name not in known:
            raise _malformed(f"unknown member {name!r}; known are: {', '.join(known)}")
    return {name: given[name] for name, declared in known.items() if _present(given, name, declared, row)}


def _present(given: Fields, name: str, declared: str, row: Command) -> bool:
    value = given.get(name)
    if value is None:
        if declared.endswith("?"):
            return False
        raise _malformed(f"the member {name!r} is missing")
    wanted = row.fields[declared]
    if not _fits(value, wanted):
        raise _malformed(f"the member {name!r} is {value!r}; wanted is {_WORDS[wanted]}")
    return True


def _fits(value: Any, wanted: type) -> bool:
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if wanted is list:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, wanted)


_WORDS = {int: "a whole number, not negative", str: "text", bool: "true or false", list: "a list of texts"}


def _malformed(message: str) -> AdminRefusal:
    return AdminRefusal(422, "MalformedRequest", message, "see docs/reference/http.md for the members of each call")
