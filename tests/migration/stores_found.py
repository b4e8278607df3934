"""Words of the decision tests: what a binary can do, and what it finds in a store."""

from __future__ import annotations

from bbs.migration.decide import Abilities, Decision, Identity, decide
from bbs.stores.anchor import Anchor, Failure, Live, MigrationState, Version, Wanted, key_label_record, version_record
from bbs.stores.contract import Survey

OLD, MIDDLE, NEW = 0, 1451635200, 4_000_000_001
AHEAD = NEW + 1
"""A version that no binary of these tests knows."""
EMPTY = Survey(frozenset(), None, None)


def able(
    *serves: int, reads: frozenset[int] | None = None, managed: bool = False, keys: tuple[str, ...] = (), **more: object
) -> Abilities:
    """A binary that serves those versions, and reads them and `reads`."""
    versions = serves or (OLD, MIDDLE, NEW)
    return Abilities(
        reads=(reads or frozenset()) | frozenset(versions),
        serves=frozenset(versions),
        natural_roots={OLD: "v1", MIDDLE: "v1"},
        managed=managed,
        keys=frozenset(keys),
        **more,  # type: ignore[arg-type]
    )


def held_by(
    current: int,
    target: int | None = None,
    wanted: int | None = None,
    generation: int = 0,
    failed: Failure | None = None,
    **more: object,
) -> Anchor:
    """The anchor of a store at those versions."""
    staged = None if target is None and failed is None else MigrationState("3-1", f"v{target}@3-1", "staging", failed)
    return Anchor(
        store_id="store-1",
        owner="standalone",
        epoch=3,
        seq=7,
        batch_id="b7",
        live=Live(current, "v1"),
        version=Version(current, target),
        digest="",
        wanted=None if wanted is None else Wanted(wanted, generation),
        migration=staged,
    ).change(**more)


def failure(source: int, target: int, generation: int) -> Failure:
    """A migration that failed on one task."""
    return Failure(source, target, "tasks/t-1", "UndecodableRecord", "not JSON", "3-1", generation)


def around(anchor: Anchor) -> Survey:
    """What a survey says of a store that only holders of this anchor have written."""
    return Survey(frozenset({anchor.live.root}), version_record(anchor), key_label_record(anchor))


def decided(anchor: Anchor, can: Abilities, identity: Identity | None = None) -> Decision:
    """The decision on an intact store."""
    return decide(anchor, around(anchor), identity or Identity(anchor.store_id, adopted=True), can)
