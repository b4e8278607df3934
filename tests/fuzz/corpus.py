"""Whole, valid inputs to begin with: what real clients sent to a real BBS, and what real stores held."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from bbs.interchange.generation import generate
from bbs.interchange.wire_fields import bytes_field
from bbs.models.records import Kind, Presence, Record, actual_lrp_key
from tests.golden.recording import load, scenarios
from tests.interchange.real_records import REAL_RECORDS
from tests.layouts.record_strategies import nested_action

BIGGEST = 4096
"""Bytes of a seed: what is longer takes its time and shows nothing else."""


@cache
def bodies() -> dict[str, tuple[bytes, ...]]:
    """The request bodies that were recorded, by path, each once."""
    found: dict[str, dict[bytes, None]] = {}
    for exchange in (line for file in scenarios() for line in load(file).exchanges):
        if len(exchange.request_body) < BIGGEST:
            found.setdefault(exchange.path, {})[exchange.request_body] = None
    return {path: tuple(bodies) for path, bodies in found.items()}


@cache
def records() -> tuple[Record, ...]:
    """Records of all kinds: real ones, made ones, and the few that are rare."""
    return (*REAL_RECORDS, *generate(40, seed=7, inert=False), *_rare())


def _rare() -> Iterator[Record]:
    yield Record(Kind.DOMAINS, "späti/%2F", b"", 1_800_000_000_000_000_000)
    yield Record(Kind.DOMAINS, "d", b"")
    yield Record(Kind.DESIRED_LRPS, "deep", bytes_field(1, b"deep") + bytes_field(7, nested_action(30)))
    suspect = actual_lrp_key("pg-1", 0, Presence.SUSPECT)
    yield Record(Kind.ACTUAL_LRPS, suspect, b"\x0a\x06\x0a\x04pg-1\x50\x02")
    evacuating = actual_lrp_key("pg-1", 0, Presence.EVACUATING)
    yield Record(Kind.ACTUAL_LRPS, evacuating, b"\x0a\x06\x0a\x04pg-1\x50\x01", 1_800_000_000_000_000_000)
