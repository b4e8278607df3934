"""Figures of a master: kept by memory as records come and go, read at each scrape."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from bbs.convergence.figures import Figures
from bbs.master.member import Member
from bbs.master.metrics import MasterMetrics
from bbs.models.actual_lrps.rows import SUSPECT_NUMBER
from bbs.models.records import Kind, Mutation, Presence, Record, actual_lrp_key, delete, put
from bbs.models.state import Outcome
from bbs.outbound.figures import CallFigures
from bbs.server.metrics import RequestMetrics
from bbs.wire.actual_lrp_pb2 import ActualLRP
from bbs.wire.task_pb2 import CompleteTaskRequest, StartTaskRequest, StartTaskResponse, Task
from tests.master.members import deployment
from tests.models import requests
from tests.simulation.tables import Tables


def row(index: int, state: str, presence: Presence = Presence.ORDINARY) -> Mutation:
    lrp = ActualLRP(actual_lrp_key=requests.key(index), state=state)
    lrp.presence = SUSPECT_NUMBER if presence is Presence.SUSPECT else 0  # type: ignore[assignment]
    return put(Record(Kind.ACTUAL_LRPS, actual_lrp_key("pg", index, presence), lrp.SerializeToString()))


async def change(member: Member, *mutations: Mutation) -> None:
    await member.submit(lambda _view, _context: Outcome(b"", mutations))


async def test_records_are_counted_by_state_as_they_come_and_go() -> None:
    async with deployment(Tables()) as found:
        found.start("bbs-0")
        member = await found.serving()
        registry = CollectorRegistry()
        registry.register(MasterMetrics(member, Figures(), CallFigures()))

        def value(name: str) -> float | None:
            return registry.get_sample_value(f"diego_bbs_{name}")

        task = Task(task_guid="t", domain="dom", state=Task.Pending)
        await change(
            member,
            *(
                row(index, state)
                for index, state in enumerate(("UNCLAIMED", "CLAIMED", "RUNNING", "CRASHED", "CRASHED"))
            ),
            row(2, "RUNNING", Presence.SUSPECT),
            put(Record(Kind.TASKS, "t", task.SerializeToString())),
        )
        assert [value(f"lrps_{name}") for name in ("unclaimed", "claimed", "running")] == [1, 1, 1]
        assert [value("crashed_actual_lrps"), value("crashing_desired_lrps")] == [2, 1]
        assert [value("suspect_running_actual_lrps"), value("tasks_pending")] == [1, 1]
        assert member.status()["suspect"] == 1
        await change(member, row(3, "RUNNING"), delete(Kind.ACTUAL_LRPS, "pg/4/ordinary"), delete(Kind.TASKS, "t"))
        assert [value("crashed_actual_lrps"), value("crashing_desired_lrps")] == [0, 0]
        assert [value("lrps_running"), value("tasks_pending")] == [2, 0]
        assert value("bbs_master_elected_total") == 1
        sent, applied = value("db_queries_total"), value("db_queries_succeeded_total")
        assert (sent, value("db_queries_failed_total")) == (applied, 0)
        await found.kill("bbs-0")
        assert value("lrps_running") == 0


def test_calls_out_are_counted_by_how_they_ended() -> None:
    figures = CallFigures()
    figures.count("stop", "failed", 0.5)
    figures.count("stop", "dropped")
    assert (figures.ended["stop", "failed"], figures.ended["stop", "dropped"], figures.seconds["stop"]) == (1, 1, 0.5)


def test_tasks_are_counted_by_the_cell_that_told_of_them() -> None:
    registry = CollectorRegistry()
    metrics = RequestMetrics(registry)
    start = StartTaskRequest(task_guid="t", cell_id="cell-1").SerializeToString()
    metrics.task("/v1/tasks/start", start, StartTaskResponse(should_start=True).SerializeToString())
    metrics.task("/v1/tasks/start", start, b"")
    for failed in (False, True, True):
        complete = CompleteTaskRequest(task_guid="t", cell_id="cell-1", failed=failed)
        metrics.task("/v1/tasks/complete", complete.SerializeToString(), b"")
    metrics.task("/v1/tasks/complete", complete.SerializeToString(), b"an error")

    def value(name: str) -> float | None:
        return registry.get_sample_value(f"diego_bbs_tasks_{name}_total", {"cell_id": "cell-1"})

    assert [value("started"), value("succeeded"), value("failed")] == [1, 1, 2]
