"""`python -m tests.fuzz.run`: all targets, or one, with inputs made from a seed.

    --target X      only that one                     --seed N      which inputs (printed by every run)
    --inputs N      how many in all                   --first N     number of the first one
    --input BASE64  exactly this one

A broken promise is printed with its input and how to run it again; the last line is `N inputs, M failures`. Exit 1 when
there was any. An input that takes longer than HANGS_AFTER_S is a failure as well.
"""

from __future__ import annotations

import argparse
import base64
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

from tests.fuzz.mutation import input_of
from tests.fuzz.target import Target, load, names

HANGS_AFTER_S = 30
ENOUGH = 5
"""Failures of one slice after which it is given up: they tend to be the same."""

SLICE = 10_000


class Hangs(Exception):
    """An input that takes longer than anybody would wait."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Inputs `first` to `first + count - 1` of one target."""

    target: str
    seed: int
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Result:
    """How many inputs were tried, and what is to be printed about each that broke the promise."""

    slice: Slice
    tried: int
    failures: tuple[str, ...]


def attempt(target: Target, data: bytes) -> str:
    """The traceback of a broken promise, empty when it holds."""
    try:
        with _watched():
            target.check(data)
    except Exception:
        return traceback.format_exc(limit=-8)
    return ""


def tried(part: Slice) -> Result:
    """The inputs of a slice, one after the other."""
    target = load(part.target)
    failures: list[str] = []
    for number in range(part.first, part.first + part.count):
        data = input_of(target, part.seed, number)
        if broken := attempt(target, data):
            failures.append(_told(part, number, data, broken))
            if len(failures) == ENOUGH:
                return Result(part, number - part.first + 1, tuple(failures))
    return Result(part, part.count, tuple(failures))


@contextmanager
def _watched() -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, HANGS_AFTER_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _hangs(_signal: int, _frame: object) -> None:
    message = f"no end after {HANGS_AFTER_S} s"
    raise Hangs(message)


def prepare() -> None:
    """Once per process, in its main thread."""
    signal.signal(signal.SIGALRM, _hangs)


def _told(part: Slice, number: int, data: bytes, broken: str) -> str:
    text = base64.b64encode(data).decode()
    again = f"python -m tests.fuzz.run --target {part.target}"
    return (
        f"FAILED {part.target}, input {number} of seed {part.seed}, {len(data)} bytes\n{broken}"
        f"input: {text}\nagain: {again} --seed {part.seed} --first {number} --inputs 1\n"
        f"   or: {again} --input {text if len(text) < 2000 else '<the input above>'}\n"
    )


def slices(only: str | None, seed: int, inputs: int, first: int) -> list[Slice]:
    """The work, cut into pieces of which several run at once."""
    chosen = [load(name) for name in ([only] if only else names())]
    whole = sum(target.weight for target in chosen)
    shares = {target.name: int(inputs * target.weight / whole) for target in chosen}
    shares[chosen[0].name] += inputs - sum(shares.values())
    return [
        Slice(name, seed, at, min(SLICE, first + share - at))
        for name, share in shares.items()
        for at in range(first, first + share, SLICE)
    ]


def _results(parts: list[Slice], workers: int) -> Iterator[Result]:
    if len(parts) == 1:
        prepare()
        yield tried(parts[0])
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=prepare) as pool:
        under_way: list[Future[Result]] = [pool.submit(tried, part) for part in parts]
        for done in as_completed(under_way):
            yield done.result()


def _one(name: str, text: str) -> int:
    prepare()
    broken = attempt(load(name), base64.b64decode(text))
    print(broken, end="")
    print(f"1 inputs, {int(bool(broken))} failures")
    return int(bool(broken))


def run(only: str | None, seed: int, inputs: int, first: int, workers: int) -> int:
    """All slices; a line per target when it is through. The exit code."""
    parts = slices(only, seed, inputs, first)
    left = {part.target: sum(other.count for other in parts if other.target == part.target) for part in parts}
    count = dict.fromkeys(left, 0)
    failed = dict.fromkeys(left, 0)
    began = time.monotonic()
    print(f"fuzz: {inputs} inputs, seed {seed}, targets {', '.join(left)}", flush=True)
    for result in _results(parts, workers):
        name = result.slice.target
        left[name] -= result.slice.count
        count[name] += result.tried
        failed[name] += len(result.failures)
        for failure in result.failures:
            print(failure, flush=True)
        if not left[name]:
            print(
                f"[{time.monotonic() - began:5.0f} s] {name}: {count[name]} inputs, {failed[name]} failures", flush=True
            )
    print(f"{sum(count.values())} inputs, {sum(failed.values())} failures")
    return int(any(failed.values()))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run")
    parser.add_argument("--target", choices=names())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--input")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    if given.input is not None:
        if given.target is None:
            parser.error("--input needs --target")
        return _one(given.target, given.input)
    return run(given.target, given.seed, given.inputs, given.first, given.workers)


if __name__ == "__main__":
    sys.exit(main())
