"""How calls out ended, counted by sort: what the metrics of a BBS tell of its peers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class CallFigures:
    """Totals since the process began. `ended` by (call, outcome: done, failed, withheld, unneeded, dropped).

    `open`: how many are decided and have not ended.
    """

    open: Callable[[], int] = int
    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)

    def count(self, call: str, outcome: str, seconds: float | None = None) -> None:
        """One call ended; None: it never began."""
        self.ended[call, outcome] += 1
        if seconds is not None:
            self.seconds[call] += seconds  # type: ignore[assignment]
