"""What is easily got wrong of Diego's API: one test for each trap that a transition or an answer can fall into.

Those of HTTP are in tests/server, those of convergence in tests/convergence.
"""

from __future__ import annotations

import pytest
from google.protobuf.message import Message

from bbs.models.effects import RequestLRPAuction, RetireLRPInstance, StopLRPInstance
from bbs.models.events import Channel
from bbs.models.records import Kind, Presence
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import container_pb2 as container
from bbs.wire import core_pb2 as core
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import task_pb2 as task
from tests.models import requests
from tests.models.board import SECOND, Board, error_name
from tests.models.telling import TellingBoard

KEEP = b"\x10\x01"
ROUTE = b'[{"port":1}]'
EVACUATIONS = {
    "evacuate_claimed": actual.EvacuateClaimedActualLRPRequest,
    "evacuate_crashed": actual.EvacuateCrashedActualLRPRequest,
    "evacuate_stopped": actual.EvacuateStoppedActualLRPRequest,
    "evacuate_running": actual.EvacuateRunningActualLRPRequest,
    "evacuate_running.r1": actual.EvacuateRunningActualLRPRequest,
}


def in_state(state: str) -> TellingBoard:
    board = TellingBoard(cells={"cell-1", "cell-2"})
    requests.in_state(board, state)
    board.now += SECOND
    return board


def updated(board: Board, change: desired.DesiredLRPUpdate) -> bytes:
    return board.post("/desired_lrp/update", desired.UpdateDesiredLRPRequest(process_guid="pg", update=change))


# --- absent is not zero -----------------------------------------------------------------------------------------------


def test_an_update_tells_absent_from_zero() -> None:
    board = TellingBoard()
    request = requests.lrp(instances=2, annotation="note", image_username="user", image_password="pass")
    request.desired_lrp.routes.routes["cf-router"] = ROUTE
    board.post("/desired_lrp/desire.r2", request)
    assert updated(board, desired.DesiredLRPUpdate()) == b""
    lrp = board.desired()
    assert (lrp.instances, lrp.annotation, lrp.image_username, len(lrp.routes.routes)) == (2, "note", "user", 1)
    zero = desired.DesiredLRPUpdate(instances=0, annotation="", image_username="", image_password="", routes={})
    assert updated(board, zero) == b""
    lrp = board.desired()
    assert (lrp.instances, lrp.annotation, lrp.image_username, lrp.image_password) == (0, "", "", "")
    assert (lrp.HasField("routes"), len(lrp.routes.routes)) == (True, 0)


def test_metric_tags_can_not_be_cleared_and_are_wanted_from_the_start() -> None:
    board = in_state("UNCLAIMED")
    updated(board, desired.DesiredLRPUpdate(metric_tags={}))
    assert set(board.desired().metric_tags) == {"source_id"}
    request = requests.lrp("other")
    request.desired_lrp.ClearField("metric_tags")
    assert error_name(board.post("/desired_lrp/desire.r2", request)) == "InvalidRequest"


@pytest.mark.parametrize(("given", "stored"), [(None, True), (True, True), (False, False)])
def test_routable_is_true_unless_said_otherwise_and_always_answered(given: bool | None, stored: bool) -> None:
    board = in_state("UNCLAIMED")
    listed = actual.ActualLRPsResponse.FromString(board.post("/actual_lrps/list")).actual_lrps
    assert [(lrp.HasField("routable"), lrp.routable) for lrp in listed] == [(True, False)]
    board.post("/actual_lrps/start.r1", requests.start(**({} if given is None else {"Routable": given})))
    listed = actual.ActualLRPsResponse.FromString(board.post("/actual_lrps/list")).actual_lrps
    assert [(lrp.HasField("routable"), lrp.routable) for lrp in listed] == [(True, stored)]


