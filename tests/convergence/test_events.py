"""What convergence tells: the same streams, each row by itself for groups."""

from __future__ import annotations

from bbs.convergence.lrp_index import ConvergeIndex
from bbs.convergence.timing import Timing
from bbs.models.events import Channel
from bbs.models.records import Kind, Presence, actual_lrp_key
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import core_pb2 as core
from tests.models import requests
from tests.models.board import SECOND
from tests.models.telling import TellingBoard

EACH_SECOND = Timing(interval=SECOND)


def board(state: str) -> TellingBoard:
    made = TellingBoard(cells={"cell-1", "cell-2"})
    requests.in_state(made, state)
    return made


def converged(made: TellingBoard, *cells: str, index: int = 0) -> tuple[list[str], list[str]]:
    """What one step tells instances and groups, an hour later, with these cells present."""
    made.now += 3600 * SECOND
    made.cells = set(cells)
    made.run(ConvergeIndex("pg", index, EACH_SECOND))
    return made.told(Channel.INSTANCES), made.told(Channel.GROUPS)


def suspected(state: str = "RUNNING") -> TellingBoard:
    made = board(state)
    converged(made, "cell-2")
    return made


def test_a_missing_instance_is_created() -> None:
    made = board("UNCLAIMED")
    made.post("/actual_lrps/remove", actual.RemoveActualLRPRequest(process_guid="pg", index=0))
    assert converged(made, "cell-1") == (["created - UNCLAIMED"], ["created - UNCLAIMED"])


def test_an_instance_of_a_missing_cell_becomes_suspect_and_groups_hear_nothing() -> None:
    assert converged(board("RUNNING"), "cell-2") == (
        ["changed ig RUNNING>RUNNING p2", "created - UNCLAIMED"],
        [],
    )


def test_an_instance_beside_a_suspect_whose_cell_is_missing_too_is_unclaimed_and_groups_hear_nothing() -> None:
    made = suspected()
    made.post("/actual_lrps/claim", requests.claim("new", "cell-2"))
    assert converged(made, "cell-3") == (["created - UNCLAIMED", "removed new CLAIMED"], [])


def test_a_suspect_is_promoted_when_its_cell_is_back_and_the_ordinary_row_goes() -> None:
    assert converged(suspected(), "cell-1") == (
        ["changed ig RUNNING>RUNNING p0", "removed - UNCLAIMED"],
        ["removed - UNCLAIMED"],
    )


def test_a_promoted_suspect_without_an_ordinary_row_is_not_told_to_groups() -> None:
    made = suspected()
    made.post("/actual_lrps/remove", actual.RemoveActualLRPRequest(process_guid="pg", index=0))
    assert converged(made, "cell-1") == (["changed ig RUNNING>RUNNING p0"], [])


def test_a_redundant_suspect_is_removed() -> None:
    made = suspected()
    row = made.ordinary()
    row.state = "RUNNING"
    row.actual_lrp_instance_key.CopyFrom(requests.instance("new", "cell-2"))
    made.put(Kind.ACTUAL_LRPS, actual_lrp_key("pg", 0, Presence.ORDINARY), row)
    assert converged(made, "cell-2") == (["removed ig RUNNING"], ["removed ig RUNNING"])


def test_an_evacuating_row_of_a_missing_cell_is_removed() -> None:
    made = board("RUNNING")
    made.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running())
    assert converged(made, "cell-2") == (["removed ig RUNNING"], ["removed /ig RUNNING"])


def test_a_crashed_instance_whose_time_has_come_is_unclaimed() -> None:
    assert converged(board("CRASHED"), "cell-1") == (
        ["created - UNCLAIMED", "removed - CRASHED"],
        ["changed - CRASHED>- UNCLAIMED"],
    )


def test_the_replacement_of_a_surplus_suspect_is_retired_and_groups_hear_nothing() -> None:
    made = board("RUNNING")
    made.post("/domains/upsert", core.UpsertDomainRequest(domain="dom", ttl=0))
    made.post("/actual_lrps/start.r1", requests.start("extra", "cell-1", 7))
    converged(made, "cell-2", index=7)
    assert converged(made, "cell-2", index=7) == (["removed - UNCLAIMED"], [])


def test_a_surplus_instance_is_told_removed_when_its_cell_is_asked_to_stop_it() -> None:
    made = board("RUNNING")
    made.post("/domains/upsert", core.UpsertDomainRequest(domain="dom", ttl=0))
    made.post("/actual_lrps/start.r1", requests.start("extra", "cell-1", 7))
    told = converged(made, "cell-1", index=7)
    assert told == (["removed extra RUNNING"], ["removed extra RUNNING"])
    assert made.row("pg", 7) is not None
