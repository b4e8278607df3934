"""Progress on stderr: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

LINE_EVERY_S = 5.0


class Progress(Protocol):
    """Takes how far it is; `total` None when that is not known yet."""

    def __call__(self, done: int, total: int | None) -> None:
        """Show it."""


@contextmanager
def progress(words: str) -> Iterator[Progress]:
    """Show progress while the block runs."""
    if sys.stderr.isatty():
        with _bar(words) as shown:
            yield shown
    else:
        yield _Lines(words)


@contextmanager
def _bar(words: str) -> Iterator[Progress]:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class _Lines:
    def __init__(self, words: str) -> None:
        self._words = words
        self._said = time.monotonic()

    def __call__(self, done: int, total: int | None) -> None:
        if time.monotonic() - self._said >= LINE_EVERY_S:
            self._said = time.monotonic()
            print(f"{self._words}: {done} of {'?' if total is None else total}", file=sys.stderr)
