"""Route values: JSON documents kept as text, in the one spelling that clients read back.

The spelling is that of the real BBS: no insignificant white space; `<`, `>`, `&`, U+2028 and U+2029 escaped; numbers
and everything else as given.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bbs.models.errors import INVALID_REQUEST, Refused
from bbs.models.json_text import require_document
from bbs.models.limits import readable
from bbs.wire.desired_lrp_pb2 import DesiredLRP, ProtoRoutes

INTERNAL_ROUTER = "internal-router"

_SPACE = re.compile(rb"[ \t\r\n]")
_STRING_OR_SPACE = re.compile(rb'("(?:[^"\\]|\\.)*")|[ \t\r\n]+', re.DOTALL)
_ESCAPES = (
    (b"<", b"\\u003c"),
    (b">", b"\\u003e"),
    (b"&", b"\\u0026"),
    (b"\xe2\x80\xa8", b"\\u2028"),
    (b"\xe2\x80\xa9", b"\\u2029"),
)


def canonical(value: bytes) -> bytes:
    """The stored spelling of a value. Refuses what is no JSON, and `null`, which the real BBS can't read back."""
    try:
        require_document(value.decode("utf-8", "surrogateescape"))
    except ValueError as error:
        raise Refused(INVALID_REQUEST) from error
    compact = _STRING_OR_SPACE.sub(lambda found: found[1] or b"", value) if _SPACE.search(value) else value
    for plain, escaped in _ESCAPES:
        compact = compact.replace(plain, escaped)
    if compact == b"null":
        raise Refused(INVALID_REQUEST)
    return compact


def set_routes(lrp: DesiredLRP, routes: ProtoRoutes) -> None:
    """Replaces all routes by those given, in canonical spelling; the member is there even when empty."""
    values = {key: canonical(value) for key, value in routes.routes.items()}
    lrp.routes.ClearField("routes")
    lrp.routes.SetInParent()
    lrp.routes.routes.update(values)


def internal_hostnames(lrp: DesiredLRP) -> tuple[str, ...] | None:
    """The host names of the internal routes; None when the key is absent or holds something else."""
    if INTERNAL_ROUTER not in lrp.routes.routes:
        return None
    try:
        listed = json.loads(readable(lrp.routes.routes[INTERNAL_ROUTER]))
        return tuple(_hostname(route) for route in listed)
    except (ValueError, TypeError, RecursionError):
        return None


def _hostname(route: Any) -> str:
    """As Go reads it: empty where there is none. Raises TypeError for what is no route."""
    hostname = None if route is None else _object(route).get("hostname")
    if hostname is not None and not isinstance(hostname, str):
        message = f"a host name that is {type(hostname).__name__}"
        raise TypeError(message)
    return hostname or ""


def _object(route: Any) -> dict[str, Any]:
    if not isinstance(route, dict):
        message = f"a route that is {type(route).__name__}"
        raise TypeError(message)
    return route
