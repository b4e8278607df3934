"""The engines that the conformance suite runs over. One more engine is one more line in ENGINES."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from bbs.stores.contract import Store
from bbs.stores.sqlite import SQLiteStore


class Place(Protocol):
    """One empty store, and a new client of it at each call."""

    def __call__(self) -> Store: ...


@contextmanager
def sqlite(tmp_path: Path, _request: pytest.FixtureRequest) -> Iterator[Place]:
    """A file of its own for each test."""
    yield lambda: SQLiteStore(tmp_path / "bbs.sqlite", timeout=5.0)


Factory = Callable[[Path, pytest.FixtureRequest], "contextmanager[Place]"]

ENGINES = {
    "sqlite": sqlite,
}
