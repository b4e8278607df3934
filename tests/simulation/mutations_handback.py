"""Broken rules of hand-back: who may serve, and what a Go BBS finds. See mutations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bbs.master import handback as handback_module
from bbs.master.committer import Draft
from bbs.migration import decide as decide_module
from bbs.stores.anchor import Live
from bbs.stores.roots import TABLES

Swap = Callable[[Any, str, Any], Any]


def given_away_and_served(swap: Swap) -> None:
    """A member decides about a store that was given away as about any other."""
    old = swap(
        decide_module,
        "_foreign",
        lambda anchor, survey, identity, can: old(anchor, survey, identity, replace(can, hands_back=True)),
    )


def version_before_the_names(swap: Swap) -> None:
    """The version that a Go BBS takes is restored while the records lie under other names."""

    async def roll_forward(committer: Any, give_names: Any) -> None:
        root = committer.anchor.live.root
        await committer.commit(
            lambda anchor: Draft(members={"live": Live(anchor.live.layout, TABLES), "superseded": ()})
        )
        await give_names(root)

    swap(handback_module, "roll_forward", roll_forward)


def names_not_cleared(swap: Swap) -> None:
    """Nobody looks whether upstream's names are free."""

    async def clear_names(committer: Any) -> None:
        return None

    swap(handback_module, "clear_names", clear_names)


def cleared_once_it_was_given_away(swap: Swap) -> None:
    """Whoever goes on clears the names too, though by then the records may lie there."""

    async def roll_forward(committer: Any, give_names: Any) -> None:
        await handback_module.clear_names(committer)
        await old(committer, give_names)

    old = swap(handback_module, "roll_forward", roll_forward)


HANDBACK = (given_away_and_served, version_before_the_names, names_not_cleared, cleared_once_it_was_given_away)
