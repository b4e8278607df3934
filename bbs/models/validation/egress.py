"""Rules about traffic out of a container (`SecurityGroupRule`).

The apps of a deployment share a few security groups, so what was found about a destination is kept for the next app.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from bbs.models.extent import ELEMENTS_LIMIT, too_many
from bbs.models.validation.failures import Failures, field
from bbs.wire.container_pb2 import SecurityGroupRule

_PORT_PROTOCOLS = ("tcp", "udp")
_ICMP_PROTOCOLS = ("icmp", "icmpv6")
_INVALID_IP = "Invalid IP"
_KEPT, _KEPT_LENGTH = 1024, 100
"""How many destinations are kept, and the characters of the longest: more than a range of two addresses has."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def egress_rule_failures(rule: SecurityGroupRule) -> Failures:
    """All failures of one rule; destinations are reported last, with their reasons in brackets."""
    if rule.protocol in _PORT_PROTOCOLS:
        failures = _ports(rule)
        failures += [field("icmp_info")] if rule.HasField("icmp_info") else []
    elif rule.protocol in _ICMP_PROTOCOLS:
        failures = _no_ports(rule)
        failures += [] if rule.HasField("icmp_info") else [field(_icmp_name(rule.protocol))]
    elif rule.protocol == "all":
        failures = _no_ports(rule)
        failures += [field("icmp_info")] if rule.HasField("icmp_info") else []
    else:
        failures = [field("protocol")]
    reasons = _destinations(rule.destinations)
    return failures + ([field(f"destinations [ {', '.join(reasons)} ]")] if reasons else [])


def _icmp_name(protocol: str) -> str:
    return f"{protocol}_info"


def _ports(rule: SecurityGroupRule) -> Failures:
    if rule.ports and rule.HasField("port_range"):
        return ["Invalid: ports and port_range provided"]
    if rule.HasField("port_range"):
        return _port_range(rule.port_range.start, rule.port_range.end)
    if not rule.ports:
        return ["Missing required field: ports or port_range"]
    return [field("ports") for port in rule.ports if port < 1]


def _port_range(start: int, end: int) -> Failures:
    failures = [field("port_range") for bound in (start, end) if bound < 1]
    return failures + ([field("port_range")] if start > end else [])


def _no_ports(rule: SecurityGroupRule) -> Failures:
    failures = [field("port_range")] if rule.HasField("port_range") else []
    return failures + ([field("ports")] if rule.ports else [])


def _destinations(destinations: object) -> Failures:
    listed: list[str | bytes] = list(destinations)  # type: ignore[call-overload]
    if not listed:
        return ["Must have at least 1 destination"]
    if sum(map(len, listed)) > ELEMENTS_LIMIT and sum(map(_commas, listed)) > ELEMENTS_LIMIT:
        raise too_many("addresses of egress rules")
    return [reason for text in listed for piece in _pieces(text) for reason in _reasons(piece)]


def _commas(text: str | bytes) -> int:
    return text.count(",") if isinstance(text, str) else text.count(b",")


def _pieces(text: str | bytes) -> list[str]:
    return (text if isinstance(text, str) else text.decode("utf-8", "replace")).split(",")


def _reasons(piece: str) -> Sequence[str]:
    return _kept(piece) if len(piece) <= _KEPT_LENGTH else _destination(piece)


@lru_cache(_KEPT)
def _kept(piece: str) -> Sequence[str]:
    return tuple(_destination(piece))


def _destination(piece: str) -> Failures:
    first, dash, last = piece.partition("-")
    if "/" in first:
        return [] if _cidr(piece) else [f"invalid CIDR address: {piece}"]
    if dash:
        return _range(_address(first), _address(last))
    return [] if _address(piece) else [_INVALID_IP]


def _range(first: Address | None, last: Address | None) -> Failures:
    """One failure per byte by which the first address lies above the last, until a byte lies below."""
    if first is None or last is None:
        return [_INVALID_IP]
    failures: Failures = []
    for low, high in zip(_long_form(first), _long_form(last), strict=True):
        if low < high:
            break
        failures += [_INVALID_IP] if low > high else []
    return failures


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else address


def _long_form(address: Address) -> bytes:
    """16 bytes, in which an IPv4 address is mapped into IPv6; ranges compare by it."""
    return b"\0" * 10 + b"\xff\xff" + address.packed if address.version == 4 else address.packed


def _cidr(text: str) -> bool:
    address, _, prefix = text.partition("/")
    parsed = _address(address)
    return (
        parsed is not None
        and prefix.isascii()
        and prefix.isdigit()
        and int(prefix) <= (32 if parsed.version == 4 else 128)
    )
