"""Certificates, made once a session: RSA keys take time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.components.certificates import Trust


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return Trust(tmp_path_factory.mktemp("trust"))


@pytest.fixture
def own_trust(tmp_path: Path) -> Trust:
    """For tests that change files."""
    return Trust(tmp_path / "trust")
