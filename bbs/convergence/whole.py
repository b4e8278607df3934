"""Convergence as one scan of everything: for whoever keeps no agenda between two runs.

Source of the rules: docs/reference/convergence.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from bbs.convergence.agenda import Agenda
from bbs.convergence.scan import Scan
from bbs.convergence.timing import Timing
from bbs.models.state import Context, Transition, View


def lrp_steps(view: View, context: Context, timing: Timing | None = None) -> Iterator[Transition]:
    """The transitions of one run; none when the cells could not be asked for."""
    return chain.from_iterable(Agenda().lrp_slices(Scan(view, context, timing or Timing())))


def task_steps(view: View, context: Context, timing: Timing | None = None) -> Iterator[Transition]:
    """Likewise for tasks."""
    return chain.from_iterable(Agenda().task_slices(Scan(view, context, timing or Timing())))
