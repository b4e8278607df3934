"""Each request with each of its rules: what is missing is named, in order, in one message."""

import pytest
from google.protobuf.message import Message

from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import core_pb2 as core
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import task_pb2 as task
from tests.models import requests
from tests.models.validation.refusals import refusal

KEYS = {"actual_lrp_key": requests.key(), "actual_lrp_instance_key": requests.instance()}
EMPTY_KEYS = {"actual_lrp_key": actual.ActualLRPKey(), "actual_lrp_instance_key": actual.ActualLRPInstanceKey()}
NET = {"actual_lrp_net_info": actual.ActualLRPNetInfo(address="a")}
NO_KEYS = "actual_lrp_key, actual_lrp_instance_key"
IN_KEYS = "process_guid, domain, cell_id, instance_guid"
BY_INDEX = actual.ActualLRPGroupByProcessGuidAndIndexRequest
RUNNING = [
    ("/actual_lrps/start.r1", actual.StartActualLRPRequest),
    ("/actual_lrps/start", actual.StartActualLRPRequest),
    ("/actual_lrps/evacuate_running.r1", actual.EvacuateRunningActualLRPRequest),
    ("/actual_lrps/evacuate_running", actual.EvacuateRunningActualLRPRequest),
]
KEYED = [
    ("/actual_lrps/crash", actual.CrashActualLRPRequest),
    ("/actual_lrps/evacuate_claimed", actual.EvacuateClaimedActualLRPRequest),
    ("/actual_lrps/evacuate_stopped", actual.EvacuateStoppedActualLRPRequest),
    ("/actual_lrps/remove_evacuating", actual.RemoveEvacuatingActualLRPRequest),
]


