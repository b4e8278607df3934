"""The routes of the API: one row each. Streams have their own table in the server.

`handle` of a transition route takes the body and gives the transition; that of a query route takes body, confirmed view
and context, and gives the response body. The cells are Locket's: the server asks it and encodes with
`bbs.models.cells.cells_response`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bbs.models import domains
from bbs.models.actual_lrps import crash, evacuation, evacuation_running, groups, lifecycle, start
from bbs.models.actual_lrps import reads as actual_reads
from bbs.models.desired_lrps import changes
from bbs.models.desired_lrps import reads as desired_reads
from bbs.models.errors import Error
from bbs.models.rules import Query, QueryRule, Respond, TransitionRule, unchecked
from bbs.models.state import Context, Transition, View
from bbs.models.tasks import lifecycle as tasks
from bbs.models.tasks import reads as task_reads
from bbs.models.validation import actual_lrps as actual_checks
from bbs.models.validation import desired_lrps as desired_checks
from bbs.models.validation import tasks as task_checks
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import core_pb2 as core
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import task_pb2 as task

CELLS_PATH = "/v1/cells/list.r1"
PONG = core.PingResponse(available=True).SerializeToString()


def always(_body: bytes) -> bool:
    """The condition of nearly all routes."""
    return True


@dataclass(frozen=True, slots=True)
class TransitionRoute:
    """A route that may change records; its transition goes through the pipeline.

    `traced`: what follows carries the trace id of its request. `refuse`: the answer when memory or store refuses it.
    """

    path: str
    handle: Callable[[bytes], Transition]
    method: str = "POST"
    kind: Literal["transition"] = "transition"
    traced: bool = False
    exists: Callable[[bytes], bool] = always
    """Whether the route is there for this body: 404 otherwise, on which Diego's clients take an older revision."""
    refuse: Respond = Error.response


@dataclass(frozen=True, slots=True)
class QueryRoute:
    """A route that only reads."""

    path: str
    handle: Query
    method: str = "POST"
    kind: Literal["query"] = "query"


Route = TransitionRoute | QueryRoute


def ping(_body: bytes, _view: View, _context: Context) -> bytes:
    """The BBS answers."""
    return PONG


def _changing(path: str, rule: TransitionRule[Any], *, traced: bool = False) -> Route:
    return TransitionRoute(f"/v1{path}", rule, traced=traced, refuse=rule.invalid)


def _reading(path: str, query: Query) -> Route:
    return QueryRoute(f"/v1{path}", query)


_EVACUATE_CLAIMED = TransitionRule(
    actual.EvacuateClaimedActualLRPRequest, actual_checks.require_keys, evacuation.claimed, invalid=evacuation.kept
)
_EVACUATE_RUNNING = TransitionRule(
    actual.EvacuateRunningActualLRPRequest,
    actual_checks.require_running,
    evacuation_running.running,
    evacuation.kept,
    evacuation.kept,
)
_EVACUATE_RUNNING_R0 = TransitionRule(
    actual.EvacuateRunningActualLRPRequest,
    actual_checks.require_running,
    evacuation_running.running_r0,
    evacuation.kept,
    evacuation.kept,
)

