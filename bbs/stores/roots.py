"""Names of roots: `v1` and `tables` (upstream's own places) and `v<data version>@<attempt>` with attempt `<epoch>-<n>`.

Owns the grammar, nothing else. Engines build keys and table names from it, so a name that is none is refused before
anything is sent.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from bbs.layouts.contract import OURS
from bbs.layouts.upstream_tables import FIRST

NATURAL = "v1"
"""The root of upstream's etcd keys `/v1/...`, whatever etcd-era version lies there."""
TABLES = "tables"
"""The root of upstream's tables (`desired_lrps`...), whatever relational version lies there."""

_STAGED = re.compile(r"v(0|[1-9][0-9]{0,18})@([0-9]{1,19})-([0-9]{1,19})", re.ASCII)


class Shape(Enum):
    """What the rows of a root are: records of ours, keys of the etcd era, or rows of upstream's tables."""

    OURS = "ours"
    KEYS = "keys"
    TABLES = "tables"


class Root(NamedTuple):
    """A parsed root name. `version` is None for a natural root, whose version only the anchor knows."""

    version: int | None
    attempt: str | None
    shape: Shape

    @property
    def ours(self) -> bool:
        """Whether the rows are of our own layouts, which have one shape on every store."""
        return self.shape is Shape.OURS


@lru_cache(16)
def parse_root(name: str) -> Root | None:
    """The root of that name; None when it is no root's name."""
    if name in (NATURAL, TABLES):
        return Root(None, None, Shape.KEYS if name == NATURAL else Shape.TABLES)
    matched = _STAGED.fullmatch(name)
    return Root(int(matched[1]), f"{matched[2]}-{matched[3]}", _shape(int(matched[1]))) if matched else None


def _shape(version: int) -> Shape:
    if version > OURS:
        return Shape.OURS
    return Shape.TABLES if version >= FIRST else Shape.KEYS
