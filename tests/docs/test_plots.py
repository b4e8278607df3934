"""Plots of docs/performance.md: the same figures give the same file, and what is not found is not drawn."""

from __future__ import annotations

from pathlib import Path

from benchmarks.plots import plot
from benchmarks.report import LIST, SUITE

PRINTED = """sqlite     raw rewrite of 100000 rows         2.0 s
sqlite     0 -> 4000000001              48.1 s    23.7 x raw
"""


def test_a_plot_of_the_same_text_is_the_same_file(tmp_path: Path) -> None:
    drawn = [tmp_path / "one.svg", tmp_path / "two.svg"]
    assert all(plot(PRINTED, SUITE.pattern, "Migrations", SUITE.unit, file) for file in drawn)
    assert drawn[0].read_bytes() == drawn[1].read_bytes()
    assert "0 -&gt; 4000000001" in drawn[0].read_text()


def test_nothing_is_drawn_of_a_text_without_figures(tmp_path: Path) -> None:
    assert not plot(PRINTED, LIST.pattern, "Lists", LIST.unit, tmp_path / "none.svg")
    assert not (tmp_path / "none.svg").exists()
