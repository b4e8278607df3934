"""One converger: takes the turn, runs the rules on what it fetched, and has the BBS apply what is still true.

It holds nothing between two runs but its turn. A BBS that says no, or nothing, is asked again after the interval; the
ttl of the turn outlives two intervals at least. Source: docs/reference/external-converger.md.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

from bbs.client import BBSClient
from bbs.convergence import Timing, lrp_steps, task_steps
from bbs.convergence.updates import MOST_STEPS, Step, step_of
from bbs.converger.fetched import Reading, fetched
from bbs.master.memory import Memory, Unreadable
from bbs.models.records import Kind
from bbs.models.state import Context, Transition


async def converge_once(client: BBSClient, owner: str, ttl_s: float) -> dict[str, int]:
    """One run in the turn of `owner`, which it keeps: {steps, applied, stale, failed}. Raises as the client."""
    facts = await client.take_convergence(owner, ttl_s)
    memory = fetched([(kind, record) for kind in Kind for record in await client.records(kind.value)])
    sums = {"steps": 0, "applied": 0, "stale": 0, "failed": 0}
    for steps in _together(harmonized(memory, facts)):
        document = {"owner": owner, "epoch": facts["epoch"], "steps": [step.model_dump() for step in steps]}
        result = await client.update_convergence(document)
        sums["steps"] += len(steps)
        sums["applied"] += result["applied"]
        sums["stale"] += result["stale"]
        sums["failed"] += len(result["failed"])
    return sums


def harmonized(memory: Memory, facts: dict[str, Any]) -> Iterator[Step]:
    """What the rules want changed, as steps that hold only while the records are as they were fetched."""
    cells = None if facts["cells"] is None else frozenset(facts["cells"])
    # The BBS's clock, moved on by how long this takes here: ages are those of its records.
    began = time.monotonic_ns()
    timing = Timing(**facts["timing"])

    def now() -> Context:
        passed = time.monotonic_ns() - began
        return Context(facts["now"] + passed, facts["serving_since"], lambda: str(uuid.uuid4()), cells)

    for transitions in (lrp_steps(memory, now(), timing), task_steps(memory, now(), timing)):
        for transition in transitions:
            if (step := _step(transition, memory, now())) is not None:
                yield step


def _step(transition: Transition, memory: Memory, context: Context) -> Step | None:
    reading = Reading(memory)
    try:
        outcome = transition(reading, context)
    except Unreadable:
        return None
    return step_of(outcome, reading.read) if outcome.mutations or outcome.effects else None


def _together(steps: Iterator[Step]) -> Iterator[list[Step]]:
    part: list[Step] = []
    for step in steps:
        part.append(step)
        if len(part) == MOST_STEPS:
            yield part
            part = []
    if part:
        yield part
