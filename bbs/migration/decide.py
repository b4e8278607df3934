"""The decision: what a BBS does with the store it found. One function, total, pure.

Runs on what was read before a claim, and again after it. Never asks anything itself: "could not ask" is not an input,
an unreadable store never reaches this function. Source of the rules: docs/reference/decision.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from bbs.stores.anchor import FORMAT, HANDED_BACK, Anchor, Failure, Version, version_record
from bbs.stores.contract import Survey
from bbs.stores.roots import TABLES

# --- what goes in -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identity:
    """What was recorded for this deployment: the store's id, and whether a store was ever adopted under it."""

    store_id: str | None = None
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class Abilities:
    """What this binary and its configuration can do."""

    reads: frozenset[int]
    serves: frozenset[int]
    natural_roots: dict[int, str]
    managed: bool
    owner: str = "standalone"
    adopt_always: bool = False
    initial_version: int | None = None
    keys: frozenset[str] = field(default_factory=frozenset)
    missing_initial_key: str | None = None
    hands_back: bool = False
    online: bool = False

    @property
    def newest(self) -> int:
        """B: the newest version that this binary serves."""
        return max(self.serves)


# --- what comes out ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Serve:
    """Serve `version` as it lies."""

    version: int


@dataclass(frozen=True, slots=True)
class Begin:
    """Start a migration; `online`: beside serving the source."""

    source: int
    target: int
    online: bool = False


@dataclass(frozen=True, slots=True)
class Continue:
    """Another holder began this migration: a new attempt, from the first record."""

    source: int
    target: int
    online: bool = False


@dataclass(frozen=True, slots=True)
class Abandon:
    """Write T := C, then decide again."""

    current: int


@dataclass(frozen=True, slots=True)
class AdoptEmpty:
    """The store is empty and may be: mark it with `version` and serve."""

    version: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Stay master, answer 503 and wait for a person (or the operator)."""

    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ShutDown:
    """Do not claim, write nothing, say why."""

    code: str
    message: str
    remedy: str


Decision = Serve | Begin | Continue | Abandon | AdoptEmpty | Hold | ShutDown


@dataclass(frozen=True, slots=True)
class Stored:
    """The version facts of a store: C and T, where C's records lie, what is wanted, what failed."""

    version: Version
    root: str
    wanted: int | None = None
    generation: int = 0
    failure: Failure | None = None
    online: bool = False


# --- the rules --------------------------------------------------------------------------------------------------------


def decide(anchor: Anchor | None, survey: Survey, identity: Identity, can: Abilities) -> Decision:
    """What to do with this store. Total: every input has an outcome."""
    if anchor is None:
        return _unanchored(survey, identity, can)
    return _foreign(anchor, survey, identity, can) or _by_version(_stored(anchor, can), can)


def decide_held(anchor: Anchor, can: Abilities) -> Decision:
    """The same, for a store that is held: nobody else can have touched it since the claim."""
    return _by_version(_stored(anchor, can), can)


def adopted_version(survey: Survey, can: Abilities) -> Stored | ShutDown | None:
    """C and T of a store that has no anchor yet; None when it is empty."""
    return _adoptable(survey, can)


def _stored(anchor: Anchor, can: Abilities) -> Stored:
    # Online needs a source that can be served; what nobody wanted goes as this member is configured.
    online = anchor.online if anchor.wanted else can.online
    return Stored(
        anchor.version,
        anchor.live.root,
        anchor.wanted.version if anchor.wanted else None,
        anchor.generation,
        anchor.migration.failure if anchor.migration else None,
        online and anchor.version.current in can.serves,
    )


