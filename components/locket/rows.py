"""A lock or presence as it lies in the table, and what this server asks of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

Version = tuple[str, int]
"""(modified_id, modified_index): new id when the row is created, index + 1 at each renewal."""


@dataclass(frozen=True, slots=True)
class Row:
    """One holder of one key. `kind` is "lock" or "presence"; `ttl_s` seconds."""

    key: str
    owner: str
    value: str
    kind: str
    ttl_s: int
    modified_id: str
    modified_index: int

    @property
    def version(self) -> Version:
        """What a compare-and-set compares."""
        return self.modified_id, self.modified_index


class Table(Protocol):
    """Per key compare-and-set; None as version means "no row". Raises TableUnavailable when the engine can't answer."""

    async def get(self, key: str) -> Row | None:
        """The row of `key`."""

    async def rows(self) -> list[Row]:
        """All rows."""

    async def put(self, row: Row, expected: Version | None) -> bool:
        """Write `row` if the key's version is `expected`; False when it is not."""

    async def delete(self, key: str, expected: Version) -> bool:
        """Delete the row if its version is `expected`; False when it is not."""

    async def close(self) -> None:
        """Let the engine go."""


class TableUnavailable(Exception):
    """The engine behind the table did not answer; nothing is known about the outcome."""
