"""One attempt of a migration, as its anchor shows it: its beginning, what of a record is carried, its flip or failure.

The same for a migration whose records are read from the store while nobody is served (bbs.migration.runner) and for
one whose records are copied from memory while everybody is (bbs.migration.online). Source: docs/reference/migration.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from bbs.interchange.digest import records_equal
from bbs.layouts.contract import Cipher, Layout, Row, Undecodable, Unrepresentable
from bbs.master.clock import Clock
from bbs.master.committer import Committer, Draft
from bbs.migration.progress import Progress
from bbs.migration.reading import Place, Unread
from bbs.migration.sizes import oversized
from bbs.models.records import Record
from bbs.stores.anchor import Anchor, Failure, Live, MigrationState, Version, Wanted
from bbs.stores.contract import Limits

OFFLINE, ONLINE = "Offline", "Online"
"""Modes of a migration: nobody is served while it lasts, or everybody is."""


class Withdrawn(Exception):
    """Another target was set since this attempt began; nothing of it may become live."""


class Stopped(Exception):
    """This attempt can't go on; the text says why, `key` which record a person has to look at."""

    def __init__(self, key: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.key = key
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done. `generation`: the wanted one it was decided on. `managed`: each flip writes `wanted`.

    `stale_root`: what an earlier attempt staged; it is trusted by no one and makes room for this one.
    """

    source: Place
    target: Layout
    target_cipher: Cipher
    generation: int
    managed: bool
    key_label: str | None
    stale_root: str | None = None
    mode: str = OFFLINE
    known_total: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """Its name, which is used once, and the root that its copy lies under."""

    name: str
    root: str


@dataclass(frozen=True, slots=True)
class Flipped:
    """The new root is live. `old_root` is no longer served and may be dropped."""

    anchor: Anchor
    old_root: str
    records: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A durable failure record stands in the anchor; a person has to look."""

    failure: Failure


class Carried(NamedTuple):
    """One record in the target layout: its rows, and what they will be read as (None: the layout has none for it)."""

    rows: Sequence[Row]
    record: Record | None


@dataclass(slots=True)
class Seals:
    """Which keys the rows of a copy turned out to be sealed with; what is fed to it are rows of that copy."""

    layout: Layout
    labels: set[str] = field(default_factory=set)

    def add(self, page: Sequence[Row]) -> None:
        """Take some rows in. A row that can't be read is found by whoever decodes it."""
        for row in page:
            try:
                self.labels |= self.layout.sealed_with(row)
            except Undecodable:
                continue


def still_wanted(anchor: Anchor, order: Order) -> None:
    """Every commit of an attempt looks: a target set since it was decided on ends it. Raises Withdrawn."""
    if anchor.generation != order.generation:
        raise Withdrawn


async def begin(committer: Committer, order: Order) -> Attempt:
    """The first commit: C -> W stands in the version record from now on. Raises Withdrawn, EpochLost, StoreError."""

    def draw(anchor: Anchor) -> Draft:
        still_wanted(anchor, order)
        number = anchor.attempts + 1
        name = f"{anchor.epoch}-{number}"
        state = MigrationState(name, f"v{order.target.version}@{name}", "staging")
        version = Version(anchor.version.current, order.target.version)
        return Draft(members={"attempts": number, "version": version, "migration": state})

    anchor = await committer.commit(draw)
    assert anchor.migration is not None
    return Attempt(anchor.migration.attempt, anchor.migration.staged_root)


def begun(order: Order, attempt: Attempt, clock: Clock) -> Progress:
    """What status shows of it from now on."""
    source, target = order.source.layout.version, order.target.version
    now, steady = clock.now(), clock.steady()
    return Progress(attempt.name, source, target, order.mode, "Staging", now, steady, total=order.known_total)


def carried(order: Order, limits: Limits, found: Record | Unread) -> Carried:
    """One record in the target layout. Raises Stopped when it can't be carried over."""
    if isinstance(found, Unread):
        raise Stopped(found.name, "UndecodableRecord", found.reason)
    name = f"{found.kind.value}/{found.key}"
    try:
        rows = order.target.encode(found, order.target_cipher)
        record = order.target.decode(found.kind, found.key, rows, order.target_cipher) if rows else None
    except (Unrepresentable, Undecodable) as error:
        _lost(order, name, found)
        raise Stopped(name, "UnrepresentableRecord", str(error)) from error
    # What reads back as the same record loses nothing: only of the others it is asked what, and whether that may be.
    if (record is None or not records_equal(found, record)) and not _lost(order, name, found):
        raise Stopped(name, "UnrepresentableRecord", "it would read back as another record")
    excess = oversized(rows, limits)
    if excess is not None:
        raise Stopped(name, "RecordTooLarge", excess)
    return Carried(rows, record)


def _lost(order: Order, name: str, found: Record) -> bool:
    """Whether the target layout declares that it loses something of this record. Raises Stopped when it must not."""
    loss = order.target.loses(found)
    if loss is not None and loss.refused:
        raise Stopped(name, "RecordWouldLose", f"data version {order.target.version} can't hold {loss.what}")
    return loss is not None


def flip(order: Order, attempt: Attempt, labels: set[str]) -> Callable[[Anchor], Draft]:
    """The last commit: the live pointer moves. `labels`: the keys that rows of the copy are sealed with."""

    def draw(anchor: Anchor) -> Draft:
        still_wanted(anchor, order)
        wanted = anchor.wanted or (Wanted(order.target.version, 0) if order.managed else None)
        if wanted is not None:
            wanted = replace(wanted, version=order.target.version, generation=wanted.generation + 1)
        return Draft(
            members={
                "live": Live(order.target.version, attempt.root),
                "version": Version(order.target.version),
                "migration": None,
                "wanted": wanted,
                **_keys(order, anchor, labels),
                "superseded": (*anchor.superseded, order.source.root),
            },
            reload=True,
        )

    return draw


def _keys(order: Order, anchor: Anchor, labels: set[str]) -> dict[str, Any]:
    """Another key may have been active meanwhile, be it that it is no longer: then no label is true of all records."""
    if order.key_label is None or order.key_label != anchor.active_key or labels - {order.key_label}:
        return {"key_label": None, "keys_in_use": tuple(sorted({*anchor.keys_in_use, *labels} - {""}))}
    return {"key_label": order.key_label, "keys_in_use": (order.key_label,)}


async def fail(committer: Committer, order: Order, attempt: Attempt, stopped: Stopped) -> Failed:
    """Write the failure down. Raises EpochLost, StoreError."""
    failure = Failure(
        source=order.source.layout.version,
        target=order.target.version,
        key=stopped.key,
        reason=stopped.reason,
        message=stopped.message,
        attempt=attempt.name,
        generation=order.generation,
    )
    state = MigrationState(attempt.name, attempt.root, "failed", failure)
    await committer.commit(lambda _: Draft(members={"migration": state}))
    return Failed(failure)