@pytest.mark.parametrize("member", ["nofile", "nproc"])
def test_a_resource_limit_of_zero_is_not_an_absent_one(member: str) -> None:
    board = TellingBoard()
    limits = container.ResourceLimits(**{member: 0})
    run = container.RunAction(path="/bin/true", user="vcap", resource_limits=limits)
    request = requests.lrp()
    request.desired_lrp.action = container.Action(run_action=run).SerializeToString()
    board.post("/desired_lrp/desire.r2", request)
    stored = container.Action.FromString(board.desired().action).run_action.resource_limits
    assert (stored.HasField("nofile"), stored.HasField("nproc")) == (member == "nofile", member == "nproc")


# --- texts ------------------------------------------------------------------------------------------------------------


def test_a_crash_whose_reason_is_no_utf8_is_a_crash() -> None:
    board = in_state("RUNNING")
    assert board.post("/actual_lrps/crash", requests.crash(reason=b"\xff\xfe")) == b""
    assert (board.ordinary().state, board.ordinary().crash_reason) == ("UNCLAIMED", b"\xff\xfe")


@pytest.mark.parametrize(("length", "cut"), [(1023, False), (1024, True), (1025, True)])
def test_a_text_is_cut_by_bytes_from_1024_on(length: int, cut: bool) -> None:
    board = in_state("UNCLAIMED")
    reason = "ä".encode() * 511 + b"x" * (length - 1022)
    fail = actual.FailActualLRPRequest(actual_lrp_key=requests.key(), error_message=reason)
    board.post("/actual_lrps/fail", fail)
    assert board.ordinary().placement_error == (reason[:1013] + b"(truncated)" if cut else reason)


def test_a_task_is_answered_and_told_with_its_reason_cut() -> None:
    board = TellingBoard()
    board.post("/tasks/desire.r2", requests.desire_task())
    board.post("/tasks/fail", task.FailTaskRequest(task_guid="t", failure_reason=b"r" * 2000))
    [changed] = board.messages(Channel.TASKS)
    assert len(changed.after.failure_reason) == len(board.task().failure_reason) == 1024  # type: ignore[attr-defined]


@pytest.mark.parametrize("guid", ["a\n", "a b", "ä", "a/b", "a."])
def test_a_guid_is_matched_whole(guid: str) -> None:
    assert error_name(Board().post("/desired_lrp/desire.r2", requests.lrp(guid))) == "InvalidRequest"
    assert error_name(Board().post("/tasks/desire.r2", requests.desire_task(guid))) == "InvalidRequest"


def test_a_route_is_answered_compact_and_escaped_and_refused_when_it_is_no_json() -> None:
    board, request = TellingBoard(), requests.lrp()
    request.desired_lrp.routes.routes["r"] = b'{ "a" : "<&>" }'
    board.post("/desired_lrp/desire.r2", request)
    found = desired.DesiredLRPsResponse.FromString(board.post("/desired_lrps/list.r3")).desired_lrps[0]
    assert found.routes.routes["r"] == b'{"a":"\\u003c\\u0026\\u003e"}'
    request = requests.lrp("other")
    request.desired_lrp.routes.routes["r"] = b"{"
    assert error_name(board.post("/desired_lrp/desire.r2", request)) == "InvalidRequest"


# --- repeated and foreign calls ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "path", "request_"),
    [("CLAIMED", "/actual_lrps/claim", requests.claim()), ("RUNNING", "/actual_lrps/start.r1", requests.start())],
)
def test_a_repeated_claim_or_start_succeeds_and_moves_neither_tag_nor_since_and_tells_nothing(
    state: str, path: str, request_: Message
) -> None:
    board = in_state(state)
    before = board.ordinary()
    assert board.post(path, request_) == b""
    assert (board.ordinary(), board.mutations, board.effects) == (before, (), [])
    assert not any(board.events.values())


@pytest.mark.parametrize(("state", "refused"), [("CLAIMED", ""), ("RUNNING", "ActualLRPCannotBeStarted")])
def test_a_foreign_start_takes_a_claimed_row_and_never_a_running_one(state: str, refused: str) -> None:
    board = in_state(state)
    assert error_name(board.post("/actual_lrps/start.r1", requests.start("new", "cell-2"))) == refused


