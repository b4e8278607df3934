"""Plots of what measurements printed: one bar for each figure that a pattern finds.

The same text gives the same bytes: no date, no random names, text as text.
"""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

_INK, _BAR = "#333333", "#3b6ea5"
_ROW_INCHES = 0.26


def plot(printed: str, pattern: str, title: str, unit: str, file: Path) -> bool:
    """Draw the bars. `pattern` has the groups `label` and `value`; False when it finds nothing."""
    found = [(" ".join(m["label"].split()), float(m["value"])) for m in re.finditer(pattern, printed, re.MULTILINE)]
    if not found:
        return False
    labels, values = [label for label, _ in found], [value for _, value in found]
    with mpl.rc_context({"svg.hashsalt": "diego", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(8, 0.9 + _ROW_INCHES * len(found)), layout="constrained")
        axes = figure.subplots()
        bars = axes.barh(range(len(found)), values, color=_BAR)
        axes.bar_label(bars, fmt="%g", padding=3, color=_INK)
        axes.set_yticks(range(len(found)), labels)
        axes.invert_yaxis()
        axes.margins(x=0.12)
        axes.set_xlabel(unit)
        axes.set_title(title)
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return True
