"""What Lock, Fetch, FetchAll and Release mean, over a table that another Locket may change at any moment.

Owns no state but what expiry saw. Every change is a compare-and-set on the row as read; a lost race is read again, so
two Lockets without a master agree. Source of the rules: docs/reference/locket.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from bbs.stores.locks import LockRecord, LockTable
from components.locket.expiry import Expiry

ATTEMPTS = 5
LOCK, PRESENCE = 1, 2
"""Types of records, as on the wire."""


class Collision(Exception):
    """Another owner holds the key."""


class NotFound(Exception):
    """Nobody holds the key."""


class Invalid(Exception):
    """The request breaks a rule; the text is upstream's word for it."""


class Contended(Exception):
    """The row changed under each attempt."""


class NotSettled(Exception):
    """This server has just started and found no presence; it can't tell "nobody" from "nobody yet"."""


class Locks:
    """The rules. `ids` makes a fresh modified_id; `settle` is in seconds of watched time."""

    def __init__(
        self, table: LockTable, expiry: Expiry, *, settle: float, ids: Callable[[], str] = lambda: uuid.uuid4().hex
    ) -> None:
        self._table = table
        self._expiry = expiry
        self._settle = settle
        self._ids = ids
        self._scanned = False
        self._started_empty = True

    async def lock(self, key: str, owner: str, value: str, kind: int, ttl_s: int) -> None:
        """Take a free key, or renew one's own. Raises Invalid, Collision, Contended."""
        if ttl_s <= 0:
            raise Invalid("invalid-ttl")
        if not owner:
            raise Invalid("invalid-owner")
        for _ in range(ATTEMPTS):
            row = await self._table.get(key)
            if row is not None and row.owner != owner:
                raise Collision("lock-collision")
            wanted = LockRecord(key, owner, value, kind, ttl_s)
            wanted = wanted.follows(row) if row is not None else wanted.created(self._ids())
            if await self._table.put_if(wanted, row.modification if row is not None else None):
                return
        raise Contended(f"{key}: the row changed {ATTEMPTS} times while it was to be written")

    async def release(self, key: str, owner: str) -> None:
        """Give up a key; fine when there is no row. Raises Collision, Contended."""
        for _ in range(ATTEMPTS):
            row = await self._table.get(key)
            if row is None:
                return
            if row.owner != owner:
                raise Collision("lock-collision")
            if await self._table.delete_if(key, row.modification):
                return
        raise Contended(f"{key}: the row changed {ATTEMPTS} times while it was to be deleted")

    async def fetch(self, key: str) -> LockRecord:
        """The row of `key`. Raises NotFound."""
        row = await self._table.get(key)
        if row is None:
            raise NotFound("resource-not-found")
        return row

    async def fetch_all(self, kind: int) -> list[LockRecord]:
        """All rows of a kind. Raises NotSettled while an empty answer about presences would be a guess."""
        if kind == PRESENCE and not self.settled:
            raise NotSettled(
                f"started {self._expiry.watched:.0f} s ago without any presence; waits {self._settle:.0f} s"
            )
        return [row for row in await self._table.list() if row.type == kind]

    @property
    def settled(self) -> bool:
        """Whether cells had the time to register: rows outlive a server, so only an empty start has to wait."""
        return self._scanned and (not self._started_empty or self._expiry.watched >= self._settle)

    async def expire(self, now: float) -> list[LockRecord]:
        """One scan at monotonic `now` (s): delete what lapsed, unless it was renewed meanwhile. Returns the deleted."""
        rows = await self._table.list()
        if not self._scanned:
            self._scanned, self._started_empty = True, not any(row.type == PRESENCE for row in rows)
        lapsed = self._expiry.observe(rows, now)
        return [row for row in lapsed if await self._table.delete_if(row.key, row.modification)]

    def interrupted(self) -> None:
        """A scan failed: no time passes for anyone until the next one succeeds."""
        self._expiry.interrupted()
