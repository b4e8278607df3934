"""Durations are read and written as Go does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controllers.api import Duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("10m", 600), ("1h30m", 5400), ("250ms", 0.25), ("4.1s", 4.1), ("0s", 0), ("1.5h", 5400)]
)
def test_a_duration_is_read_in_hours_minutes_seconds_and_milliseconds(text: str, seconds: float) -> None:
    assert Duration.parse(text).seconds == seconds


@pytest.mark.parametrize(("text", "shortest"), [("2160h", "2160h"), ("90m", "1h30m"), ("0m", "0s"), ("4100ms", "4.1s")])
def test_a_duration_is_written_in_its_shortest_form(text: str, shortest: str) -> None:
    assert str(Duration.parse(text)) == shortest


@pytest.mark.parametrize("text", ["", "10", "ten minutes", "-1s", "1d", "999999h", "1h1h1h1h1h"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as 10m"):
        Duration.parse(text)


@given(st.integers(min_value=0, max_value=99_999 * 3_600_000))
def test_a_written_duration_reads_back_to_the_same_length(milliseconds: int) -> None:
    written = Duration(milliseconds * 1_000_000)
    assert Duration.parse(str(written)) == written
