"""The destination of a move as a member with two stores sees it: whether it can be used, and whether all is there.

Looks only; what is written there is the mover's (bbs.master.moving). A database that can't be used stops nobody: until
the commit point everything happens on etcd. Source of the rules: docs/reference/move.md.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from bbs.master.clock import Clock
from bbs.master.journal import Journal
from bbs.master.parts import Destination, Parts
from bbs.migration.move import Landing, Obstacle, Seen, due, in_the_way, landed
from bbs.stores.anchor import Anchor, MalformedAnchor
from bbs.stores.contract import Store, StoreError

LOOK_EVERY_S = 2.0
FIRST_PAUSE_S = 10.0
LONGEST_PAUSE_S = 300.0
"""Between two attempts that the database broke off; doubled each time, since each costs an interruption."""


async def examine(store: Store) -> Seen:
    """What lies in a destination. Raises StoreError, MalformedAnchor."""
    async with store.snapshot() as snapshot:
        anchor, liveness, survey = await snapshot.anchor(), await snapshot.liveness(), await snapshot.survey()
    if anchor is not None:
        return Seen(anchor, liveness)
    record = ("a version record",) if survey.version_record is not None else ()
    return Seen(None, liveness, (*sorted(survey.roots), *survey.foreign, *record))


@dataclass(frozen=True, slots=True)
class Look:
    """One look: what was seen, or why nothing could be."""

    seen: Seen | None = None
    obstacle: Obstacle | None = None


async def look(store: Store) -> Look:
    """Examine, with failures as an obstacle."""
    try:
        return Look(seen=await examine(store))
    except MalformedAnchor as error:
        return Look(obstacle=Obstacle("DestinationInUse", str(error), "restore or empty the database"))
    except StoreError as error:
        return Look(obstacle=away(str(error)))


def away(message: str) -> Obstacle:
    """The database does not answer as it should."""
    return Obstacle("DestinationUnavailable", message, "see the database's own health, its address and credentials")


class Crossing:
    """One member's way from the source to the destination. `proof`: etcd's anchor, once it says that all was moved."""

    def __init__(self, destination: Destination, clock: Clock, journal: Journal) -> None:
        self.destination = destination
        self.proof: Anchor | None = None
        self.landed = False
        self._clock = clock
        self._journal = journal
        self._look = Look()
        self._pause = FIRST_PAUSE_S
        self._not_before = clock.steady()

    @property
    def looked(self) -> bool:
        """Whether it was looked at all."""
        return self._look != Look()

    async def watch(self, store_id: Callable[[], str | None], looked: Callable[[], None]) -> None:
        """Look again and again until landed; `looked` is called after each look."""
        while not self.landed:
            await self.look(store_id())
            looked()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self, store_id: str | None) -> None:
        """Look once."""
        before = self.obstacle(store_id)
        self._look = await look(self.destination.store)
        now = self.obstacle(store_id)
        if (before and before.code) != (now and now.code):
            self._journal("destination", code=now.code if now else "ready", message=now.message if now else "")

    def obstacle(self, store_id: str | None) -> Obstacle | None:
        """Why the database can't be used."""
        if self._look.obstacle is not None or self._look.seen is None:
            return self._look.obstacle
        return in_the_way(self._look.seen, store_id)

    def complete(self, store_id: str | None) -> bool:
        """Whether this member has to work on the destination from now on."""
        return self.proof is not None or (self._look.seen is not None and landed(self._look.seen, store_id))

    def believe(self, anchor: Anchor | None) -> None:
        """etcd's anchor was read: that it was moved from is final, so it is remembered for good."""
        if anchor is not None and anchor.moved_to == self.destination.engine:
            self.proof = anchor

    def due(self, anchor: Anchor, *, managed: bool) -> bool:
        """Whether the holder of this etcd anchor shall move now."""
        usable = self._look.seen is not None and self.obstacle(anchor.store_id) is None
        return usable and due(anchor, managed=managed) and self._clock.steady() >= self._not_before

    def broke_off(self, message: str) -> None:
        """The database ended an attempt: try again, but not at once."""
        self._look = Look(obstacle=away(message))
        self._not_before = self._clock.steady() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE_S)

    def parts(self, parts: Parts) -> Parts:
        """What a member is made of on the destination."""
        there = self.destination
        settings = replace(parts.settings, store_type=there.engine)
        return replace(
            parts,
            settings=settings,
            store=there.store,
            renewals=there.renewals,
            abilities=there.abilities,
            destination=None,
            landing=self.landing(),
        )

    def landing(self) -> Landing:
        """What is known of the destination once it is complete."""
        seen = self._look.seen.anchor if self._look.seen else None
        known = self.proof or seen
        assert known is not None, "nothing says that the records were moved"
        return Landing(known.store_id, self.proof)


async def source_id(store: Store) -> str | None:
    """The id of the store that lies in the source, if that can be told."""
    with suppress(StoreError, MalformedAnchor):
        async with store.snapshot() as snapshot:
            anchor = await snapshot.anchor()
            return anchor.store_id if anchor else None
    return None
