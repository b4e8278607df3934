"""Names of roots: `v1` (upstream's own place) and `v<data version>@<attempt>` with attempt `<epoch>-<n>`.

Owns the grammar, nothing else. Engines build keys and table names from it, so a name that is none is refused before
anything is sent.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bbs.layouts.contract import OURS

NATURAL = "v1"
"""The root of upstream's etcd keys `/v1/...`, whatever etcd-era version lies there."""

_STAGED = re.compile(r"v(0|[1-9][0-9]{0,18})@([0-9]{1,19})-([0-9]{1,19})", re.ASCII)


class Root(NamedTuple):
    """A parsed root name. `version` is None for the natural root, whose version only the anchor knows."""

    version: int | None
    attempt: str | None

    @property
    def ours(self) -> bool:
        """Whether the rows are of our own layouts (one shape on every store) or keys of the etcd era."""
        return self.version is not None and self.version > OURS


def parse_root(name: str) -> Root | None:
    """The root of that name; None when it is no root's name."""
    if name == NATURAL:
        return Root(None, None)
    matched = _STAGED.fullmatch(name)
    return Root(int(matched[1]), f"{matched[2]}-{matched[3]}") if matched else None