def test_without_a_row_start_makes_one_fail_succeeds_and_remove_does_not() -> None:
    board = TellingBoard()
    fail = actual.FailActualLRPRequest(actual_lrp_key=requests.key(), error_message=b"why")
    assert error_name(board.post("/actual_lrps/remove", requests.remove())) == "ResourceNotFound"
    assert board.post("/actual_lrps/fail", fail) == b""
    assert board.row("pg", 0) is None
    assert board.post("/actual_lrps/start.r1", requests.start()) == b""
    assert board.ordinary().state == "RUNNING"


OTHER_DOMAIN = {
    "/actual_lrps/crash": (requests.crash(), "RUNNING"),
    "/actual_lrps/retire": (requests.retire(), "RUNNING"),
    "/actual_lrps/fail": (
        actual.FailActualLRPRequest(actual_lrp_key=requests.key(), error_message=b"why"), "UNCLAIMED",
    ),
    "/actual_lrps/evacuate_claimed": (requests.keyed(actual.EvacuateClaimedActualLRPRequest), "CLAIMED"),
    "/actual_lrps/evacuate_stopped": (requests.keyed(actual.EvacuateStoppedActualLRPRequest), "RUNNING"),
    "/actual_lrps/evacuate_running.r1": (requests.evacuate_running(), "RUNNING"),
}  # fmt: skip


@pytest.mark.parametrize("path", OTHER_DOMAIN)
def test_the_domain_is_no_part_of_the_key_but_for_a_start(path: str) -> None:
    given, state = OTHER_DOMAIN[path]
    request = type(given).FromString(given.SerializeToString())
    request.actual_lrp_key.domain = "elsewhere"
    board = in_state(state)
    assert error_name(board.post(path, request)) == ""
    assert board.mutations or board.effects
    started = requests.start()
    started.actual_lrp_key.domain = "elsewhere"
    assert error_name(in_state("CLAIMED").post("/actual_lrps/start.r1", started)) == "ActualLRPCannotBeStarted"


def test_groups_are_parted_by_domain() -> None:
    board = in_state("RUNNING")
    aside = board.ordinary()
    aside.presence = actual.ActualLRP.EVACUATING
    aside.actual_lrp_key.domain = "elsewhere"
    board.put(Kind.ACTUAL_LRPS, "pg/0/evacuating", aside)
    groups = actual.ActualLRPGroupsResponse.FromString(board.post("/actual_lrp_groups/list")).actual_lrp_groups
    assert sorted((group.HasField("instance"), group.HasField("evacuating")) for group in groups) == [
        (False, True),
        (True, False),
    ]


# --- what is told -----------------------------------------------------------------------------------------------------


def test_a_retirement_is_told_removed_while_the_container_still_runs() -> None:
    board = in_state("RUNNING")
    assert board.told(Channel.INSTANCES, "/actual_lrps/retire", requests.retire()) == ["removed ig RUNNING"]
    assert (board.ordinary().state, len(board.taken(RetireLRPInstance))) == ("RUNNING", 1)


@pytest.mark.parametrize(("state", "told"), [("CLAIMED", []), ("RUNNING", []), ("UNCLAIMED", ["removed - UNCLAIMED"])])
@pytest.mark.parametrize("removed", [False, True])
def test_instances_stopped_with_their_desired_lrp_are_told_only_when_no_cell_has_them(
    state: str, told: list[str], removed: bool
) -> None:
    board = in_state(state)
    if removed:
        board.post("/desired_lrp/remove", desired.RemoveDesiredLRPRequest(process_guid="pg"))
    else:
        updated(board, desired.DesiredLRPUpdate(instances=0))
    assert board.told(Channel.INSTANCES) == board.told(Channel.GROUPS) == told
    assert len(board.taken(StopLRPInstance)) == (0 if told else 1)


def test_an_instance_that_loses_its_cell_is_created_and_removed_to_some_and_changed_to_others() -> None:
    board = in_state("CLAIMED")
    request = requests.keyed(actual.EvacuateClaimedActualLRPRequest)
    assert board.told(Channel.INSTANCES, "/actual_lrps/evacuate_claimed", request) == [
        "created - UNCLAIMED",
        "removed ig CLAIMED",
    ]
    assert board.told(Channel.GROUPS) == ["changed ig CLAIMED>- UNCLAIMED"]


