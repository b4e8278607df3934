"""What convergence saw and did, as figures: those of the last run, and totals since the process began."""

from __future__ import annotations

from dataclasses import dataclass, field

from bbs.convergence.scan import Finding


@dataclass(slots=True)
class Figures:
    """Gauges describe the last run. Durations in seconds."""

    lrp_runs: int = 0
    task_runs: int = 0
    tasks_pruned: int = 0
    tasks_kicked: int = 0
    lrp_duration: float = 0.0
    task_duration: float = 0.0
    domains: tuple[str, ...] = ()
    present_cells: int = 0
    lrps_desired: int = 0
    lrps_missing: int = 0
    lrps_extra: int = 0
    absent_cells: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """A run of LRP convergence begins."""
        self.lrps_missing = self.lrps_extra = 0
        self.absent_cells = set()

    def count(self, found: Finding) -> None:
        """What was found at one index."""
        self.lrps_missing += found.missing
        self.lrps_extra += found.extra
        self.absent_cells.update(found.absent_cells)
