"""What a member says of itself while it works: one event name of names.md and its fields."""

from __future__ import annotations

from typing import Any, Protocol


class Journal(Protocol):
    """Takes an event for the log; never raises, never blocks, and is never given a secret."""

    def __call__(self, event: str, **fields: Any) -> None:
        """Note `event`."""


def silent(event: str, **fields: Any) -> None:
    """A journal that forgets."""
