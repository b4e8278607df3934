"""The table of Locket's locks and presences: one record a key, compared and set on its own modification.

Locket servers have no master, so locks lie outside the anchor. A record's identity is (modified_id, modified_index):
the id is new whenever a record is created, the index rises with each write. Expiry is the servers' matter, who count
the ttl from what they saw change. Source: docs/reference/fence.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol


class Modification(NamedTuple):
    """Which write of a record is meant."""

    modified_id: str
    modified_index: int


@dataclass(frozen=True, slots=True)
class LockRecord:
    """One lock or presence. `type` is 1 for a lock, 2 for a presence; `ttl` in seconds."""

    key: str
    owner: str
    value: str
    type: int
    ttl: int
    modified_id: str = ""
    modified_index: int = 0

    @property
    def modification(self) -> Modification:
        """What the next write of this record compares."""
        return Modification(self.modified_id, self.modified_index)

    def follows(self, before: LockRecord) -> LockRecord:
        """This content as the next write on top of `before`."""
        return replace(self, modified_id=before.modified_id, modified_index=before.modified_index + 1)

    def created(self, modified_id: str) -> LockRecord:
        """This content as a new record; `modified_id` must be random and unused."""
        return replace(self, modified_id=modified_id, modified_index=1)


class LockTable(Protocol):
    """A table of lock records. Every call has a time limit and raises StoreError kinds only.

    After StoreUnavailable the outcome is unknown: read the key again. A write that was applied shows its own
    (modified_id, modified_index) and content.
    """

    async def get(self, key: str) -> LockRecord | None:
        """A linearizable read of one record."""

    async def list(self) -> list[LockRecord]:
        """All records, in key order, of one moment."""

    async def put_if(self, record: LockRecord, expected: Modification | None) -> bool:
        """Writes `record` as it is if the stored modification is `expected` (None: no record); False: it was not."""

    async def delete_if(self, key: str, expected: Modification) -> bool:
        """Deletes the record if its modification is `expected`; False: it was another one, or no record."""

    async def close(self) -> None:
        """Gives connections back; later calls raise StoreUnavailable."""
