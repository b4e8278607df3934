"""Expired domains are deleted at the start of each run of LRP convergence."""

from __future__ import annotations

from dataclasses import dataclass

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
