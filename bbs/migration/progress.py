"""Progress of a migration: what status, metrics and a bar show of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Progress:
    """Records done of all, in the present phase. `started` and `now` are steady seconds; `started_at` is wall time."""

    attempt: str
    source: int
    target: int
    mode: str
    phase: str
    started_at: int
    started: float
    done: int = 0
    total: int | None = None

    def rate(self, now: float) -> float:
        """Records per second since the start."""
        elapsed = now - self.started
        return self.done / elapsed if elapsed > 0 else 0.0

    def eta_s(self, now: float) -> float | None:
        """Seconds until the last record at the present rate; None while nothing can be said."""
        rate = self.rate(now)
        if self.total is None or rate <= 0:
            return None
        return max(0.0, (self.total - self.done) / rate)
