"""The permit of a call out: a lease, and the instant since which it must have been renewed.

A call out can't be undone by a refused commit. So it leaves only while the lease holds, and only after a renewal that
began after the decision: that renewal proves that nobody else was master when it was made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bbs.master.lease import Lease


@dataclass(frozen=True, slots=True)
class Permit:
    """`since` in seconds of the steady clock; -inf where a confirmed commit has proved as much."""

    lease: Lease
    since: float = -math.inf

    def holds(self) -> bool:
        """Whether the call may leave at this instant."""
        return self.lease.renewed_since(self.since)
