"""How long engines are hurt: once in `make test`, ROUNDS times in `make faults`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def rounds() -> int:
    """How often; 0: as shortly as it makes sense."""
    return int(os.environ.get("ROUNDS") or "0")
