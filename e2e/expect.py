"""How a scenario fails: with what was seen and what was wanted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
POLL_S = 0.7


class Failure(AssertionError):
    """A promise was broken, or could not be put to the test."""


def expect(holds: object, promise: str, seen: object = "") -> None:
    """Raises Failure unless `holds`."""
    if not holds:
        raise Failure(f"{promise}; seen: {seen}" if seen != "" else promise)


def await_(what: str, look: Callable[[], T | None], within: float) -> T:
    """The first thing `look` gives that is neither None nor False, within seconds. Raises Failure."""
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if seen is not None and seen is not False:
            return seen
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {within:.0f} s")
        time.sleep(POLL_S)


def stays(what: str, look: Callable[[], object], seconds: float) -> None:
    """Raises Failure when `look` becomes false within the time: "nothing happens" is looked at, not assumed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        expect(look(), what)
        time.sleep(POLL_S)
