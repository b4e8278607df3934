"""The anchor: the one permanent record that says everything that must change atomically.

Owns its members and their JSON form, nothing else: no comparison, no clock, no I/O. Members that this binary does not
know are kept verbatim, so that an older binary never erases what a newer one wrote. Source: docs/reference/fence.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

from bbs.layouts.contract import OURS
from bbs.layouts.upstream_tables import FIRST
from bbs.stores.shapes import require_shape

GUARD = OURS
"""What the version record says while we serve a relational version of upstream's: every Go BBS refuses it at its start,
so that none writes beside us."""
HANDED_BACK = "upstream"
"""`moved_to` of a store that goes back to a Go BBS: begun while the live root is still a copy, then done."""
ETCD_FENCE = 1451635201
"""What etcd's version record says at least once its records were moved: every BBS of the etcd era refuses it."""
FORMAT = 2
"""Highest anchor format this binary may claim; a higher one is never claimed."""
ORDINARY = 1
"""The format of all anchors but one on which a store's records are still arriving: a binary that doesn't know of that
would take it for an empty store to be served."""

Epoch = int
Seq = int


class MalformedAnchor(ValueError):
    """The anchor's bytes are no anchor; names what is wrong. Nothing may be written over it."""


class Fence(NamedTuple):
    """What every durable change compares: who holds the store, and the last change it made."""

    epoch: Epoch
    seq: Seq


@dataclass(frozen=True, slots=True)
class Live:
    """The root that is served."""

    layout: int
    root: str


@dataclass(frozen=True, slots=True)
class Version:
    """`current`: the data version of the live root. `target`: where a begun migration goes, None if none is begun."""

    current: int
    target: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The declared target. `generation` rises with each accepted call and flip; `token` names the caller's intent."""

    version: int
    generation: int
    token: str = ""
    max_records_per_second: int | None = None


@dataclass(frozen=True, slots=True)
class Converger:
    """The external converger whose turn it is. `ttl_s`: seconds after its last call until the turn is free again."""

    owner: str
    ttl_s: float


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt stopped, durable. `generation`: the wanted one at its start; HOLD lasts while it is equal."""

    source: int
    target: int
    key: str
    reason: str
    message: str
    attempt: str
    generation: int


@dataclass(frozen=True, slots=True)
class MigrationState:
    """The attempt under way (`state` staging, verifying) or failed (`failed`)."""

    attempt: str
    staged_root: str
    state: str
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class MoveFailure:
    """Why a move to another store stopped, durable. `generation`: the move's own at its start."""

    key: str
    reason: str
    message: str
    attempt: str
    generation: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """What an attempt put below `root` of the store that records move to: so many rows, of that digest.

    `complete`: all of it was written and read back.
    """

    attempt: str
    root: str
    count: int = 0
    digest: str = ""
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """The move to another store as it is wished for; `generation` rises with each accepted call.

    `attempt` is the last one begun; `arrival`, once the records were moved, what the other store must hold.
    """

    wanted: bool
    generation: int = 0
    token: str = ""
    attempt: str | None = None
    failure: MoveFailure | None = None
    arrival: Arrival | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """`digest` chains (previous digest, batch id, changes); `intent` names chunks that are still to be applied;
    `superseded` the roots that were live once and are kept until somebody says otherwise; `keys_in_use` the labels of
    all keys that a record may be sealed with, of which whoever serves must have every one; `rotation_pace` how many
    records a second a rotation may write, None for no limit of its own; `online` whether requests are answered while
    what is wanted comes about. `arriving`: records are being moved into this store, and nobody serves it; `moved_from`:
    the engine that they came from.
    """

    store_id: str
    owner: str
    epoch: Epoch
    seq: Seq
    batch_id: str
    live: Live
    version: Version
    digest: str
    wanted: Wanted | None = None
    migration: MigrationState | None = None
    backend: str = ""
    active_key: str = ""
    key_label: str | None = None
    keys_in_use: tuple[str, ...] = ()
    rotation_pace: int | None = None
    intent: str | None = None
    dropping: tuple[str, ...] = ()
    superseded: tuple[str, ...] = ()
    moved_to: str | None = None
    attempts: int = 0
    online: bool = False
    converger: Converger | None = None
    move: Move | None = None
    arriving: Arrival | None = None
    moved_from: str | None = None
    format: int = ORDINARY
    unknown: dict[str, Any] = field(default_factory=dict)

    @property
    def fence(self) -> Fence:
        """What a commit on top of this anchor compares."""
        return Fence(self.epoch, self.seq)

    @property
    def generation(self) -> int:
        """The wanted generation, 0 before anything was wanted."""
        return self.wanted.generation if self.wanted else 0

    @property
    def move_generation(self) -> int:
        """The move's generation, 0 before a call for one was accepted."""
        return self.move.generation if self.move else 0

    @property
    def moved(self) -> bool:
        """Whether the records lie in another store of ours."""
        return self.moved_to not in (None, HANDED_BACK)

    @property
    def migrating(self) -> bool:
        """Whether an attempt is under way, or is to be taken up again; not once it failed."""
        return self.version.target is not None and (self.migration is None or self.migration.failure is None)

    def change(self, **members: Any) -> Anchor:
        """This anchor with some members replaced."""
        return replace(self, **members)