@pytest.mark.parametrize(
    ("path", "request_", "refused"),
    [
        ("/domains/upsert", core.UpsertDomainRequest(), "domain"),
        ("/domains/upsert", core.UpsertDomainRequest(domain="d"), ""),
        ("/actual_lrps/list", actual.ActualLRPsRequest(index=-1), ""),
        (
            "/actual_lrps/list_by_process_guids",
            actual.ActualLRPsByProcessGuidsRequest(),
            "process_guids must not be empty",
        ),
        ("/actual_lrps/list_by_process_guids", actual.ActualLRPsByProcessGuidsRequest(process_guids=[""]), ""),
        ("/actual_lrp_groups/list_by_process_guid", actual.ActualLRPGroupsByProcessGuidRequest(), "process_guid"),
        ("/actual_lrp_groups/get_by_process_guid_and_index", BY_INDEX(index=-1), "process_guid, index"),
        ("/actual_lrp_groups/get_by_process_guid_and_index", BY_INDEX(process_guid="a b", index=0), ""),
        ("/actual_lrps/remove", actual.RemoveActualLRPRequest(index=-1), "process_guid, index"),
        (
            "/actual_lrps/remove",
            actual.RemoveActualLRPRequest(process_guid="p", actual_lrp_instance_key=actual.ActualLRPInstanceKey()),
            "",
        ),
        ("/actual_lrps/claim", actual.ClaimActualLRPRequest(), "process_guid, actual_lrp_instance_key"),
        (
            "/actual_lrps/claim",
            actual.ClaimActualLRPRequest(actual_lrp_instance_key=actual.ActualLRPInstanceKey()),
            "process_guid, cell_id, instance_guid",
        ),
        ("/actual_lrps/claim", requests.claim(index=-1), ""),
        ("/actual_lrps/fail", actual.FailActualLRPRequest(), "actual_lrp_key, error_message"),
        (
            "/actual_lrps/fail",
            actual.FailActualLRPRequest(actual_lrp_key=requests.key(-1, "", "")),
            "process_guid, index, domain, error_message",
        ),
        (
            "/actual_lrps/fail",
            actual.FailActualLRPRequest(actual_lrp_key=requests.key(0, "a b"), error_message=b"x"),
            "",
        ),
        ("/actual_lrps/retire", actual.RetireActualLRPRequest(), "actual_lrp_key"),
        ("/actual_lrps/retire", actual.RetireActualLRPRequest(actual_lrp_key=requests.key(-1)), "index"),
        (
            "/actual_lrps/evacuate_crashed",
            actual.EvacuateCrashedActualLRPRequest(),
            f"{NO_KEYS}, error_message",
        ),
        ("/actual_lrps/evacuate_crashed", requests.keyed(actual.EvacuateCrashedActualLRPRequest), "error_message"),
        ("/desired_lrps/list.r3", desired.DesiredLRPsRequest(process_guids=["", "a b"]), ""),
        ("/desired_lrps/get_by_process_guid.r3", desired.DesiredLRPByProcessGuidRequest(), "process_guid"),
        ("/desired_lrps/get_by_process_guid.r2", desired.DesiredLRPByProcessGuidRequest(), "process_guid"),
        ("/desired_lrps/get_by_process_guid.r3", desired.DesiredLRPByProcessGuidRequest(process_guid="a b"), ""),
        (
            "/desired_lrp_scheduling_infos/get_by_process_guid",
            desired.DesiredLRPByProcessGuidRequest(),
            "process_guid",
        ),
        ("/desired_lrp/remove", desired.RemoveDesiredLRPRequest(), "process_guid"),
        ("/desired_lrp/remove", desired.RemoveDesiredLRPRequest(process_guid="a b"), ""),
        ("/desired_lrp/update", desired.UpdateDesiredLRPRequest(), "process_guid"),
        ("/desired_lrp/desire.r2", desired.DesireLRPRequest(), "desired_lrp"),
        ("/tasks/list.r3", task.TasksRequest(), ""),
        ("/tasks/desire.r2", task.DesireTaskRequest(), "task_guid, domain, task_definition"),
        ("/tasks/start", task.StartTaskRequest(), "task_guid, cell_id"),
        ("/tasks/start", task.StartTaskRequest(task_guid="a\n", cell_id="c"), "task_guid"),
        ("/tasks/complete", task.CompleteTaskRequest(task_guid="a b"), "task_guid, cell_id"),
        ("/tasks/fail", task.FailTaskRequest(task_guid="a.b"), "task_guid, failure_reason"),
        ("/tasks/reject", task.RejectTaskRequest(), "task_guid, failure_reason"),
        ("/tasks/cancel", task.TaskGuidRequest(), "task_guid"),
        ("/tasks/cancel", task.TaskGuidRequest(task_guid="a b"), ""),
        ("/tasks/resolving", task.TaskGuidRequest(), "task_guid"),
        ("/tasks/delete", task.TaskGuidRequest(), "task_guid"),
        ("/tasks/get_by_task_guid.r3", task.TaskByGuidRequest(), "task_guid"),
        ("/tasks/get_by_task_guid.r2", task.TaskByGuidRequest(task_guid="a b"), ""),
    ],
)
def test_what_a_request_lacks_is_named_in_order(path: str, request_: Message, refused: str) -> None:
    assert refusal(path, request_) == refused


@pytest.mark.parametrize(("path", "message"), RUNNING)
def test_a_running_instance_needs_both_keys_and_an_address(path: str, message: type[Message]) -> None:
    assert refusal(path, message()) == f"{NO_KEYS}, actual_lrp_net_info"
    assert refusal(path, message(**EMPTY_KEYS, actual_lrp_net_info=actual.ActualLRPNetInfo())) == f"{IN_KEYS}, address"
    assert refusal(path, message(**{**KEYS, "actual_lrp_key": requests.key(-1)}, **NET)) == "index"
    assert refusal(path, message(**KEYS, **NET)) == ""


@pytest.mark.parametrize(("path", "message"), KEYED)
def test_the_end_of_an_instance_needs_both_keys_and_no_message(path: str, message: type[Message]) -> None:
    assert refusal(path, message()) == NO_KEYS
    assert refusal(path, message(**EMPTY_KEYS)) == IN_KEYS
    assert refusal(path, message(**KEYS)) == ""
