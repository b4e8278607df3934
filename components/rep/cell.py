"""What the parts of a cell share: its ledger, its ways to the BBS and the runtime, and whether it evacuates."""

from __future__ import annotations

from dataclasses import dataclass, field

from bbs.client import BBSClient
from components.rep.configuration import RepConfiguration
from components.rep.containers import Ledger
from components.rep.runtime.client import RuntimeClient


@dataclass(slots=True)
class Contact:
    """Whether the BBS takes this cell's reports. Times are monotonic seconds."""

    failing_since: float | None = None
    last_error: str = ""
    marked: int = 0
    failures: int = 0

    def succeeded(self) -> None:
        """A report was taken."""
        self.failing_since = None

    def failed(self, now: float, error: str) -> None:
        """Nobody took a report."""
        self.failures += 1
        self.last_error = error
        if self.failing_since is None:
            self.failing_since = now


@dataclass(slots=True)
class Cell:
    """One cell. `evacuating` is the latch: no new work, what runs is handed over."""

    configuration: RepConfiguration
    ledger: Ledger
    bbs: BBSClient
    runtime: RuntimeClient
    app_address: str
    evacuating: bool = False
    contact: Contact = field(default_factory=Contact)

    @property
    def cell_id(self) -> str:
        """The id by which BBS and auctioneer know the cell."""
        return self.configuration.cell_id
