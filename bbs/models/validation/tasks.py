"""What task requests must be."""

from __future__ import annotations

from bbs.models.validation import parts
from bbs.models.validation.actions import NO_ACTION, named_action_failures
from bbs.models.validation.egress import egress_rule_failures
from bbs.models.validation.failures import Failures, field, guid, missing, negative, require
from bbs.models.validation.rootfs import rootfs_failures
from bbs.wire import task_pb2 as wire


def require_desire(request: wire.DesireTaskRequest) -> None:
    """Refuse a task without guid, domain or valid definition."""
    failures = guid("task_guid", request.task_guid) + missing(request, "domain")
    has = request.HasField("task_definition")
    require(failures + (_definition(request.task_definition) if has else [field("task_definition")]))


def require_cell(request: wire.StartTaskRequest | wire.CompleteTaskRequest) -> None:
    """Refuse a start or completion that does not say which task on which cell."""
    require(guid("task_guid", request.task_guid) + missing(request, "cell_id"))


def require_failure(request: wire.FailTaskRequest) -> None:
    """Refuse a failure without reason."""
    require(guid("task_guid", request.task_guid) + missing(request, "failure_reason"))


def require_rejection(request: wire.RejectTaskRequest) -> None:
    """Refuse a rejection without reason; the real BBS calls that field `failure_reason` too."""
    failures = guid("task_guid", request.task_guid)
    require(failures if request.rejection_reason else [*failures, field("failure_reason")])


def require_task_guid(request: wire.TaskGuidRequest | wire.TaskByGuidRequest) -> None:
    """Refuse a request without guid; its pattern is not looked at."""
    require(missing(request, "task_guid"))


def _definition(task: wire.TaskDefinition) -> Failures:
    failures = rootfs_failures(task.root_fs)
    failures += named_action_failures("action", task.action) if task.HasField("action") else [NO_ACTION]
    failures += negative(task, "memory_mb", "disk_mb")
    failures += [field("log_rate_limit")] if task.log_rate_limit.bytes_per_second < -1 else []
    failures += negative(task, "max_pids")
    failures += parts.annotation_failures(task.annotation)
    failures += [field("egress_rules") for rule in task.egress_rules if egress_rule_failures(rule)]
    failures += parts.image_credentials_failures(task.image_username, task.image_password)
    failures += parts.cached_dependencies_failures(task.cached_dependencies)
    return failures + parts.image_layers_failures(task.image_layers, task.legacy_download_user)
