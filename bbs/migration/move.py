"""The move from etcd to a database: which store counts, whether a move is due, and what each of its steps writes.

Pure: no store is asked here. "Source" is etcd, "destination" the database. Until `moved_to` stands in the source's
anchor, that anchor rules. Source of the rules: docs/reference/move.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bbs.migration.decide import ShutDown
from bbs.stores.anchor import FORMAT, Anchor, Arrival, Live, Move, MoveFailure, Version
from bbs.stores.contract import Liveness

SOURCE = "etcd"
"""What `moved_from` says."""
NOWHERE = "0-0"
"""The attempt that never was: what the live root of a destination is named by before anything has arrived."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why the destination can't be used now."""

    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Landing:
    """What a member that works on a destination knows of it. `proof`: the source's anchor, if that was read: it says
    that the records were moved, and which.
    """

    store_id: str
    proof: Anchor | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What lies in a destination. `foreign`: what is there although no anchor is."""

    anchor: Anchor | None = None
    liveness: Liveness | None = None
    foreign: tuple[str, ...] = ()


# --- which store counts -----------------------------------------------------------------------------------------------


def landed(seen: Seen, store_id: str | None) -> bool:
    """Whether the records are live in the destination: then the source is not needed. `store_id`: None if unknown."""
    anchor = seen.anchor
    if anchor is None or anchor.arriving is not None or anchor.moved_from is None:
        return False
    return store_id in (None, anchor.store_id)


def in_the_way(seen: Seen, store_id: str | None) -> Obstacle | None:
    """What keeps a destination from being one: it holds something that is not ours to touch."""
    anchor = seen.anchor
    if anchor is None:
        return _in_use(f"the database holds {', '.join(seen.foreign[:3])} and no anchor") if seen.foreign else None
    if anchor.format > FORMAT:
        return _in_use(f"the database's anchor has format {anchor.format}; this binary knows {FORMAT}")
    if store_id not in (None, anchor.store_id):
        return _in_use(f"the database holds the store {anchor.store_id} of {anchor.owner}; ours is {store_id}")
    if anchor.arriving is None and anchor.moved_from is None:
        return _in_use(f"the database holds the live store {anchor.store_id}, which never lay in etcd")
    return None


def _in_use(message: str) -> Obstacle:
    return Obstacle("DestinationInUse", message, "name an empty database, or empty this one if nobody needs it")


def standing(found: Anchor | None, landing: Landing | None) -> Anchor | ShutDown | None:
    """What a store's anchor is to be taken for: itself, or what it becomes by the claim where records have arrived."""
    if landing is not None and (found is None or found.store_id != landing.store_id):
        return ShutDown(
            "ArrivalMismatch",
            f"the records were moved as store {landing.store_id}; the database holds "
            f"{'no store' if found is None else f'store {found.store_id}'}",
            "name the database they were moved to, or restore it; etcd is no longer served",
        )
    if found is None or found.arriving is None:
        return found
    return _arrived(found, landing.proof if landing else None)


def _arrived(found: Anchor, source: Anchor | None) -> Anchor | ShutDown:
    """The roll-forward: what the destination's anchor becomes, except for the epoch."""
    if source is None or source.move is None or source.move.arrival is None:
        return ShutDown(
            "StoreArriving",
            "records are being moved into this database, and whether they count only the store they come from knows",
            "wait until that store can be read; it is named by store.migrate_from",
        )
    wanted = source.move.arrival
    if (found.store_id, found.arriving) != (source.store_id, wanted):
        return ShutDown(
            "ArrivalMismatch",
            f"the records were moved as attempt {wanted.attempt} of store {source.store_id}; the database holds "
            f"{found.arriving.attempt if found.arriving else 'no attempt'} of store {found.store_id}",
            "restore the database; what was moved still lies in etcd, as it was then",
        )
    return replace(
        source,
        epoch=found.epoch,
        seq=found.seq,
        batch_id=found.batch_id,
        digest=found.digest,
        attempts=found.attempts,
        dropping=found.dropping,
        backend=found.backend,
        live=Live(source.live.layout, wanted.root),
        migration=None,
        superseded=(),
        arriving=None,
        moved_to=None,
        moved_from=SOURCE,
        unknown={**source.unknown, **found.unknown},
    )