_NESTED: dict[str, type] = {
    "live": Live,
    "version": Version,
    "wanted": Wanted,
    "migration": MigrationState,
    "converger": Converger,
    "move": Move,
    "arriving": Arrival,
}
_MEMBERS = {f.name for f in fields(Anchor)} - {"unknown"}


_PARTS: dict[tuple[str, str], type] = {
    ("migration", "failure"): Failure,
    ("move", "failure"): MoveFailure,
    ("move", "arrival"): Arrival,
}
"""Members of members."""


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return list(value) if isinstance(value, tuple) else value


def encode_anchor(anchor: Anchor) -> bytes:
    """The anchor as compact JSON; equal anchors give equal bytes."""
    document = dict(anchor.unknown)
    for name in sorted(_MEMBERS):
        document[name] = _plain(getattr(anchor, name))
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()


def _nested(name: str, value: Any) -> Any:
    if value is None:
        return None
    parts = {part: kind for (whole, part), kind in _PARTS.items() if whole == name and value.get(part)}
    return _NESTED[name](**{**value, **{part: kind(**value[part]) for part, kind in parts.items()}})


def decode_anchor(data: bytes) -> Anchor:
    """The anchor of those bytes. Raises MalformedAnchor, naming the member."""
    try:
        document = json.loads(data)
        members = {name: document[name] for name in _MEMBERS if name in document}
        for name in _NESTED:
            if name in members:
                members[name] = _nested(name, members[name])
        for name in ("dropping", "superseded", "keys_in_use"):
            members[name] = tuple(members.get(name) or ())
        unknown = {name: value for name, value in document.items() if name not in _MEMBERS}
        anchor = Anchor(**members, unknown=unknown)
        require_shape(anchor)
        return anchor
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        message = f"the anchor is not readable: {error}; restore it from a backup, nothing was written"
        raise MalformedAnchor(message) from error


def handed_back(anchor: Anchor) -> bool:
    """Whether the records lie under upstream's own names again, for a Go BBS to take."""
    return anchor.moved_to == HANDED_BACK and "@" not in anchor.live.root


def version_record(anchor: Anchor) -> bytes | None:
    """Upstream's user-readable version record of this anchor; None where upstream had none (version 0, no target)."""
    current, target = anchor.version.current, anchor.version.target
    if anchor.arriving is not None or anchor.moved:
        fence = GUARD if anchor.arriving is not None else max(ETCD_FENCE, current)
        return json.dumps({"CurrentVersion": fence, "TargetVersion": fence}, separators=(",", ":")).encode()
    if current == 0 and target is None:
        return None
    if handed_back(anchor):
        return json.dumps({"CurrentVersion": current}, separators=(",", ":")).encode()
    shown = current if target is None else target
    kept = GUARD if FIRST <= current < GUARD else current
    return json.dumps({"CurrentVersion": kept, "TargetVersion": shown}, separators=(",", ":")).encode()


def key_label_record(anchor: Anchor) -> bytes | None:
    """Upstream's label record: the key that all records are known to use; None while that is not known."""
    return anchor.key_label.encode() if anchor.key_label else None
