"""Requests, answers and routes as data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `params` are the named parts of the path, `peer` the CN of its certificate ("" if plain)."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes
    peer: str

    def json(self) -> Any:
        """The body as JSON; a Refusal (400) that says what is wrong when it is not."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise Refusal(400, f"the body is not JSON: {error}") from error


@dataclass(frozen=True, slots=True)
class Response:
    """One answer."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Ends a handler with `status` and {"error": text}."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """One row of a route table: `/v1/tasks/{task_guid}/cancel` names its parts; `only` is the CN that may call it."""

    method: str
    pattern: str
    handler: Handler
    only: str | None = None

    def match(self, path: str) -> dict[str, str] | None:
        """The named parts when `path` fits, else None. No part may be empty but the last of `/`."""
        wanted, seen = self.pattern.split("/"), path.split("/")
        if len(wanted) != len(seen):
            return None
        params: dict[str, str] = {}
        for pattern, part in zip(wanted, seen, strict=True):
            if pattern.startswith("{"):
                params[pattern[1:-1]] = part
            elif pattern != part:
                return None
        return params


def json_response(value: Any, status: int = 200) -> Response:
    """`value` as JSON."""
    return Response(status, orjson.dumps(value))
