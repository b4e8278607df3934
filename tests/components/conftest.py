"""Certificates, made once a session: RSA keys take time. And a world of processes around a BBS without a store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.components.certificates import Trust
from tests.components.world import World


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return Trust(tmp_path_factory.mktemp("trust"))


@pytest.fixture
def own_trust(tmp_path: Path) -> Trust:
    """For tests that change files."""
    return Trust(tmp_path / "trust")


@pytest.fixture
async def world(tmp_path: Path, trust: Trust, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    made = World(tmp_path, trust)
    try:
        await made.open()
        yield made
        if getattr(request.node, "failed", False):
            print(made.logs())
    finally:
        await made.close()