def _foreign(anchor: Anchor, survey: Survey, identity: Identity, can: Abilities) -> ShutDown | None:
    """Reasons not to touch a store that has an anchor."""
    if anchor.format > FORMAT:
        return ShutDown(
            "NewerFormat",
            f"the anchor has format {anchor.format}; this binary knows {FORMAT}",
            "deploy the release that wrote it, or a newer one",
        )
    if identity.store_id is not None and identity.store_id != anchor.store_id:
        return ShutDown(
            "WrongStore",
            f"the store's id is {anchor.store_id}; this deployment recorded {identity.store_id}",
            "point the configuration at the store that belongs to this deployment",
        )
    if anchor.owner != can.owner and not can.adopt_always:
        return ShutDown(
            "StoreOwned",
            f"the store is owned by {anchor.owner}; this deployment is {can.owner}",
            "use a store of its own, or set adoptionPolicy: Always to take it over",
        )
    if anchor.moved_to == HANDED_BACK and not can.hands_back:
        return ShutDown(
            "HandedBack",
            f"the records of data version {anchor.version.current} were given back to upstream's BBS",
            "run `bbs handback` once more: it finishes what was begun, and takes away the last of our tables",
        )
    if anchor.arriving is not None:
        return ShutDown(
            "StoreArriving",
            f"records were being moved into this database (attempt {anchor.arriving.attempt}), and none counts yet",
            "name the store they come from as store.migrate_from, or empty this database to give the move up",
        )
    if anchor.moved:
        return ShutDown(
            "StoreMoved",
            f"the records were moved to {anchor.moved_to}",
            "configure the store they were moved to; this one is no longer served",
        )
    if survey.version_record != version_record(anchor) and not _same_version(survey.version_record, anchor):
        return ShutDown(
            "ForeignWrite",
            f"the version record says {_shown(survey.version_record)}; "
            f"the anchor says {_shown(version_record(anchor))}",
            "find out who wrote it; restore the version record to what the anchor says",
        )
    return _key_missing({key for key in (anchor.active_key, anchor.key_label, *anchor.keys_in_use) if key}, can)


def _key_missing(used: set[str], can: Abilities) -> ShutDown | None:
    missing = used - can.keys
    if not missing:
        return None
    return ShutDown(
        "KeyMissing",
        f"the store uses the encryption key {', '.join(sorted(missing))}, which this member has not loaded",
        "add it to the keyring",
    )


def _same_version(record: bytes | None, anchor: Anchor) -> bool:
    """A record that says the same in other bytes (spacing, upstream's one-field form) is no foreign write."""
    if record is None:
        return False
    wanted = version_record(anchor)
    return wanted is not None and parse_version_record(record) == parse_version_record(wanted)


def _unanchored(survey: Survey, identity: Identity, can: Abilities) -> Decision:
    found = _adoptable(survey, can)
    if isinstance(found, ShutDown):
        return found
    if identity.adopted:
        seen = "is empty" if found is None else "has no anchor"
        return ShutDown(
            "StoreLost",
            f"the store {seen}, but one was adopted as {identity.store_id}",
            "point the configuration at that store, or restore it from a backup; "
            "to start over on purpose, delete the recorded identity",
        )
    if found is not None:
        label = survey.key_label.decode("utf-8", "replace") if survey.key_label else None
        return _key_missing({label} if label else set(), can) or _by_version(found, can)
    if can.missing_initial_key is not None:
        return ShutDown(
            "KeyMissing",
            f"the store is empty, and initial_key names {can.missing_initial_key}, which this member has not loaded",
            "add it to the keyring, or name another",
        )
    version = can.newest if can.initial_version is None else can.initial_version
    if version not in can.serves:
        return ShutDown(
            "InitialVersionNotServed",
            f"the initial data version {version} is not one that this binary serves: {_listed(can.serves)}",
            "choose one of those, or another release",
        )
    return AdoptEmpty(version)


def _adoptable(survey: Survey, can: Abilities) -> Stored | ShutDown | None:
    copies = sorted(root for root in survey.roots if "@" in root)
    if copies:
        return ShutDown(
            "AnchorMissing",
            f"the store holds {', '.join(copies[:3])} but no anchor",
            "restore the store from a backup; nothing was written",
        )
    if survey.version_record is not None:
        version = parse_version_record(survey.version_record)
        if isinstance(version, str):
            return ShutDown("MalformedVersion", version, "mend the version record; nothing was written")
    elif survey.foreign or TABLES in survey.roots:
        found = survey.foreign[:3] or ("upstream's tables",)
        return ShutDown(
            "UnknownData",
            f"the store has no version record but holds {', '.join(found)}",
            "point the configuration at an empty database or at Diego's own",
        )
    elif survey.roots:
        version = Version(0)
    else:
        return None
    root = can.natural_roots.get(version.current)
    if root is None and version.current in can.reads:
        return ShutDown(
            "AnchorMissing",
            f"the version record says {version.current}, which always has an anchor, and there is none",
            "restore the store from a backup; nothing was written",
        )
    return Stored(version, root or "")


