"""Route values: JSON documents kept as text, in the one spelling that clients read back.

The spelling is that of the real BBS: no insignificant white space; `<`, `>`, `&`, U+2028 and U+2029 escaped; numbers
and everything else as given.
"""

from __future__ import annotations

import json
import re

from bbs.models.errors import INVALID_REQUEST, Refused
from bbs.wire.desired_lrp_pb2 import DesiredLRP, ProtoRoutes

INTERNAL_ROUTER = "internal-router"

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
        if json.loads(value.decode("utf-8", "surrogateescape"), parse_constant=_no_constant) is None:
            raise Refused(INVALID_REQUEST)
    except (ValueError, RecursionError) as error:
        raise Refused(INVALID_REQUEST) from error
    compact = _STRING_OR_SPACE.sub(lambda found: found[1] or b"", value)
    for plain, escaped in _ESCAPES:
        compact = compact.replace(plain, escaped)
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
        return tuple(str(route["hostname"]) for route in json.loads(lrp.routes.routes[INTERNAL_ROUTER]))
    except (ValueError, TypeError, KeyError):
        return None


def _no_constant(name: str) -> None:
    msg = f"{name} is not JSON"
    raise ValueError(msg)
