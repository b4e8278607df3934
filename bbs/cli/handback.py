"""`bbs handback`: the store, at upstream's newest data version, becomes one that a Go BBS takes."""

from __future__ import annotations

from bbs.cli.reach import Reach


async def handback(reach: Reach) -> None:
    """Print the data version that was handed back. Raises Refusal."""
    from bbs.master.handback import hand_back  # noqa: PLC0415 - all of the BBS, needed only here

    print(await hand_back(reach.configuration()))
