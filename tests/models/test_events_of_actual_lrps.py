"""What each call tells the instance and the group streams; the sequences are those recorded from the real BBS."""

from __future__ import annotations

import pytest

from bbs.models.events import Channel
from bbs.models.records import Kind, Presence
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import events_pb2 as events
from tests.models import requests
from tests.models.telling import TellingBoard

INSTANCES, GROUPS = Channel.INSTANCES, Channel.GROUPS
ZONE = "z-new"


def board(state: str = "", guid: str = "ig") -> TellingBoard:
    made = TellingBoard(cells={"cell-1", "cell-2"})
    if state:
        requests.in_state(made, state, guid)
    return made


def both(told: TellingBoard, path: str, request: object) -> tuple[list[str], list[str]]:
    return told.told(INSTANCES, path, request), told.told(GROUPS)  # type: ignore[arg-type]


def crashes(state: str, times: int) -> tuple[list[str], list[str]]:
    made = board(state)
    for _ in range(times - 1):
        made.post("/actual_lrps/crash", requests.crash())
        made.post("/actual_lrps/start.r1", requests.start())
    return both(made, "/actual_lrps/crash", requests.crash())


def test_a_desired_instance_is_created() -> None:
    assert both(board(), "/desired_lrp/desire.r2", requests.lrp()) == (["created - UNCLAIMED"], ["created - UNCLAIMED"])


def test_a_claim_changes_the_instance() -> None:
    told = both(board("UNCLAIMED"), "/actual_lrps/claim", requests.claim())
    assert told == (["changed ig UNCLAIMED>CLAIMED"], ["changed - UNCLAIMED>ig CLAIMED"])


@pytest.mark.parametrize(("path", "request_"), [("claim", requests.claim()), ("start.r1", requests.start())])
def test_a_repeated_call_tells_nothing(path: str, request_: object) -> None:
    made = board("CLAIMED" if path == "claim" else "RUNNING")
    assert both(made, f"/actual_lrps/{path}", request_) == ([], [])


def test_a_refused_call_tells_nothing() -> None:
    assert both(board("RUNNING"), "/actual_lrps/claim", requests.claim("other")) == ([], [])


def test_a_start_over_a_foreign_claim_changes_the_instance_but_replaces_the_groups() -> None:
    told = both(board("CLAIMED"), "/actual_lrps/start.r1", requests.start("new", "cell-2"))
    assert told == (["changed new CLAIMED>RUNNING"], ["created new RUNNING", "removed ig CLAIMED"])


def test_a_crash_that_is_restarted_shows_the_crash_first() -> None:
    assert crashes("RUNNING", 1) == (
        ["crashed ig 1", "created - UNCLAIMED", "removed ig RUNNING"],
        ["crashed ig 1", "changed ig RUNNING>- UNCLAIMED"],
    )


def test_a_crash_that_is_not_restarted_changes_the_instance() -> None:
    assert crashes("RUNNING", 3) == (
        ["crashed ig 3", "changed ig RUNNING>CRASHED"],
        ["crashed ig 3", "changed ig RUNNING>- CRASHED"],
    )


def test_an_evacuated_crash_that_is_restarted_is_not_told_as_one() -> None:
    request = requests.keyed(actual.EvacuateCrashedActualLRPRequest)
    request.error_message = b"why"
    assert both(board("RUNNING"), "/actual_lrps/evacuate_crashed", request) == (
        ["created - UNCLAIMED", "removed ig RUNNING"],
        ["changed ig RUNNING>- UNCLAIMED"],
    )


def test_a_failed_placement_changes_the_instance() -> None:
    request = actual.FailActualLRPRequest(actual_lrp_key=requests.key(), error_message=b"no cell")
    told = both(board("UNCLAIMED"), "/actual_lrps/fail", request)
    assert told == (["changed - UNCLAIMED>UNCLAIMED"], ["changed - UNCLAIMED>- UNCLAIMED"])


def test_a_text_that_is_cut_when_stored_is_told_whole_once() -> None:
    made = board("RUNNING")
    made.post("/actual_lrps/crash", requests.crash(reason=b"x" * 1500))
    crashed, created, _ = made.messages(INSTANCES)
    assert isinstance(crashed, events.ActualLRPCrashedEvent)
    assert isinstance(created, events.ActualLRPInstanceCreatedEvent)
    assert len(crashed.crash_reason) == len(created.actual_lrp.crash_reason) == 1500
    made.post("/actual_lrps/claim", requests.claim())
    [claimed] = made.messages(INSTANCES)
    assert isinstance(claimed, events.ActualLRPInstanceChangedEvent)
    assert len(claimed.before.crash_reason) == len(made.ordinary().crash_reason) == 1024


def test_a_removed_instance_is_removed() -> None:
    request = actual.RemoveActualLRPRequest(process_guid="pg", index=0)
    assert both(board("RUNNING"), "/actual_lrps/remove", request) == (["removed ig RUNNING"], ["removed ig RUNNING"])


def test_a_retired_instance_is_told_removed_before_its_cell_stopped_it_and_again_when_it_is_gone() -> None:
    made = board("RUNNING")
    retire = actual.RetireActualLRPRequest(actual_lrp_key=requests.key())
    assert both(made, "/actual_lrps/retire", retire) == (["removed ig RUNNING"], ["removed ig RUNNING"])
    assert made.row("pg", 0) is not None
    remove = actual.RemoveActualLRPRequest(process_guid="pg", index=0)
    assert both(made, "/actual_lrps/remove", remove) == (["removed ig RUNNING"], ["removed ig RUNNING"])


