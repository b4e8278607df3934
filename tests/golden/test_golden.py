"""What the real BBS was recorded doing, this BBS does (docs/reference/differences.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.judge import failures
from tests.golden.page import PAGE, rendered
from tests.golden.recording import load, name_of, scenarios
from tests.golden.run import explained, judged

FILES = {name_of(path): path for path in scenarios()}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("scenario", sorted(FILES))
async def test_a_recorded_scenario_goes_as_it_went(scenario: str) -> None:
    failed = failures(await judged(FILES[scenario]))
    assert not failed, "\n".join(explained(check) for check in failed[:3])


def test_the_documentation_shows_both_tables_as_they_are() -> None:
    page = PAGE.read_text()
    assert rendered(page) == page, "run `python -m tests.golden.page`"


def test_every_line_of_every_recording_has_a_place() -> None:
    """Steps, calls and ends of streams: a line of another kind would be skipped in silence."""
    for path in FILES.values():
        scenario = load(path)
        assert len(scenario.lines) == len(scenario.steps) + len(scenario.calls) + len(scenario.closes), path


def test_the_folder_of_recordings_is_whole() -> None:
    assert len(FILES) == 23
    assert all(Path(path).stat().st_size for path in FILES.values())
