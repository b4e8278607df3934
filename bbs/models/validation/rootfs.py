"""The rule for a root file system: a URL with a scheme, as Go's `url.Parse` reads it."""

from __future__ import annotations

import re

from bbs.models.validation.failures import Failures, field

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PORT = re.compile(r"(:[0-9]*)?")
_HOST_FORBIDDEN = re.compile(r"[ \"<>^`{|}\\]")
_IP_LITERAL = re.compile(r"\[([0-9A-Fa-f:.]+(%25[^\]]*)?)\](:[0-9]*)?")


def rootfs_failures(value: str) -> Failures:
    """`rootfs` unless `value` parses and names a scheme."""
    return [] if isinstance(value, str) and _parses(value) else [field("rootfs")]


def _parses(value: str) -> bool:
    if _CONTROL.search(value):
        return False
    scheme = _SCHEME.match(value)
    if scheme is None:
        return False
    rest, _, fragment = value[scheme.end() :].partition("#")
    rest = rest.partition("?")[0]
    if _BAD_ESCAPE.search(fragment):
        return False
    if not rest.startswith("/"):
        return True
    if rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        return _authority(authority) and not _BAD_ESCAPE.search(slash + path)
    return not _BAD_ESCAPE.search(rest)


def _authority(authority: str) -> bool:
    host = authority.rpartition("@")[2]
    if _BAD_ESCAPE.search(authority):
        return False
    if host.startswith("["):
        return _IP_LITERAL.fullmatch(host) is not None
    if _HOST_FORBIDDEN.search(host):
        return False
    _, colon, port = host.rpartition(":")
    return _PORT.fullmatch(colon + port) is not None if colon else True