def test_an_evacuating_instance_changes_and_its_index_is_created_anew() -> None:
    assert both(board("RUNNING"), "/actual_lrps/evacuate_running.r1", requests.evacuate_running()) == (
        ["changed ig RUNNING>RUNNING p1", "created - UNCLAIMED"],
        ["created /ig RUNNING", "changed ig RUNNING>- UNCLAIMED"],
    )


def test_new_addresses_of_an_evacuating_row_are_told_with_the_zone_given_and_the_rest_kept() -> None:
    made = board("RUNNING")
    made.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running())
    moved = requests.evacuate_running(address="10.0.0.9")
    moved.availability_zone = ZONE
    assert both(made, "/actual_lrps/evacuate_running.r1", moved) == (
        ["created ig RUNNING"],
        ["changed /ig RUNNING>/ig RUNNING"],
    )
    [created] = made.messages(INSTANCES)
    assert isinstance(created, events.ActualLRPInstanceCreatedEvent)
    assert (created.actual_lrp.availability_zone, created.actual_lrp.actual_lrp_net_info.address) == (ZONE, "10.0.0.9")


def test_an_evacuating_row_that_another_instance_takes_is_told_with_that_instances_zone() -> None:
    made = board("RUNNING")
    made.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running())
    row = made.ordinary()
    row.state, row.availability_zone = "CLAIMED", ZONE
    row.actual_lrp_instance_key.CopyFrom(requests.instance("new", "cell-2"))
    made.put(Kind.ACTUAL_LRPS, "pg/0/ordinary", row)
    made.told(INSTANCES, "/actual_lrps/evacuate_running.r1", requests.evacuate_running("new", "cell-2"))
    [changed] = [told for told in made.messages(INSTANCES) if isinstance(told, events.ActualLRPInstanceChangedEvent)]
    assert (changed.actual_lrp_instance_key.instance_guid, changed.after.availability_zone) == ("new", ZONE)
    stored = made.row("pg", 0, Presence.EVACUATING)
    assert stored is not None
    assert stored.availability_zone == ""


def test_the_start_of_the_replacement_is_told_before_the_evacuating_one_is_removed() -> None:
    made = board("RUNNING")
    made.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running())
    made.post("/actual_lrps/claim", requests.claim("new", "cell-2"))
    assert both(made, "/actual_lrps/start.r1", requests.start("new", "cell-2")) == (
        ["changed new CLAIMED>RUNNING", "removed ig RUNNING"],
        ["changed new CLAIMED>new RUNNING", "removed /ig RUNNING"],
    )


def test_a_replacement_is_not_told_to_groups_while_a_suspect_stands_for_the_index() -> None:
    made = board("RUNNING")
    requests.make_suspect(made)
    told = both(made, "/actual_lrps/claim", requests.claim("new", "cell-2"))
    assert told == (["changed new UNCLAIMED>CLAIMED"], [])


def test_the_start_of_a_replacement_ends_the_suspect() -> None:
    made = board("RUNNING")
    requests.make_suspect(made)
    assert both(made, "/actual_lrps/start.r1", requests.start("new", "cell-2")) == (
        ["changed new UNCLAIMED>RUNNING", "removed ig RUNNING"],
        ["created new RUNNING", "removed ig RUNNING"],
    )


def test_a_suspect_that_crashes_is_removed_and_the_group_shows_the_ordinary_row() -> None:
    made = board("RUNNING")
    requests.make_suspect(made)
    assert both(made, "/actual_lrps/crash", requests.crash()) == (
        ["removed ig RUNNING"],
        ["changed ig RUNNING>- UNCLAIMED"],
    )


def test_a_replacement_that_crashes_beside_a_suspect_is_not_told_to_groups() -> None:
    made = board("RUNNING")
    requests.make_suspect(made)
    made.post("/actual_lrps/claim", requests.claim("new", "cell-2"))
    assert both(made, "/actual_lrps/crash", requests.crash("new", "cell-2")) == (
        ["crashed new 1", "created - UNCLAIMED", "removed new CLAIMED"],
        [],
    )


def test_an_evacuating_suspect_moves_aside() -> None:
    made = board("RUNNING")
    requests.make_suspect(made)
    assert both(made, "/actual_lrps/evacuate_running.r1", requests.evacuate_running()) == (
        ["changed ig RUNNING>RUNNING p1"],
        ["created /ig RUNNING", "changed ig RUNNING>- UNCLAIMED"],
    )


def test_a_suspect_that_an_evacuation_finds_replaced_is_told_removed_and_stays() -> None:
    made = board("RUNNING")
    requests.make_suspect(made)
    made.post("/actual_lrps/remove", actual.RemoveActualLRPRequest(process_guid="pg", index=0))
    told = both(made, "/actual_lrps/evacuate_running.r1", requests.evacuate_running())
    assert told == (["removed ig RUNNING"], ["removed ig RUNNING"])
    assert made.row("pg", 0, Presence.SUSPECT) is not None


def test_rows_that_go_with_their_desired_lrp_are_told_to_groups_though_a_suspect_stands_for_the_index() -> None:
    made = board("RUNNING")
    requests.make_suspect(made)
    request = desired.RemoveDesiredLRPRequest(process_guid="pg")
    assert both(made, "/desired_lrp/remove", request) == (["removed - UNCLAIMED"], ["removed - UNCLAIMED"])