# --- whether a move is due --------------------------------------------------------------------------------------------


def wished(anchor: Anchor, *, managed: bool) -> bool:
    """Whether the records shall move. In mode `newest` they shall unless somebody said no."""
    return not managed if anchor.move is None else anchor.move.wanted


def standing_failure(anchor: Anchor) -> MoveFailure | None:
    """The failure of the last attempt, as long as nobody has asked again since."""
    failure = anchor.move.failure if anchor.move else None
    return failure if failure is not None and failure.generation == anchor.move_generation else None


def due(anchor: Anchor, *, managed: bool) -> bool:
    """Whether whoever holds the source and serves it shall move instead."""
    return not anchor.moved and wished(anchor, managed=managed) and standing_failure(anchor) is None


@dataclass(frozen=True, slots=True)
class Terms:
    """What an attempt was decided on; when any of it changes, nothing of it may count."""

    generation: int
    wanted_generation: int
    live: Live
    version: Version

    @classmethod
    def of(cls, anchor: Anchor) -> Terms:
        """As this anchor says."""
        return cls(anchor.move_generation, anchor.generation, anchor.live, anchor.version)


# --- what the steps write ---------------------------------------------------------------------------------------------


def nowhere(layout: int) -> Live:
    """The live root of a destination before anything has arrived."""
    return Live(layout, f"v{layout}@{NOWHERE}")


def taken(source: Anchor, found: Anchor | None) -> Anchor:
    """Step 1: the destination's anchor under a new epoch, above all that were seen. Nothing else of it changes."""
    epoch = max(source.epoch, found.epoch if found else 0) + 1
    if found is not None:
        return found.change(epoch=epoch)
    live = nowhere(source.live.layout)
    return Anchor(
        store_id=source.store_id,
        owner=source.owner,
        epoch=epoch,
        seq=0,
        batch_id="",
        live=live,
        version=Version(source.live.layout),
        digest="",
        arriving=Arrival(NOWHERE, live.root),
        format=FORMAT,
    )


def next_arrival(source: Anchor, destination: Anchor) -> Arrival:
    """The attempt that is made under this epoch of the destination; its name is used once."""
    name = f"{destination.epoch}-{destination.attempts + 1}"
    return Arrival(name, f"v{source.live.layout}@{name}")


def announced(anchor: Anchor, attempt: str) -> dict[str, Any]:
    """Step 2: members of the source's anchor."""
    move = anchor.move or Move(wanted=True)
    return {"move": replace(move, attempt=attempt, failure=None)}


def begun(source: Anchor, destination: Anchor, arrival: Arrival) -> dict[str, Any]:
    """Steps 3 and 6: members of the destination's anchor while `arrival` is made, and when it is complete."""
    return {
        "owner": source.owner,
        "live": nowhere(source.live.layout),
        "version": Version(source.live.layout),
        "attempts": int(arrival.attempt.split("-")[1]),
        "arriving": arrival,
        "format": FORMAT,
        "superseded": (),
        "dropping": destination.dropping,
    }


def committed(anchor: Anchor, arrival: Arrival, engine: str) -> dict[str, Any]:
    """Step 7, the commit point: members of the source's anchor."""
    move = anchor.move or Move(wanted=True)
    return {"moved_to": engine, "move": replace(move, attempt=arrival.attempt, failure=None, arrival=arrival)}


def failed(anchor: Anchor, failure: MoveFailure) -> dict[str, Any]:
    """A failure: members of the source's anchor."""
    move = anchor.move or Move(wanted=True)
    return {"move": replace(move, failure=failure)}


def asked(anchor: Anchor, token: str, *, wanted: bool) -> dict[str, Any]:
    """A call that was accepted: members of the source's anchor."""
    return {"move": Move(wanted, anchor.move_generation + 1, token)}
