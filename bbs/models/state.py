"""What transitions see: records in memory, indexed by what the API asks for.

`Entry` is one record with its parsed index fields. `View` is the read side that a transition gets: the confirmed
memory, or an overlay of it (`bbs.master.overlay`). Neither is ever changed by a transition: it returns mutations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from bbs.models.account import PLAIN, Account
from bbs.models.records import OURS, Kind, Mutation, Nanoseconds


class Entry:
    """One record in memory. `data` stays opaque; the other members are parsed from it once, when it is indexed.

    `group`: process guid (LRPs), task guid, domain name. `state`: actual LRP or task state name, else "".
    `index`, `presence`: actual LRPs only (0 otherwise; presence as the protobuf enum number).
    `frames`: prepared list frames, filled by whoever serves them; dropped with the entry when the record changes.
    """

    __slots__ = (
        "cell_id",
        "data",
        "deadline",
        "domain",
        "frames",
        "group",
        "index",
        "key",
        "kind",
        "presence",
        "state",
    )

    def __init__(
        self,
        kind: Kind,
        key: str,
        data: bytes,
        deadline: Nanoseconds,
        group: str,
        domain: str = "",
        cell_id: str = "",
        state: str = "",
        index: int = 0,
        presence: int = 0,
    ) -> None:
        self.kind = kind
        self.key = key
        self.data = data
        self.deadline = deadline
        self.group = group
        self.domain = domain
        self.cell_id = cell_id
        self.state = state
        self.index = index
        self.presence = presence
        self.frames: dict[str, tuple[bytes, bytes]] | None = None


class View(Protocol):
    """Read access to records. Every read is noted by an overlay, absent rows included."""

    def get(self, kind: Kind, key: str) -> Entry | None:
        """The entry of that key."""

    def group(self, kind: Kind, group: str) -> list[Entry]:
        """All entries of one group, e.g. the actual LRPs of a process guid; in key order."""

    def entries(self, kind: Kind) -> Iterable[Entry]:
        """All entries of a kind, in no order."""

    def on_cell(self, kind: Kind, cell_id: str) -> list[Entry]:
        """All actual LRPs or tasks that name that cell."""


class Context(NamedTuple):
    """What a transition may know beside records. Each transition gets one of its own.

    `now` in nanoseconds since the epoch; `serving_since` likewise: when this master began to serve. `new_guid` gives a
    fresh UUID text. `cells`: cell ids with a presence, None when Locket could not be asked. `data_version`: that of the
    layout that is served. `max_task_retries`: how often a task may be rejected before it fails.
    """

    now: Nanoseconds
    serving_since: Nanoseconds
    new_guid: Callable[[], str]
    cells: frozenset[str] | None = None
    data_version: int = OURS + 1
    max_task_retries: int = 3


class Effect:
    """Base of the calls out that follow a commit (auctions, stops); concrete ones are in `bbs.models.effects`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a transition wants: the serialized response message, record changes, and calls out after the commit.

    `account`: what its events say beyond the changes. `trace_id`: the caller's, for events and calls out.
    """

    response: bytes
    mutations: tuple[Mutation, ...] = ()
    effects: tuple[Effect, ...] = field(default=())
    account: Account = PLAIN
    trace_id: str = ""


Transition = Callable[[View, Context], Outcome]

Indexer = Callable[[Kind, str, bytes, Nanoseconds], Entry]
"""Parses a canonical record into its entry; raises ValueError when the bytes are no such message."""

Watcher = Callable[[Entry | None, Entry | None], None]
"""Told of each confirmed change of memory: the entry before and after, None for absent. Never raises."""

Records = Mapping[tuple[Kind, str], Entry]
