"""Expired domains are deleted at the start of each run of LRP convergence, whoever's turn it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bbs.convergence.timing import Timing
from bbs.master.parts import Reign
from bbs.models.domains import fresh
from bbs.models.records import Kind, delete
from bbs.models.state import Context, Outcome, View


@dataclass(frozen=True, slots=True)
class PruneDomain:
    """Deletes one domain, unless it was renewed since the scan; a transition."""

    name: str

    def __call__(self, view: View, context: Context) -> Outcome:
        entry = view.get(Kind.DOMAINS, self.name)
        if entry is None or fresh(entry.deadline, context.now):
            return Outcome(b"")
        return Outcome(b"", (delete(Kind.DOMAINS, self.name),))


def expired_domains(view: View, context: Context, timing: Timing) -> Iterator[PruneDomain]:
    """The steps that delete what is past its deadline; none while a new master only looks."""
    if timing.may_destroy(context):
        for entry in list(view.entries(Kind.DOMAINS)):
            if not fresh(entry.deadline, context.now):
                yield PruneDomain(entry.key)


def fresh_domains(view: View, context: Context) -> tuple[str, ...]:
    """The names of the fresh ones."""
    return tuple(entry.key for entry in view.entries(Kind.DOMAINS) if fresh(entry.deadline, context.now))


async def prune_domains(reign: Reign, timing: Timing, context: Callable[[int], Context]) -> None:
    """The clean-up that stays with the BBS while an external converger has its turn."""
    steps = list(expired_domains(reign.memory, context(reign.serving_since), timing))
    await asyncio.gather(*(reign.submit(step) for step in steps), return_exceptions=True)
