"""A board for tests: records in a dict, a clock that stands until it is moved, calls by path."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from google.protobuf.message import Message

from bbs.models.index import indexed
from bbs.models.records import Kind, Mutation, Presence, Record, actual_lrp_key
from bbs.models.routes import ROUTES
from bbs.models.state import Context, Effect, Entry, Transition, Watcher
from bbs.wire.actual_lrp_pb2 import ActualLRP
from bbs.wire.core_pb2 import Error
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from bbs.wire.task_pb2 import Task

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
BY_PATH = {route.path: route for route in ROUTES}

Parsed = TypeVar("Parsed", bound=Message)


class Records:
    """A View over a dict."""

    def __init__(self) -> None:
        self.entries_by_key: dict[tuple[Kind, str], Entry] = {}
        self.watcher: Watcher = lambda _before, _after: None

    def watch(self, watcher: Watcher) -> None:
        self.watcher = watcher

    def get(self, kind: Kind, key: str) -> Entry | None:
        return self.entries_by_key.get((kind, key))

    def group(self, kind: Kind, group: str) -> list[Entry]:
        return sorted((entry for entry in self.entries(kind) if entry.group == group), key=lambda entry: entry.key)

    def entries(self, kind: Kind) -> list[Entry]:
        return [entry for (of, _), entry in self.entries_by_key.items() if of is kind]

    def on_cell(self, kind: Kind, cell_id: str) -> list[Entry]:
        return [entry for entry in self.entries(kind) if entry.cell_id == cell_id]

    def apply(self, mutations: tuple[Mutation, ...]) -> None:
        for mutation in mutations:
            self.place(mutation.kind, mutation.key, None if mutation.record is None else indexed(mutation.record))

    def place(self, kind: Kind, key: str, entry: Entry | None) -> None:
        before = self.entries_by_key.pop((kind, key), None)
        if entry is not None:
            self.entries_by_key[kind, key] = entry
        self.watcher(before, entry)


@dataclass
class Board:
    """What a transition sees and leaves behind."""

    records: Records = field(default_factory=Records)
    now: int = START
    serving_since: int = 0
    cells: set[str] | None = field(default_factory=set)
    mutations: tuple[Mutation, ...] = ()
    effects: list[Effect] = field(default_factory=list)
    guids: int = 0
    data_version: int = 4_000_000_001
    max_task_retries: int = 3

    def new_guid(self) -> str:
        self.guids += 1
        return f"epoch-{self.guids}"

    @property
    def context(self) -> Context:
        cells = None if self.cells is None else frozenset(self.cells)
        return Context(self.now, self.serving_since, self.new_guid, cells, self.data_version, self.max_task_retries)

    def post(self, path: str, request: Message | bytes = b"") -> bytes:
        """The response body; mutations are applied, effects kept."""
        body = request if isinstance(request, bytes) else request.SerializeToString()
        route = BY_PATH[f"/v1{path}"]
        if route.kind == "query":
            found = route.handle(body, self.records, self.context)
            return found if isinstance(found, bytes) else b"".join(found.slices())
        return self.run(route.handle(body))

    def run(self, transition: Transition) -> bytes:
        outcome = transition(self.records, self.context)
        self.mutations = outcome.mutations
        self.records.apply(outcome.mutations)
        self.effects += outcome.effects
        return outcome.response

    def put(self, kind: Kind, key: str, message: Message | bytes, deadline: int = 0) -> None:
        """Store a record as an earlier version may have left it."""
        data = message if isinstance(message, bytes) else message.SerializeToString()
        self.records.place(kind, key, indexed(Record(kind, key, data, deadline)))

    def data(self, kind: Kind, key: str) -> bytes:
        entry = self.records.get(kind, key)
        assert entry is not None, f"no {kind.value} {key}"
        return entry.data

    def row(self, guid: str, index: int, presence: Presence = Presence.ORDINARY) -> ActualLRP | None:
        entry = self.records.get(Kind.ACTUAL_LRPS, actual_lrp_key(guid, index, presence))
        return ActualLRP.FromString(entry.data) if entry else None

    def ordinary(self, guid: str = "pg", index: int = 0) -> ActualLRP:
        row = self.row(guid, index)
        assert row is not None
        return row

    def desired(self, guid: str = "pg") -> DesiredLRP:
        return DesiredLRP.FromString(self.data(Kind.DESIRED_LRPS, guid))

    def task(self, guid: str = "t") -> Task:
        return Task.FromString(self.data(Kind.TASKS, guid))

    def taken(self, of: type[Effect]) -> list[Effect]:
        """The effects of that type so far."""
        return [effect for effect in self.effects if isinstance(effect, of)]


def error_of(response: bytes) -> Error:
    """The error member, which is field 1 of every response."""
    from bbs.wire.actual_lrp_pb2 import EvacuationResponse  # noqa: PLC0415

    return EvacuationResponse.FromString(response).error


def error_name(response: bytes) -> str:
    """The error's type by name; empty when there is none."""
    error = error_of(response)
    return Error.Type.Name(error.type) if error.message else ""
