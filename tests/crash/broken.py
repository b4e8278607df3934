"""Shows that a crash run can fail: the same run over a BBS that breaks a promise.

`python -m tests.crash.broken <name> [options of the crash run]`. Each of these BBSes migrates without a fault while
nobody kills it.
"""

from __future__ import annotations

import sys
from unittest.mock import patch

from bbs.master.committer import Draft
from bbs.migration.attempt import Flipped, Order
from bbs.migration.runner import Runner
from bbs.stores.anchor import Anchor, Version
from bbs.stores.contract import DeleteRange
from tests.crash.run import main

_flip = Runner._flip


async def _old_root_dropped_before_the_flip(self: Runner, order: Order, *attempt: object) -> Flipped:
    everything = DeleteRange(order.source.root, "", "~")
    await self._committer.commit(lambda _: Draft(writes=(everything,)))
    return await _flip(self, order, *attempt)  # type: ignore[arg-type]


async def _version_written_before_the_flip(self: Runner, order: Order, *attempt: object) -> Flipped:
    def draw(anchor: Anchor) -> Draft:
        return Draft(members={"version": Version(order.target.version)})

    await self._committer.commit(draw)
    return await _flip(self, order, *attempt)  # type: ignore[arg-type]


BROKEN = {
    "old-root-dropped-before-the-flip": _old_root_dropped_before_the_flip,
    "version-written-before-the-flip": _version_written_before_the_flip,
}

if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    with patch.object(Runner, "_flip", BROKEN[name]):
        sys.exit(main(arguments))
