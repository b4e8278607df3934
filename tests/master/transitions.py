"""Transitions for the pipeline tests: what clients ask, as small as it can be."""

from __future__ import annotations

from bbs.models.records import Kind, Record, delete, put
from bbs.models.state import Context, Effect, Outcome, Transition, View
from tests.simulation.model import number_of, numbered
from tests.simulation.tables import POISON

ABSENT = b"absent"


class Call(Effect):
    """Some call out."""


def shown(view: View, key: str) -> bytes:
    """What a view says of a task."""
    entry = view.get(Kind.TASKS, key)
    return ABSENT if entry is None else str(number_of(Record(Kind.TASKS, key, entry.data))).encode()


def write(key: str, number: int, effects: tuple[Effect, ...] = ()) -> Transition:
    """Set a task to a number; answers what stood there before."""

    def transition(view: View, _: Context) -> Outcome:
        return Outcome(shown(view, key), (put(numbered(Kind.TASKS, key, number)),), effects)

    return transition


def poison(key: str = "t") -> Transition:
    """A write that the store refuses for its content."""
    return write(f"{key}-{POISON}", 1)


def remove(key: str) -> Transition:
    """Remove a task."""
    return lambda view, _: Outcome(shown(view, key), (delete(Kind.TASKS, key),))


def look(key: str) -> Transition:
    """Change nothing; answers what stands there."""
    return lambda view, _: Outcome(shown(view, key))


def count() -> Transition:
    """Change nothing; answers how many tasks there are."""
    return lambda view, _: Outcome(str(len(list(view.entries(Kind.TASKS)))).encode())


def many(number: int, prefix: str = "m") -> Transition:
    """One transition that sets that many tasks."""
    mutations = tuple(put(numbered(Kind.TASKS, f"{prefix}-{i:03d}", i)) for i in range(number))
    return lambda _, __: Outcome(b"many", mutations)