def _by_version(stored: Stored, can: Abilities) -> Decision:
    current, target = stored.version.current, stored.version.target
    if current not in can.reads:
        return _unreadable(current, can)
    if stored.wanted is not None:
        return _towards(stored, stored.wanted, can)
    if can.managed:
        return _towards(stored, current, can)
    return _newest(stored, current, current if target is None else target, can)


def _unreadable(current: int, can: Abilities) -> ShutDown:
    newest = max(can.reads)
    relation = "newer than" if current > newest else "unknown to"
    return ShutDown(
        "NewerLayout" if current > newest else "UnknownLayout",
        f"the store holds data version {current}, {relation} what this binary reads: {_listed(can.reads)}",
        "deploy a release that reads it",
    )


def _newest(stored: Stored, current: int, target: int, can: Abilities) -> Decision:
    """The ten rows of story 004: no wanted record, B is the newest served."""
    newest = can.newest
    if current > newest or (current == newest and target < newest):
        return ShutDown(
            "NewerLayout",
            f"the store holds data version {current} on its way to {target}; this binary serves up to {newest}",
            "deploy the release that wrote it, or set a target",
        )
    if current == newest:
        return Serve(current) if target == current else Abandon(current)
    return _held(stored, newest) or _migrating(stored, newest, target < newest)


def _towards(stored: Stored, wanted: int, can: Abilities) -> Decision:
    current, target = stored.version.current, stored.version.target
    under_way = target is not None and target != current
    if wanted == current or wanted not in can.serves:
        if under_way:
            return Abandon(current)
        if current in can.serves:
            return Serve(current)
        return Hold(
            "TargetNotSet",
            f"data version {current} can be read but not served by this binary, and no servable target is set",
            f"set the target data version to one of {_listed(can.serves)}",
        )
    if under_way and target != wanted:
        return Abandon(current)
    held = _held(stored, wanted)
    if held is not None:
        return held
    return _migrating(stored, wanted, not under_way)


def _migrating(stored: Stored, target: int, first: bool) -> Begin | Continue:
    kind = Begin if first else Continue
    return kind(stored.version.current, target, stored.online)


def _held(stored: Stored, target: int) -> Hold | Serve | None:
    """What a failure record leaves to do: an online migration never stopped serving, nor does its failure."""
    failure = stored.failure
    if failure is None or failure.generation != stored.generation or failure.target != target:
        return None
    if stored.online:
        return Serve(stored.version.current)
    return Hold(
        "Held",
        f"the migration from {failure.source} to {failure.target} failed at "
        f"{failure.key or 'no record'}: {failure.message}",
        "mend or remove that record and set the target again, or set the target back to "
        f"{stored.version.current} to withdraw",
    )


def parse_version_record(record: bytes) -> Version | str:
    """C and T of upstream's version record, or a sentence that says what is wrong with it."""
    try:
        document = json.loads(record)
    except (ValueError, RecursionError):
        return f"the version record is not JSON: {_shown(record)}"
    if not isinstance(document, dict):
        return f"the version record is not an object: {_shown(record)}"
    current, target = document.get("CurrentVersion"), document.get("TargetVersion")
    if not _is_version(current):
        return f"the version record has no usable CurrentVersion: {_shown(record)}"
    if target is not None and not _is_version(target):
        return f"the version record has no usable TargetVersion: {_shown(record)}"
    assert isinstance(current, int)
    return Version(current, None if target == current else target)


def _is_version(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63


def _shown(record: bytes | None) -> str:
    return "nothing" if record is None else record[:120].decode("utf-8", "backslashreplace")


def _listed(versions: frozenset[int]) -> str:
    return ", ".join(str(version) for version in sorted(versions))
