"""Prefixes of guids, read as the real BBS's databases read them: as patterns of LIKE with `%` behind.

`_` is any character, `%` any text, a backslash takes its meaning from what follows. Plain prefixes, which is what
clients send, are looked up; patterns are searched piece by piece, so that none takes more than length times length.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable

from bbs.models.errors import Refused, invalid_request
from bbs.models.limits import looked_up

WILD_LIMIT = 4096
"""Characters of all prefixes with `_`, `%` or a backslash in one request: each is tried on every desired LRP."""

_TOKEN = re.compile(r"\\.|.", re.DOTALL)
_WILD = re.compile(r"[_%\\]")


def begins_with(prefixes: Iterable[str]) -> Callable[[str], bool]:
    """Whether a guid begins with one of them. Refuses too many patterns."""
    plain: list[str] = []
    wild: list[str] = []
    for prefix in map(looked_up, prefixes):
        (wild if _WILD.search(prefix) else plain).append(prefix)
    if sum(map(len, wild)) > WILD_LIMIT:
        raise Refused(invalid_request(f"app guids with wildcards have more than {WILD_LIMIT} characters"))
    pattern = re.compile("|".join(_expression(prefix + "%") for prefix in wild) or "(?!)", re.DOTALL)
    shortest = _shortest(plain)

    def begins(guid: str) -> bool:
        at = bisect.bisect_right(shortest, guid)
        return (at > 0 and guid.startswith(shortest[at - 1])) or pattern.fullmatch(guid) is not None

    return begins


def _shortest(prefixes: Iterable[str]) -> list[str]:
    """In order, without those that begin with another: then only the last one up to a guid can be its beginning."""
    found: list[str] = []
    for prefix in sorted(prefixes):
        if not found or not prefix.startswith(found[-1]):
            found.append(prefix)
    return found


def _expression(pattern: str) -> str:
    """A pattern of LIKE as a regular expression of the whole text.

    Each piece behind a `%` but the last takes its first place for good: a later one could not help those behind it.
    """
    first, *others = _pieces(pattern)
    if not others:
        return first
    *middle, last = others
    return "".join((first, *(f"(?>.*?{piece})" for piece in middle), ".*", last))


def _pieces(pattern: str) -> list[str]:
    """What stands between the `%`, each piece as a regular expression of a fixed length."""
    pieces = [""]
    for token in _TOKEN.findall(pattern):
        if token == "%":
            pieces.append("")
        elif token == "_":
            pieces[-1] += "."
        else:
            pieces[-1] += re.escape(token[-1])
    return pieces
