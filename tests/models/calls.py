"""Every call that may change a record, made from few names, so that calls meet each other's records."""

from __future__ import annotations

from google.protobuf.message import Message
from hypothesis import strategies as st

from bbs.models.routes import ROUTES
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import core_pb2 as core
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import task_pb2 as task
from tests.models import requests

Call = tuple[str, bytes]
"""Path without `/v1`, and body."""

INDICES = st.integers(0, 2)
CELLS = {"ig-1": "cell-1", "ig-2": "cell-2", "ig-3": "cell-1"}
INSTANCES = st.sampled_from(sorted(CELLS))
TASKS = st.sampled_from(["t-1", "t-2"])
TASK_CELLS = st.sampled_from(["cell-1", "cell-2"])
REASONS = st.sampled_from([b"exit 1", b"\xff\xfe", b"r" * 2000])


def _lived(message: type, index: int, guid: str, **members: object) -> Message:
    """A request about one instance: with its keys, and what this message holds beside them."""
    names = message.DESCRIPTOR.fields_by_name  # type: ignore[attr-defined]
    request = message(**members)
    if "actual_lrp_key" in names:
        request.actual_lrp_key.CopyFrom(requests.key(index))
    else:
        request.process_guid, request.index = "pg", index
    if "actual_lrp_instance_key" in names:
        request.actual_lrp_instance_key.CopyFrom(requests.instance(guid, CELLS[guid]))
    if "actual_lrp_net_info" in names:
        request.actual_lrp_net_info.address = f"10.0.0.{guid[-1]}"
    return request  # type: ignore[no-any-return]


def _instance(message: type, **members: st.SearchStrategy[object]) -> st.SearchStrategy[Message]:
    more = st.fixed_dictionaries(members)
    return st.builds(lambda index, guid, given: _lived(message, index, guid, **given), INDICES, INSTANCES, more)


def _task(message: type, **members: st.SearchStrategy[object]) -> st.SearchStrategy[Message]:
    more = st.fixed_dictionaries(members)
    return st.builds(lambda guid, given: message(task_guid=guid, **given), TASKS, more)


def _updated(instances: int | None, annotation: str | None, routed: bool) -> Message:
    request = desired.UpdateDesiredLRPRequest(process_guid="pg")
    request.update.SetInParent()
    if instances is not None:
        request.update.instances = instances
    if annotation is not None:
        request.update.annotation = annotation
    if routed:
        request.update.routes.routes["cf-router"] = b'[{"port": 8080}]'
    return request


_URLS = st.sampled_from(["", "http://127.0.0.1:1/done"])
_DESIRED_TASKS = st.builds(requests.desire_task, TASKS, _URLS)

OF_ROUTES: dict[str, st.SearchStrategy[Message]] = {
    "/domains/upsert": st.builds(core.UpsertDomainRequest, domain=st.just("dom"), ttl=st.integers(0, 60)),
    "/desired_lrp/desire.r2": st.builds(requests.lrp, st.sampled_from(["pg", "other"]), st.integers(0, 3)),
    "/desired_lrp/update": st.builds(_updated, st.none() | st.integers(0, 3), st.none() | st.just("a"), st.booleans()),
    "/desired_lrp/remove": st.just(desired.RemoveDesiredLRPRequest(process_guid="pg")),
    "/actual_lrps/claim": _instance(actual.ClaimActualLRPRequest),
    "/actual_lrps/start.r1": _instance(actual.StartActualLRPRequest),
    "/actual_lrps/start": _instance(actual.StartActualLRPRequest),
    "/actual_lrps/crash": _instance(actual.CrashActualLRPRequest, error_message=REASONS),
    "/actual_lrps/fail": _instance(actual.FailActualLRPRequest, error_message=REASONS),
    "/actual_lrps/remove": _instance(actual.RemoveActualLRPRequest),
    "/actual_lrps/retire": _instance(actual.RetireActualLRPRequest),
    "/actual_lrps/remove_evacuating": _instance(actual.RemoveEvacuatingActualLRPRequest),
    "/actual_lrps/evacuate_claimed": _instance(actual.EvacuateClaimedActualLRPRequest),
    "/actual_lrps/evacuate_crashed": _instance(actual.EvacuateCrashedActualLRPRequest, error_message=REASONS),
    "/actual_lrps/evacuate_stopped": _instance(actual.EvacuateStoppedActualLRPRequest),
    "/actual_lrps/evacuate_running.r1": _instance(actual.EvacuateRunningActualLRPRequest),
    "/actual_lrps/evacuate_running": _instance(actual.EvacuateRunningActualLRPRequest),
    "/tasks/desire.r2": _DESIRED_TASKS,
    "/tasks/desire.r3": _DESIRED_TASKS,
    "/tasks/start": _task(task.StartTaskRequest, cell_id=TASK_CELLS),
    "/tasks/cancel": _task(task.TaskGuidRequest),
    "/tasks/fail": _task(task.FailTaskRequest, failure_reason=REASONS),
    "/tasks/reject": _task(task.RejectTaskRequest, rejection_reason=REASONS),
    "/tasks/complete": _task(task.CompleteTaskRequest, cell_id=TASK_CELLS, failed=st.booleans()),
    "/tasks/resolving": _task(task.TaskGuidRequest),
    "/tasks/delete": _task(task.TaskGuidRequest),
}
CALLS: st.SearchStrategy[Call] = st.sampled_from(sorted(OF_ROUTES)).flatmap(
    lambda path: OF_ROUTES[path].map(lambda request: (path, request.SerializeToString()))
)
CHANGING = sorted(route.path.removeprefix("/v1") for route in ROUTES if route.kind == "transition")