ROUTES: tuple[Route, ...] = (
    _reading("/ping", ping),
    _reading("/domains/list", domains.domains),
    _changing("/domains/upsert", TransitionRule(core.UpsertDomainRequest, domains.require_domain, domains.upsert)),
    _reading("/actual_lrps/list", QueryRule(actual.ActualLRPsRequest, unchecked, actual_reads.actual_lrps)),
    _reading(
        "/actual_lrps/list_by_process_guids",
        QueryRule(
            actual.ActualLRPsByProcessGuidsRequest,
            actual_checks.require_process_guids,
            actual_reads.actual_lrps_by_process_guids,
        ),
    ),
    _reading("/actual_lrp_groups/list", QueryRule(actual.ActualLRPGroupsRequest, unchecked, groups.groups)),
    _reading(
        "/actual_lrp_groups/list_by_process_guid",
        QueryRule(
            actual.ActualLRPGroupsByProcessGuidRequest,
            actual_checks.require_process_guid,
            groups.groups_by_process_guid,
        ),
    ),
    _reading(
        "/actual_lrp_groups/get_by_process_guid_and_index",
        QueryRule(
            actual.ActualLRPGroupByProcessGuidAndIndexRequest,
            actual_checks.require_index,
            groups.group_by_process_guid_and_index,
        ),
    ),
    _changing(
        "/actual_lrps/claim",
        TransitionRule(actual.ClaimActualLRPRequest, actual_checks.require_claim, lifecycle.claim),
    ),
    _changing(
        "/actual_lrps/start.r1",
        TransitionRule(actual.StartActualLRPRequest, actual_checks.require_running, start.start),
    ),
    _changing(
        "/actual_lrps/start",
        TransitionRule(actual.StartActualLRPRequest, actual_checks.require_running, start.start_r0),
    ),
    _changing(
        "/actual_lrps/crash", TransitionRule(actual.CrashActualLRPRequest, actual_checks.require_keys, crash.crash)
    ),
    _changing(
        "/actual_lrps/fail", TransitionRule(actual.FailActualLRPRequest, actual_checks.require_failure, lifecycle.fail)
    ),
    _changing(
        "/actual_lrps/remove",
        TransitionRule(actual.RemoveActualLRPRequest, actual_checks.require_index, lifecycle.remove),
    ),
    _changing(
        "/actual_lrps/retire",
        TransitionRule(actual.RetireActualLRPRequest, actual_checks.require_key, lifecycle.retire),
        traced=True,
    ),
    _changing(
        "/actual_lrps/remove_evacuating",
        TransitionRule(
            actual.RemoveEvacuatingActualLRPRequest, actual_checks.require_keys, evacuation.remove_evacuating
        ),
    ),
    _changing("/actual_lrps/evacuate_claimed", _EVACUATE_CLAIMED),
    _changing(
        "/actual_lrps/evacuate_crashed",
        TransitionRule(
            actual.EvacuateCrashedActualLRPRequest, actual_checks.require_evacuated_crash, evacuation.evacuated_crash
        ),
    ),
    _changing(
        "/actual_lrps/evacuate_stopped",
        TransitionRule(actual.EvacuateStoppedActualLRPRequest, actual_checks.require_keys, evacuation.stopped),
    ),
    _changing("/actual_lrps/evacuate_running.r1", _EVACUATE_RUNNING),
    _changing("/actual_lrps/evacuate_running", _EVACUATE_RUNNING_R0),
    _reading(
        "/desired_lrp_scheduling_infos/list",
        QueryRule(desired.DesiredLRPsRequest, unchecked, desired_reads.scheduling_infos),
    ),
    _reading(
        "/desired_lrp_scheduling_infos/get_by_process_guid",
        QueryRule(
            desired.DesiredLRPByProcessGuidRequest,
            desired_checks.require_process_guid,
            desired_reads.scheduling_info_by_process_guid,
        ),
    ),
    _reading(
        "/desired_lrp_routing_infos/list",
        QueryRule(desired.DesiredLRPsRequest, unchecked, desired_reads.routing_infos),
    ),
    _reading("/desired_lrps/list.r3", QueryRule(desired.DesiredLRPsRequest, unchecked, desired_reads.desired_lrps)),
    _reading(
        "/desired_lrps/get_by_process_guid.r3",
        QueryRule(
            desired.DesiredLRPByProcessGuidRequest,
            desired_checks.require_process_guid,
            desired_reads.desired_lrp_by_process_guid,
        ),
    ),
    _reading("/desired_lrps/list.r2", QueryRule(desired.DesiredLRPsRequest, unchecked, desired_reads.desired_lrps_r2)),
    _reading(
        "/desired_lrps/get_by_process_guid.r2",
        QueryRule(
            desired.DesiredLRPByProcessGuidRequest,
            desired_checks.require_process_guid,
            desired_reads.desired_lrp_by_process_guid_r2,
        ),
    ),
    _changing(
        "/desired_lrp/desire.r2",
        TransitionRule(desired.DesireLRPRequest, desired_checks.require_desire, changes.desire),
        traced=True,
    ),
    _changing(
        "/desired_lrp/update",
        TransitionRule(desired.UpdateDesiredLRPRequest, desired_checks.require_update, changes.update),
        traced=True,
    ),
    _changing(
        "/desired_lrp/remove",
        TransitionRule(desired.RemoveDesiredLRPRequest, desired_checks.require_process_guid, changes.remove),
        traced=True,
    ),
    _reading("/tasks/list.r3", QueryRule(task.TasksRequest, unchecked, task_reads.tasks)),
    _reading(
        "/tasks/get_by_task_guid.r3",
        QueryRule(task.TaskByGuidRequest, task_checks.require_task_guid, task_reads.task_by_guid),
    ),
    _reading("/tasks/list.r2", QueryRule(task.TasksRequest, unchecked, task_reads.tasks_r2)),
    _reading(
        "/tasks/get_by_task_guid.r2",
        QueryRule(task.TaskByGuidRequest, task_checks.require_task_guid, task_reads.task_by_guid_r2),
    ),
    _changing("/tasks/desire.r2", TransitionRule(task.DesireTaskRequest, task_checks.require_desire, tasks.desire)),
    TransitionRoute(
        "/v1/tasks/desire.r3",
        TransitionRule(task.DesireTaskRequest, task_checks.require_desire, tasks.desire_r3),
        exists=tasks.names_callback,
    ),
    _changing("/tasks/start", TransitionRule(task.StartTaskRequest, task_checks.require_cell, tasks.start)),
    _changing("/tasks/cancel", TransitionRule(task.TaskGuidRequest, task_checks.require_task_guid, tasks.cancel)),
    _changing("/tasks/fail", TransitionRule(task.FailTaskRequest, task_checks.require_failure, tasks.fail)),
    _changing("/tasks/reject", TransitionRule(task.RejectTaskRequest, task_checks.require_rejection, tasks.reject)),
    _changing("/tasks/complete", TransitionRule(task.CompleteTaskRequest, task_checks.require_cell, tasks.complete)),
    _changing("/tasks/resolving", TransitionRule(task.TaskGuidRequest, task_checks.require_task_guid, tasks.resolving)),
    _changing("/tasks/delete", TransitionRule(task.TaskGuidRequest, task_checks.require_task_guid, tasks.remove)),
)
