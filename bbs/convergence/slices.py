"""A scan in slices: between two of them the event loop may answer requests and renew its lease."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from bbs.models.state import Transition

SLICE = 1_000
"""Records looked at without a pause: a few milliseconds."""

Item = TypeVar("Item")

Slices = Iterator[list[Transition]]
"""The transitions that each slice of a scan ordered; often none."""


def sliced(items: Iterable[Item], cost: int = 1) -> Iterator[list[Item]]:
    """`items` in lists of at most `SLICE`, or of a `cost`-th of that where looking at one is so much dearer."""
    rest = iter(items)
    while part := list(islice(rest, max(1, SLICE // cost))):
        yield part
