"""Mutants: rules of the core broken on purpose, one at a time. Each must be caught by the running world.

`python -m tests.simulation.mutants [NAME ...]`. A mutant replaces one function of production code (or one comparison
of the simulated store) and must break an invariant within a number of steps; `none` must not.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Any

from tests.simulation.mutations import MUTATIONS
from tests.simulation.run import STEPS_PER_WORLD, simulate
from tests.simulation.world import BrokenPromise

STEPS = 600_000


@contextmanager
def mutated(name: str) -> Iterator[None]:
    """The code with one rule broken."""
    undo: list[Callable[[], None]] = []

    def swap(owner: Any, attribute: str, new: Any) -> Any:
        old = owner.__dict__[attribute]
        setattr(owner, attribute, new)
        undo.append(lambda: setattr(owner, attribute, old))
        return old

    MUTATIONS[name](swap)
    try:
        yield
    finally:
        for back in reversed(undo):
            back()


def caught(name: str, steps: int) -> str | None:
    """Which invariant caught it, with seed and step; None when it lived."""
    counts: Counter[str] = Counter()
    seed = 1
    with mutated(name):
        while counts["steps"] < steps:
            try:
                simulate(seed, STEPS_PER_WORLD, counts)
            except BrokenPromise as broken:
                return f"{broken.invariant}, seed {seed}, step {counts['steps']}"
            seed += 1
    return None


def hunted(name: str) -> tuple[str, str | None, float]:
    """The name, what caught it, and the seconds that took."""
    sys.unraisablehook = lambda _: None
    started = time.monotonic()
    how = caught(name, STEPS)
    return name, how, time.monotonic() - started


def main() -> int:
    """All mutants, or those named; one for each processor at a time."""
    names = sys.argv[1:] or list(MUTATIONS)
    lived = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for hunt in as_completed([pool.submit(hunted, name) for name in names]):
            name, how, seconds = hunt.result()
            print(f"{name}: {'caught by ' + how if how else 'LIVED'} ({seconds:.0f} s)", flush=True)
            if how is None:
                lived.append(name)
    print(f"{len(names) - len(lived)} of {len(names)} caught")
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main())
