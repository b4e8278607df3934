"""What an external converger may change: records that are still as it fetched them, and the calls out that follow.

A step is all or nothing, and holds only if every record that its decision read is unchanged: whatever happened since,
nothing is overwritten that the converger has not seen. Source: docs/reference/external-converger.md.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bbs.models.account import Account
from bbs.models.effects import (
    CompleteTaskCallback,
    RequestLRPAuction,
    RequestTaskAuction,
    RetireLRPInstance,
    UpdateLRPInstance,
)
from bbs.models.index import index
from bbs.models.records import NEVER, Kind, Mutation, Presence, Record, actual_lrp_key, delete, put
from bbs.models.state import Context, Effect, Entry, Outcome, Transition, View

MOST_STEPS = 1_000
"""In one call."""

_CALLS: dict[str, type[Effect]] = {
    "place-lrps": RequestLRPAuction,
    "place-tasks": RequestTaskAuction,
    "retire": RetireLRPInstance,
    "update": UpdateLRPInstance,
    "complete-task": CompleteTaskCallback,
}
_NAMES = {of: name for name, of in _CALLS.items()}
_READERS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(of) for name, of in _CALLS.items()}


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Stored(_Closed):
    """A record's new value. `data`: its message, base64."""

    data: str
    deadline: int = NEVER


class Call(_Closed):
    """A call out: its name in the log, and the members of the effect."""

    call: str
    members: dict[str, Any]


class Step(_Closed):
    """`read`: digest of each record that was read, null for none there. Names are `<kind>/<key>`."""

    read: dict[str, str | None]
    put: dict[str, Stored] = {}
    delete: list[str] = []
    calls: list[Call] = []


class Updates(_Closed):
    """The body of an update."""

    owner: str
    epoch: int
    steps: Annotated[list[Step], Field(max_length=MOST_STEPS)]


class Applied:
    """One step on its way through the pipeline. Raises ValueError for a step that no record or call fits."""

    __slots__ = ("_effects", "_mutations", "_read", "applied")

    def __init__(self, step: Step) -> None:
        self._read = {parse_name(name): digest for name, digest in step.read.items()}
        stored = (_record(name, value) for name, value in step.put.items())
        deleted = (delete(*parse_name(name)) for name in step.delete)
        self._mutations: tuple[Mutation, ...] = (*(put(record) for record in stored), *deleted)
        self._effects = tuple(_effect(call) for call in step.calls)
        if any((change.kind, change.key) not in self._read for change in self._mutations):
            message = "a record is changed that was not read"
            raise ValueError(message)
        if any(change.kind is Kind.DESIRED_LRPS for change in self._mutations):
            message = "a desired LRP is changed; convergence never does that"
            raise ValueError(message)
        self.applied = False

    @property
    def transition(self) -> Transition:
        """What goes through the pipeline."""
        return self._run

    def _run(self, view: View, _context: Context) -> Outcome:
        self.applied = all(digest_of(view.get(kind, key)) == seen for (kind, key), seen in self._read.items())
        if not self.applied:
            return Outcome(b"")
        retired = (effect for effect in self._effects if isinstance(effect, RetireLRPInstance))
        gone = tuple(actual_lrp_key(one.process_guid, one.index, Presence.ORDINARY) for one in retired)
        return Outcome(b"", self._mutations, self._effects, Account(by_row=True, gone=gone))


def digest_of(entry: Entry | None) -> str | None:
    """What a condition compares: content and deadline."""
    return None if entry is None else hashlib.sha256(entry.data + b"%d" % entry.deadline).hexdigest()


def step_of(outcome: Outcome, read: dict[tuple[Kind, str], Entry | None]) -> Step:
    """What a transition wanted that ran on fetched records, as a step that holds only if these are unchanged."""
    written = [change.record for change in outcome.mutations if change.record is not None]
    return Step(
        read={name_of(kind, key): digest_of(entry) for (kind, key), entry in read.items()},
        put={
            name_of(record.kind, record.key): Stored(
                data=base64.b64encode(record.data).decode(), deadline=record.deadline
            )
            for record in written
        },
        delete=[name_of(change.kind, change.key) for change in outcome.mutations if change.record is None],
        calls=[
            Call(call=_NAMES[type(effect)], members=TypeAdapter(type(effect)).dump_python(effect, mode="json"))
            for effect in outcome.effects
        ],
    )


def name_of(kind: Kind, key: str) -> str:
    """`<kind>/<key>`."""
    return f"{kind.value}/{key}"


def parse_name(name: str) -> tuple[Kind, str]:
    """The inverse of `name_of`. Raises ValueError."""
    kind, slash, key = name.partition("/")
    if not slash or not key:
        message = f"{name!r} names no record; wanted <kind>/<key>"
        raise ValueError(message)
    return Kind(kind), key


def _record(name: str, value: Stored) -> Record:
    kind, key = parse_name(name)
    record = Record(kind, key, base64.b64decode(value.data, validate=True), value.deadline)
    index(record.kind, record.key, record.data, record.deadline)
    return record


def _effect(call: Call) -> Effect:
    if call.call not in _READERS:
        message = f"{call.call!r} is no call; known are: {', '.join(_CALLS)}"
        raise ValueError(message)
    effect: Effect = _READERS[call.call].validate_python(call.members)
    return effect
