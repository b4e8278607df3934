"""The text of validation failures and how they refuse a request.

Each rule gives a list of texts, nested ones flattened into the same list; the order is that of the real BBS.
"""

from __future__ import annotations

import re
from typing import Any

from bbs.models.errors import Refused, invalid_request

Failures = list[str]

_GUID = re.compile(r"[a-zA-Z0-9_-]+")


def field(name: str) -> str:
    """The text for a field that fails its rule."""
    return f"Invalid field: {name}"


def require(failures: Failures) -> None:
    """Refuse with all failures in one message, if there are any."""
    if failures:
        raise Refused(invalid_request(", ".join(failures)))


def missing(message: Any, *names: str) -> Failures:
    """One failure for each of the named string fields that is empty."""
    return [field(name) for name in names if not getattr(message, name)]


def negative(message: Any, *names: str) -> Failures:
    """One failure for each of the named numbers below zero."""
    return [field(name) for name in names if getattr(message, name) < 0]


def guid(name: str, value: str) -> Failures:
    """A guid of letters, digits, `_` and `-`."""
    return [] if isinstance(value, str) and _GUID.fullmatch(value) else [field(name)]


def size(value: str | bytes) -> int:
    """Bytes on the wire; a string that is not UTF-8 arrives as bytes."""
    return len(value) if isinstance(value, bytes) else len(value.encode())
