"""The agenda: after the first run only what changed, what is due, what is open, and what named a cell that went."""

from __future__ import annotations

import pytest

from bbs.convergence.agenda import Agenda
from bbs.convergence.lrp_index import ConvergeIndex
from bbs.convergence.scan import Finding, Scan
from bbs.convergence.tasks import ConvergeTask
from bbs.convergence.timing import Timing
from bbs.master.memory import Unreadable
from bbs.models.records import Kind
from bbs.models.state import Entry, View
from bbs.wire import task_pb2 as wire
from bbs.wire.actual_lrp_pb2 import ActualLRP
from bbs.wire.core_pb2 import UpsertDomainRequest
from tests.models import requests
from tests.models.board import SECOND, START, Board


class Counted(View):
    """A view that counts which keys were looked at."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.looked: list[str] = []
        self.unreadable: set[str] = set()

    def get(self, kind: Kind, key: str) -> Entry | None:
        if key in self.unreadable:
            raise Unreadable(key, "torn")
        if kind is Kind.ACTUAL_LRPS:
            self.looked.append(key)
        return self.board.records.get(kind, key)

    def group(self, kind: Kind, group: str) -> list[Entry]:
        return self.board.records.group(kind, group)

    def entries(self, kind: Kind) -> list[Entry]:
        return self.board.records.entries(kind)

    def on_cell(self, kind: Kind, cell_id: str) -> list[Entry]:
        return self.board.records.on_cell(kind, cell_id)


class Runs:
    """A board in order, with 20 instances on two cells, and the agenda of its master."""

    def __init__(self) -> None:
        self.board = Board(cells={"cell-1", "cell-2"})
        self.view = Counted(self.board)
        self.agenda = Agenda()
        self.board.records.watch(self.agenda.note)
        self.board.put(Kind.DESIRED_LRPS, "pg", requests.lrp(instances=20).desired_lrp)
        for index in range(20):
            self.board.post("/actual_lrps/start.r1", requests.start(index=index, cell=f"cell-{index % 2 + 1}"))
        self.run()

    def run(self) -> set[str]:
        """One run; the steps it ordered, as text."""
        self.view.looked.clear()
        scan = Scan(self.view, self.board.context, Timing())
        steps = [step for part in self.agenda.lrp_slices(scan) for step in part]
        steps += [step for part in self.agenda.task_slices(scan) for step in part]
        for step in steps:
            self.board.run(step)
        places = {f"{step.process_guid}/{step.index}" for step in steps if isinstance(step, ConvergeIndex)}
        return places | {step.task_guid for step in steps if isinstance(step, ConvergeTask)}


def test_what_is_in_order_is_not_looked_at_again() -> None:
    runs = Runs()
    runs.run()
    assert (runs.run(), runs.view.looked) == (set(), [])


def test_a_row_that_changes_is_looked_at() -> None:
    runs = Runs()
    runs.run()
    runs.board.post("/actual_lrps/remove", requests.remove(index=3))
    assert runs.run() == {"pg/3"}


def test_a_desired_lrp_that_changes_has_all_its_indices_looked_at() -> None:
    runs = Runs()
    runs.run()
    lrp = runs.board.desired()
    lrp.instances = 22
    runs.board.put(Kind.DESIRED_LRPS, "pg", lrp)
    assert runs.run() == {"pg/20", "pg/21"}


def test_a_desired_lrp_that_goes_leaves_orphans_that_stay_open_until_their_domain_is_fresh() -> None:
    runs = Runs()
    runs.board.records.place(Kind.DESIRED_LRPS, "pg", None)
    assert len(runs.run()) == 20
    assert runs.board.effects == []
    runs.board.post("/domains/upsert", UpsertDomainRequest(domain="dom"))
    assert len(runs.run()) == 20
    assert len(runs.board.effects) == 20


def test_a_cell_that_goes_has_its_rows_looked_at_though_none_changed() -> None:
    runs = Runs()
    runs.run()
    runs.board.cells = {"cell-1"}
    assert runs.run() == {f"pg/{index}" for index in range(1, 20, 2)}


def test_a_cell_that_was_present_only_in_the_middle_of_a_run_is_missed_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bbs.convergence.slices.SLICE", 1)
    runs = Runs()
    runs.run()
    for index, cell in ((1, "cell-2"), (0, "cell-3")):
        runs.board.post("/actual_lrps/remove", requests.remove(index=index))
        runs.board.post("/actual_lrps/start.r1", requests.start(index=index, cell=cell))
    scan = Scan(runs.view, runs.board.context, Timing())
    slices = runs.agenda.lrp_slices(scan)
    assert [next(slices), next(slices)] == [[], []]
    scan.cells = frozenset({"cell-1", "cell-2", "cell-3"})
    runs.agenda.see(scan.cells)
    assert [step for part in slices for step in part] == []
    assert runs.run() == {"pg/0"}


def test_a_crashed_row_is_looked_at_when_its_backoff_is_over_and_not_before() -> None:
    runs = Runs()
    row = runs.board.ordinary(index=4)
    row.state, row.crash_count, row.since = "CRASHED", 3, runs.board.now
    runs.board.put(Kind.ACTUAL_LRPS, "pg/4/ordinary", row)
    runs.run()
    runs.board.now += 29 * SECOND
    assert (runs.run(), runs.view.looked) == (set(), [])
    runs.board.now += SECOND
    assert runs.run() == {"pg/4"}


def test_an_unclaimed_row_is_auctioned_in_every_run_once_it_is_stale() -> None:
    runs = Runs()
    runs.board.post("/actual_lrps/remove", requests.remove(index=7))
    runs.run()
    assert runs.run() == set()
    runs.board.now += 31 * SECOND
    assert [runs.run(), runs.run()] == [{"pg/7"}, {"pg/7"}]


def test_a_record_in_quarantine_is_left_alone_and_so_are_the_rows_that_depend_on_it() -> None:
    runs = Runs()
    runs.board.post("/domains/upsert", UpsertDomainRequest(domain="dom"))
    runs.view.unreadable = {"pg"}
    runs.agenda.note(runs.board.records.get(Kind.DESIRED_LRPS, "pg"), None)
    assert runs.run() == set()


def test_a_running_task_is_looked_at_only_when_its_cell_goes() -> None:
    runs = Runs()
    runs.board.post("/tasks/desire.r2", requests.desire_task("t"))
    assert runs.run() == {"t"}
    runs.board.post("/tasks/start", wire.StartTaskRequest(task_guid="t", cell_id="cell-1"))
    assert [runs.run(), runs.run()] == [set(), set()]
    runs.board.cells = {"cell-2"}
    assert "t" in runs.run()
    assert runs.board.task("t").failed


def test_the_figures_are_those_of_the_last_run() -> None:
    runs = Runs()
    runs.board.post("/actual_lrps/remove", requests.remove(index=7))
    runs.board.cells = {"cell-1"}
    runs.board.post("/domains/upsert", UpsertDomainRequest(domain="dom"))
    runs.board.post("/actual_lrps/start.r1", requests.start(index=30))
    runs.run()
    figures = runs.agenda.figures
    assert (figures.lrps_desired, figures.lrps_missing, figures.lrps_extra) == (20, 1, 1)
    assert (figures.absent_cells, figures.domains) == ({"cell-2"}, ("dom",))
    runs.run()
    assert runs.agenda.figures.lrps_missing == 0


@pytest.mark.parametrize(("desired", "counted"), [(True, {"cell-9"}), (False, set())])
def test_the_lost_cell_of_a_surplus_instance_counts_as_suspect_and_that_of_an_orphan_does_not(
    desired: bool, counted: set[str]
) -> None:
    runs = Runs()
    request = requests.start(index=30, cell="cell-9")
    request.actual_lrp_key.process_guid = "pg" if desired else "orphan"
    runs.board.post("/actual_lrps/start.r1", request)
    runs.run()
    assert runs.agenda.figures.absent_cells == counted


def test_a_take_over_gives_a_crashed_instance_its_whole_backoff_anew() -> None:
    board = Board(cells={"cell-1"}, serving_since=START)
    board.put(Kind.DESIRED_LRPS, "pg", requests.lrp().desired_lrp)
    row = ActualLRP(actual_lrp_key=requests.key(), state="CRASHED", crash_count=3, since=1)
    board.put(Kind.ACTUAL_LRPS, "pg/0/ordinary", row)
    board.now = START + 30 * SECOND - 1
    assert Scan(board.records, board.context, Timing()).look("pg", 0) == Finding(due=START + 30 * SECOND)
    board.run(ConvergeIndex("pg", 0, Timing()))
    assert board.ordinary().state == "CRASHED"
    board.now += 1
    board.run(ConvergeIndex("pg", 0, Timing()))
    assert board.ordinary().state == "UNCLAIMED"
