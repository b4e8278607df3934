"""A member that serves from a dictionary, with every answer settable: what the server sees, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from bbs.master.serving import AdminRefusal, AnswerWithheld, NotServing, Redirect, Unavailable
from bbs.models.records import Kind
from bbs.models.state import Context, Entry, Transition


class Memory:
    """A View over a dictionary."""

    def __init__(self) -> None:
        self.records: dict[tuple[Kind, str], Entry] = {}

    def get(self, kind: Kind, key: str) -> Entry | None:
        return self.records.get((kind, key))

    def group(self, kind: Kind, group: str) -> list[Entry]:
        return [entry for entry in self.entries(kind) if entry.group == group]

    def entries(self, kind: Kind) -> Iterable[Entry]:
        return [entry for entry in self.records.values() if entry.kind == kind]

    def on_cell(self, kind: Kind, cell_id: str) -> list[Entry]:
        return [entry for entry in self.entries(kind) if entry.cell_id == cell_id]


class Member:
    """Serving, for tests of the server alone."""

    def __init__(self) -> None:
        self.state = Memory()
        self.holds: Callable[[], bool] = lambda: True
        self.instead: Redirect | Unavailable | None = None
        self.release = asyncio.Event()
        self.release.set()
        self.calls: list[tuple[Any, ...]] = []
        self.withheld = False
        self.stands = True

    def memory(self) -> Memory:
        return self.state

    async def submit(self, transition: Transition) -> bytes:
        await self.release.wait()
        if self.withheld:
            raise AnswerWithheld
        if self.instead is not None:
            raise NotServing(self.instead)
        outcome = transition(self.state, context())
        for change in outcome.mutations:
            assert change.record is not None
            entry = Entry(change.kind, change.key, change.record.data, change.record.deadline, change.key)
            self.state.records[change.kind, change.key] = entry
        return outcome.response

    def may_answer(self) -> bool:
        return self.holds()

    def gate(self) -> Redirect | Unavailable | None:
        return self.instead

    def status(self) -> dict[str, Any]:
        return {"role": "Master", "epoch": 7, "records": {"domains": len(self.state.records)}}

    def ready(self) -> bool:
        return self.stands

    async def prepare(self, version: int) -> None:
        self.calls.append(("prepare", version))

    async def set_target(
        self, version: int, token: str, if_generation: int, limit: int | None, mode: str | None = None
    ) -> dict[str, Any]:
        if if_generation != 3:
            raise AdminRefusal(
                412, "StaleGeneration", f"the generation is 3, not {if_generation}", "read /status again"
            )
        self.calls.append(("target", version, token, limit))
        return {"generation": 4}

    async def set_active_key(
        self, name: str, if_generation: int, if_active: str | None = None, max_records_per_second: int | None = None
    ) -> dict[str, Any]:
        self.calls.append(("active-key", name, if_generation, if_active, max_records_per_second))
        return {"generation": 4}

    async def set_move(self, token: str, if_generation: int, *, wanted: bool) -> dict[str, Any]:
        self.calls.append(("move", token, if_generation, wanted))
        return {"generation": if_generation + 1}

    async def drop_roots(self, roots: list[str], if_generation: int) -> dict[str, Any]:
        self.calls.append(("drop-roots", roots, if_generation))
        return {"generation": 4}

    async def step_down(self, epoch: int) -> None:
        self.calls.append(("step-down", epoch))


def context() -> Context:
    """A fixed moment."""
    return Context(now=1_000_000_000, serving_since=0, new_guid=lambda: "guid")


async def no_cells() -> bytes:
    """Locket knows of nobody."""
    return b""
