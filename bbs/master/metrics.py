"""What a master knows of records, convergence and its peers, by the names that upstream's metrics have.

Read at each scrape; a member that does not serve shows zeros. Source: docs/reference/metrics.md.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bbs.convergence.figures import Figures as ConvergenceFigures
from bbs.master.figures import Figures
from bbs.master.member import Member
from bbs.master.tally import Tally
from bbs.models.actual_lrps.rows import CLAIMED, CRASHED, ORDINARY_NUMBER, RUNNING, SUSPECT_NUMBER, UNCLAIMED
from bbs.models.records import Kind
from bbs.outbound.figures import CallFigures

_LRPS = {
    "lrps_unclaimed": ("Ordinary instances that wait for a cell.", ORDINARY_NUMBER, UNCLAIMED),
    "lrps_claimed": ("Ordinary instances that a cell has taken.", ORDINARY_NUMBER, CLAIMED),
    "lrps_running": ("Ordinary instances that run.", ORDINARY_NUMBER, RUNNING),
    "crashed_actual_lrps": ("Ordinary instances that crashed and wait.", ORDINARY_NUMBER, CRASHED),
    "suspect_running_actual_lrps": ("Suspect instances that ran when they were last seen.", SUSPECT_NUMBER, RUNNING),
    "suspect_claimed_actual_lrps": ("Suspect instances that a cell had taken.", SUSPECT_NUMBER, CLAIMED),
}
_TASKS = ("Pending", "Running", "Completed", "Resolving")


class MasterMetrics(Collector):
    """One per process."""

    def __init__(self, member: Member, convergence: ConvergenceFigures, calls: CallFigures) -> None:
        self._member = member
        self._convergence = convergence
        self._calls = calls

    def collect(self) -> Iterator[Metric]:
        """All families."""
        ruler = self._member.ruler
        memory = ruler.memory if ruler is not None else None
        yield from _records(memory.tally if memory is not None else Tally())
        yield from _convergence(self._convergence, serving=memory is not None)
        yield from _calls(self._calls)
        yield from _member(self._member.parts.figures)
        rotation = ruler.rotation if ruler is not None else None
        rotated = rotation.duration if rotation is not None else 0.0
        yield _gauge("encryption_duration_seconds", "Of the last change of the key in this reign.", rotated)
        yield from _process()


def _records(tally: Tally) -> Iterator[Metric]:
    for name, (words, presence, state) in _LRPS.items():
        yield _gauge(name, words, tally.count(Kind.ACTUAL_LRPS, presence, state))
    yield _gauge("crashing_desired_lrps", "LRPs with a crashed instance.", len(tally.crashing))
    for state in _TASKS:
        count = tally.count(Kind.TASKS, ORDINARY_NUMBER, state)
        yield _gauge(f"tasks_{state.lower()}", f"Tasks that are {state}.", count)


def _convergence(figures: ConvergenceFigures, *, serving: bool) -> Iterator[Metric]:
    yield _counter("convergence_lrp_runs", "Runs of LRP convergence.", figures.lrp_runs)
    yield _counter("convergence_task_runs", "Runs of task convergence.", figures.task_runs)
    yield _counter("convergence_tasks_pruned", "Tasks deleted since they had expired.", figures.tasks_pruned)
    yield _counter(
        "convergence_tasks_kicked", "Tasks failed, auctioned or called back by convergence.", figures.tasks_kicked
    )
    yield _gauge("convergence_lrp_duration_seconds", "Of the last run.", figures.lrp_duration)
    yield _gauge("convergence_task_duration_seconds", "Of the last run.", figures.task_duration)
    known: Mapping[str, tuple[str, int]] = {
        "lrps_desired": ("Instances desired.", figures.lrps_desired),
        "lrps_missing": ("Desired indices without a row, at the last run.", figures.lrps_missing),
        "lrps_extra": ("Rows that nobody desires in fresh domains, at the last run.", figures.lrps_extra),
        "present_cells": ("Cells present at the last run.", figures.present_cells),
        "suspect_cells": ("Cells that instances name and that were not present.", len(figures.absent_cells)),
    }
    for name, (words, value) in known.items():
        yield _gauge(name, words, value if serving else 0)
    domains = GaugeMetricFamily("diego_bbs_domain", "1 for each fresh domain at the last run.", labels=["domain"])
    for domain in figures.domains if serving else ():
        domains.add_metric([domain], 1)
    yield domains


def _calls(figures: CallFigures) -> Iterator[Metric]:
    ended = CounterMetricFamily("diego_bbs_calls_out", "Calls to auctioneer, cells, callbacks.", labels=["call", "end"])
    for (call, end), count in sorted(figures.ended.items()):
        ended.add_metric([call, end], count)
    seconds = CounterMetricFamily("diego_bbs_calls_out_seconds", "Time they took in all.", labels=["call"])
    for call, taken in sorted(figures.seconds.items()):
        seconds.add_metric([call], taken)
    yield ended
    yield seconds
    yield _gauge("calls_out_open", "Calls decided that have not ended.", figures.open())


def _member(figures: Figures) -> Iterator[Metric]:
    yield _counter("bbs_master_elected", "How often this process became master.", figures.elections)
    yield _gauge("migration_duration_seconds", "Of the last migration by this process.", figures.migration_duration)
    yield _counter("db_queries_total", "Commits sent to the store.", figures.commits_sent)
    yield _counter("db_queries_succeeded", "Of these applied.", figures.commits_applied)
    yield _counter("db_queries_failed", "Of these refused or without an answer.", figures.commits_failed)
    yield _gauge("db_queries_in_flight", "Commits under way.", figures.commits_in_flight)
    yield _gauge("db_query_duration_max_seconds", "The longest commit since the last scrape.", figures.take_longest())


def _process() -> Iterator[Metric]:
    yield _gauge("open_file_descriptors", "Of this process.", sum(1 for _ in Path("/proc/self/fd").iterdir()))
    yield _gauge("memory_stats_resident_bytes", "Memory that this process occupies.", _resident_bytes())
    yield _gauge("num_coroutines", "Tasks of the event loop.", len(asyncio.all_tasks()) if _in_loop() else 0)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"diego_bbs_{name}", words, value=value)


def _counter(name: str, words: str, value: float) -> Metric:
    return CounterMetricFamily(f"diego_bbs_{name}", words, value=value)
