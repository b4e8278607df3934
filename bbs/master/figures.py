"""What a member did in this life of its process, as figures for its metrics; durations in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Figures:
    """Commits are counted by sending: one whose outcome was unknown is sent again."""

    elections: int = 0
    migration_duration: float = 0.0
    commits_sent: int = 0
    commits_applied: int = 0
    commits_in_flight: int = 0
    longest_commit: float = 0.0

    @property
    def commits_failed(self) -> int:
        """Refused, without an answer, or too late."""
        return self.commits_sent - self.commits_applied - self.commits_in_flight

    def sent(self) -> None:
        """A commit leaves for the store."""
        self.commits_sent += 1
        self.commits_in_flight += 1

    def ended(self, seconds: float, *, applied: bool) -> None:
        """Its answer came, or none will."""
        self.commits_in_flight -= 1
        self.commits_applied += applied
        self.longest_commit = max(self.longest_commit, seconds)

    def take_longest(self) -> float:
        """The longest since this was last asked."""
        longest, self.longest_commit = self.longest_commit, 0.0
        return longest
