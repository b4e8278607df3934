"""How old things must be before convergence acts, and how long a new master only looks.

After a take-over every age counts from when this master began to serve, and nothing destructive happens for one
interval and one presence ttl: by then every living cell has shown itself again.
"""

from __future__ import annotations

from dataclasses import dataclass

from bbs.models.records import Nanoseconds
from bbs.models.state import Context

SECOND: Nanoseconds = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations of convergence; the defaults are those of Diego's packaging.

    `presences`: whether somebody can tell which cells are present. Where nobody can, rules that need it are off.
    `first`: this master began with an empty store, so it took over from nobody.
    """

    interval: Nanoseconds = 30 * SECOND
    presence_ttl: Nanoseconds = 15 * SECOND
    stale_unclaimed: Nanoseconds = 30 * SECOND
    expire_pending_task: Nanoseconds = 1800 * SECOND
    kick_task: Nanoseconds = 30 * SECOND
    expire_completed_task: Nanoseconds = 120 * SECOND
    presences: bool = True
    first: bool = False

    def may_destroy(self, context: Context) -> bool:
        """Whether this master has served long enough to delete, suspect or fail anything."""
        return self.first or context.now >= context.serving_since + self.interval + self.presence_ttl

    def may_run(self, context: Context) -> bool:
        """Whether the cells are known, or nobody is there to ask: then the rules that need no cells run."""
        return context.cells is not None or not self.presences


def older(timestamp: Nanoseconds, than: Nanoseconds, context: Context) -> bool:
    """Whether `timestamp`, or the take-over if that was later, lies more than `than` ago."""
    return max(timestamp, context.serving_since) < context.now - than
