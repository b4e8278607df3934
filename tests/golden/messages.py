"""Which message lies behind which path and which event name."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import core_pb2 as core
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import events_pb2 as events
from bbs.wire import task_pb2 as task

_LISTS: dict[str, type[Message]] = {
    "/v1/domains/list": core.DomainsResponse,
    "/v1/cells/list.r1": core.CellsResponse,
    "/v1/actual_lrps/list": actual.ActualLRPsResponse,
    "/v1/actual_lrps/list_by_process_guids": actual.ActualLRPsByProcessGuidsResponse,
    "/v1/actual_lrp_groups/list": actual.ActualLRPGroupsResponse,
    "/v1/actual_lrp_groups/list_by_process_guid": actual.ActualLRPGroupsResponse,
    "/v1/desired_lrps/list.r3": desired.DesiredLRPsResponse,
    "/v1/desired_lrps/list.r2": desired.DesiredLRPsResponse,
    "/v1/desired_lrp_scheduling_infos/list": desired.DesiredLRPSchedulingInfosResponse,
    "/v1/desired_lrp_routing_infos/list": desired.DesiredLRPsResponse,
    "/v1/tasks/list.r3": task.TasksResponse,
    "/v1/tasks/list.r2": task.TasksResponse,
}
_ONE: dict[str, type[Message]] = {
    "/v1/ping": core.PingResponse,
    "/v1/actual_lrp_groups/get_by_process_guid_and_index": actual.ActualLRPGroupResponse,
    "/v1/desired_lrps/get_by_process_guid.r3": desired.DesiredLRPResponse,
    "/v1/desired_lrps/get_by_process_guid.r2": desired.DesiredLRPResponse,
    "/v1/desired_lrp_scheduling_infos/get_by_process_guid": desired.DesiredLRPSchedulingInfoByProcessGuidResponse,
    "/v1/tasks/get_by_task_guid.r3": task.TaskResponse,
    "/v1/tasks/get_by_task_guid.r2": task.TaskResponse,
    "/v1/tasks/start": task.StartTaskResponse,
}
_EVACUATION = "/v1/actual_lrps/evacuate_"
_EVENTS: dict[str, type[Message]] = {
    "desired_lrp_created": events.DesiredLRPCreatedEvent,
    "desired_lrp_changed": events.DesiredLRPChangedEvent,
    "desired_lrp_removed": events.DesiredLRPRemovedEvent,
    "actual_lrp_created": events.ActualLRPCreatedEvent,
    "actual_lrp_changed": events.ActualLRPChangedEvent,
    "actual_lrp_removed": events.ActualLRPRemovedEvent,
    "actual_lrp_crashed": events.ActualLRPCrashedEvent,
    "actual_lrp_instance_created": events.ActualLRPInstanceCreatedEvent,
    "actual_lrp_instance_changed": events.ActualLRPInstanceChangedEvent,
    "actual_lrp_instance_removed": events.ActualLRPInstanceRemovedEvent,
    "task_created": events.TaskCreatedEvent,
    "task_changed": events.TaskChangedEvent,
    "task_removed": events.TaskRemovedEvent,
}


def response(path: str) -> tuple[Descriptor, bool]:
    """The response message of a path, and whether it is a list. Every other one holds an error at most."""
    path = path.partition("?")[0]
    if path in _LISTS:
        return _LISTS[path].DESCRIPTOR, True
    if path.startswith(_EVACUATION):
        return actual.EvacuationResponse.DESCRIPTOR, False
    return _ONE.get(path, actual.ActualLRPLifecycleResponse).DESCRIPTOR, False


def event(name: str) -> Descriptor | None:
    """The payload of an event name; None for one that is not known."""
    found = _EVENTS.get(name)
    return found.DESCRIPTOR if found is not None else None
