"""Prometheus metrics of a BBS: requests as they are answered, the rest read from status at each scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bbs.wire.task_pb2 import CompleteTaskRequest, StartTaskRequest, StartTaskResponse

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
TASK_PATHS = frozenset({"/v1/tasks/start", "/v1/tasks/complete"})
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


class RequestMetrics:
    """Counts and times requests by route; children are bound once, since a look-up costs more than the count."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._count = Counter("diego_bbs_request_count", "Requests answered.", ["route", "status"], registry=registry)
        self._latency = Histogram(
            "diego_bbs_request_latency_seconds",
            "From request to answer.",
            ["route"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._tasks = {
            name: Counter(f"diego_bbs_tasks_{name}", words, ["cell_id"], registry=registry)
            for name, words in (
                ("started", "Tasks that a cell began."),
                ("succeeded", "Tasks that a cell completed."),
                ("failed", "Tasks that a cell completed as failed."),
            )
        }
        self._counts: dict[tuple[str, int], Counter] = {}
        self._latencies: dict[str, Histogram] = {}

    def observe(self, route: str, status: int, seconds: float) -> None:
        """One request of a known route, or of `unknown`."""
        self.count(route, status)
        latency = self._latencies.get(route)
        if latency is None:
            latency = self._latencies[route] = self._latency.labels(route)
        latency.observe(seconds)

    def count(self, route: str, status: int) -> None:
        """One request whose time says nothing: an event stream that has ended."""
        count = self._counts.get((route, status))
        if count is None:
            count = self._counts[route, status] = self._count.labels(route, str(status))
        count.inc()

    def task(self, path: str, request: bytes, response: bytes) -> None:
        """What a cell told of a task, once it was taken: totals by cell since the process began."""
        if path.endswith("/start") and StartTaskResponse.FromString(response).should_start:
            self._tasks["started"].labels(StartTaskRequest.FromString(request).cell_id).inc()
        elif path.endswith("/complete") and not response:
            completed = CompleteTaskRequest.FromString(request)
            self._tasks["failed" if completed.failed else "succeeded"].labels(completed.cell_id).inc()


class StatusMetrics(Collector):
    """The figures of /status as gauges."""

    def __init__(self, status: Callable[[], dict[str, Any]]) -> None:
        self._status = status

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read status once per scrape."""
        status = self._status()
        yield _gauge("lock_held", "1 while this member is master.", float(status.get("role") == "Master"))
        yield _gauge("lease_age_seconds", "Since the last renewal.", _number(status.get("lease_age_ms")) / 1000)
        yield _gauge("epoch", "The epoch held or followed.", _number(status.get("epoch")))
        yield _gauge("data_version", "The data version that is live.", _number(_member(status, "data", "current")))
        yield _gauge("unreadable_records", "Records in quarantine.", _number(_member(status, "unreadable", "count")))
        yield _gauge(
            "migration_records_done", "Of the attempt under way.", _number(_member(status, "migration", "done"))
        )
        yield _gauge("migration_records", "To be migrated in all.", _number(_member(status, "migration", "total")))
        records = GaugeMetricFamily("diego_bbs_records", "Records in memory.", labels=["kind"])
        for kind, count in (status.get("records") or {}).items():
            records.add_metric([kind], _number(count))
        yield records


def exposition(registry: CollectorRegistry) -> bytes:
    """The text that Prometheus reads."""
    return generate_latest(registry)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"diego_bbs_{name}", words, value=value)


def _member(status: dict[str, Any], *path: str) -> Any:
    value: Any = status
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