# --- who is auctioned, who is kept ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "state", "request_", "auctions"),
    [
        ("/actual_lrps/crash", "RUNNING", requests.crash(), 1),
        ("/actual_lrps/evacuate_claimed", "CLAIMED", requests.keyed(actual.EvacuateClaimedActualLRPRequest), 1),
        ("/actual_lrps/evacuate_running.r1", "RUNNING", requests.evacuate_running(), 1),
        (
            "/actual_lrps/evacuate_crashed",
            "RUNNING",
            actual.EvacuateCrashedActualLRPRequest(
                actual_lrp_key=requests.key(), actual_lrp_instance_key=requests.instance(), error_message=b"why"
            ),
            0,
        ),
        ("/actual_lrps/evacuate_stopped", "RUNNING", requests.keyed(actual.EvacuateStoppedActualLRPRequest), 0),
        (
            "/actual_lrps/fail",
            "UNCLAIMED",
            actual.FailActualLRPRequest(actual_lrp_key=requests.key(), error_message=b"why"),
            0,
        ),
        ("/actual_lrps/claim", "UNCLAIMED", requests.claim(), 0),
        ("/actual_lrps/start.r1", "CLAIMED", requests.start(), 0),
        ("/actual_lrps/remove", "RUNNING", requests.remove(), 0),
    ],
)
def test_only_some_calls_ask_for_another_cell(path: str, state: str, request_: Message, auctions: int) -> None:
    board = in_state(state)
    assert error_name(board.post(path, request_)) == ""
    assert len(board.effects) == len(board.taken(RequestLRPAuction)) == auctions


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("evacuate_claimed", True),
        ("evacuate_crashed", False),
        ("evacuate_stopped", False),
        ("evacuate_running", True),
        ("evacuate_running.r1", True),
    ],
)
def test_an_invalid_evacuation_keeps_the_container_or_not(path: str, kept: bool) -> None:
    for body in (EVACUATIONS[path]().SerializeToString(), b"\xff"):
        answer = actual.EvacuationResponse.FromString(Board().post(f"/actual_lrps/{path}", body))
        assert (answer.error.type, answer.keep_container) == (core.Error.InvalidRequest, kept)


# --- revisions and lists ----------------------------------------------------------------------------------------------


def test_reads_of_revision_2_change_image_layers_and_nothing_else() -> None:
    board, request = TellingBoard(), requests.lrp()
    inner = container.Action(try_action=container.TryAction(action=requests.RUN)).SerializeToString()
    shown = container.EmitProgressAction(action=inner)
    request.desired_lrp.action = container.Action(emit_progress_action=shown).SerializeToString()
    request.desired_lrp.cached_dependencies.add(**{"from": "http://d", "to": "/d", "cache_key": "d"})
    board.post("/desired_lrp/desire.r2", request)
    assert board.post("/desired_lrps/list.r2") == board.post("/desired_lrps/list.r3")
    by_guid = desired.DesiredLRPByProcessGuidRequest(process_guid="pg")
    paths = [f"/desired_lrps/get_by_process_guid.{revision}" for revision in ("r2", "r3")]
    assert board.post(paths[0], by_guid) == board.post(paths[1], by_guid)


def test_a_list_of_groups_loses_the_row_that_is_worth_less() -> None:
    board = in_state("RUNNING")
    requests.make_suspect(board)
    [group] = actual.ActualLRPGroupsResponse.FromString(board.post("/actual_lrp_groups/list")).actual_lrp_groups
    assert (group.instance.presence, group.HasField("evacuating")) == (actual.ActualLRP.SUSPECT, False)
    listed = actual.ActualLRPsResponse.FromString(board.post("/actual_lrps/list")).actual_lrps
    assert sorted(lrp.presence for lrp in listed) == [actual.ActualLRP.ORDINARY, actual.ActualLRP.SUSPECT]
    assert board.row("pg", 0, Presence.SUSPECT) is not None
