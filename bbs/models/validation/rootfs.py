"""The rule for a root file system: a URL with a scheme, as Go's `url.Parse` reads it.

Go is lenient where a path, a query or an opaque part stands and strict about the host. Each function is one step of
that parser, on characters instead of bytes: what is beyond ASCII is allowed everywhere but in the user's part.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import unquote

from bbs.models.validation.failures import Failures, field

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PORT = re.compile(r"(:[0-9]*)?")
_USER = re.compile(r"[A-Za-z0-9._:~!$&'()*+,;=%@-]*")
_HOST = re.compile(r"(?:[A-Za-z0-9_.~!$&'()*+,;=:\[\]<>\"-]|[^\x00-\x7f]|%25|%[89A-Fa-f][0-9A-Fa-f])*")
"""Escapes in a host stand for bytes beyond ASCII, or for the percent sign before a zone."""
_ZONE = re.compile(
    r"(?:[A-Za-z0-9_.~!$&'()*+,;=:\[\]<>\"-]|[^\x00-\x7f]"
    r"|%2[0-245-9A-Ea-e]|%3[0-9A-Ea-e]|%[46][1-9A-Fa-f]|%[57][0-9Aa]|%5[BbDdFf]|%7[Ee])*"
)
"""Escapes in a zone stand for what may be written there plainly, for a space, or for the percent sign itself."""


def rootfs_failures(value: str | bytes) -> Failures:
    """`rootfs` unless `value` parses and names a scheme."""
    text = value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")
    return [] if _parses(text) else [field("rootfs")]


def _parses(value: str) -> bool:
    url, _, fragment = value.partition("#")
    if _CONTROL.search(url) or _BAD_ESCAPE.search(fragment):
        return False
    scheme = _SCHEME.match(url)
    if scheme is None:
        return False
    rest = url[scheme.end() :].partition("?")[0]
    if not rest.startswith("/"):
        return True
    if rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        return _authority(authority) and not _BAD_ESCAPE.search(slash + path)
    return not _BAD_ESCAPE.search(rest)


def _authority(authority: str) -> bool:
    user, _, host = authority.rpartition("@")
    if not _USER.fullmatch(user) or _BAD_ESCAPE.search(user):
        return False
    return _bracketed(host) if "[" in host else _host(host)


def _host(host: str) -> bool:
    at = host.rfind(":")
    return (at < 0 or _PORT.fullmatch(host, at) is not None) and _HOST.fullmatch(host) is not None


def _bracketed(host: str) -> bool:
    """`[address]` or `[address%25zone]`, then perhaps a port; the address is one of IPv6."""
    close = host.rfind("]")
    if host.rfind("[") != 0 or close < 0 or not _PORT.fullmatch(host, close + 1):
        return False
    address, percent, zone = host[1:close].partition("%25")
    if not _HOST.fullmatch(address) or not _ZONE.fullmatch(zone) or "%" in unquote(address) or (percent and not zone):
        return False
    try:
        ipaddress.IPv6Address(unquote(address))
    except ValueError:
        return False
    return True
