"""What the events of a transition say beyond its mutations.

Events follow from what a commit changed (`bbs.models.events`). A few facts can't be seen there: a text that is cut
when it is stored is told whole, a stopped instance is told gone while its row still stays. Each member below is one of
them; its source is docs/reference/events.md.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """One record as its events show it, where that differs from what is stored; None: as stored."""

    key: str
    before: bytes | None = None
    after: bytes | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """`crash`: the cell reported the end of an instance itself. `by_row`: groups are told of each row alone.

    `shown`: records that events show otherwise; one that did not change is told as changed. `gone`: keys of actual
    LRPs that are told removed although the rows stay, for a while. `silent`: the records are what they were, and only
    lie otherwise in the store.
    """

    crash: bool = False
    by_row: bool = False
    shown: tuple[Shown, ...] = ()
    gone: tuple[str, ...] = ()
    silent: bool = False


PLAIN = Account()
"""Nothing but what changed."""

REWRITTEN = Account(silent=True)
"""Nothing at all."""
