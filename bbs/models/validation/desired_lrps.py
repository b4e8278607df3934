"""What a desired LRP and its update must be. Some rules run twice, as they do in the real BBS."""

from __future__ import annotations

from bbs.models.extent import INSTANCES_LIMIT
from bbs.models.validation import parts
from bbs.models.validation.actions import NO_ACTION, named_action_failures
from bbs.models.validation.failures import Failures, field, guid, missing, negative, require, size
from bbs.models.validation.rootfs import rootfs_failures
from bbs.wire import desired_lrp_pb2 as wire
from bbs.wire.container_pb2 import LogRateLimit

MOUNTED_FILES_LIMIT = 1024 * 1024


def require_desire(request: wire.DesireLRPRequest) -> None:
    """Refuse a DesireLRP that lacks its LRP or whose LRP is invalid."""
    require(_desired_lrp(request.desired_lrp) if request.HasField("desired_lrp") else [field("desired_lrp")])


def require_update(request: wire.UpdateDesiredLRPRequest) -> None:
    """Refuse an update without guid or with invalid members."""
    failures = missing(request, "process_guid")
    require(failures + (_update(request.update) if request.HasField("update") else []))


def require_process_guid(
    request: wire.DesiredLRPByProcessGuidRequest | wire.RemoveDesiredLRPRequest,
) -> None:
    """Refuse a request without guid; its pattern is not looked at."""
    require(missing(request, "process_guid"))


def _desired_lrp(lrp: wire.DesiredLRP) -> Failures:
    return [*_mounted_files(lrp), *_scheduling(lrp), *_run_info(lrp), *_mounted_files(lrp)]


def _mounted_files(lrp: wire.DesiredLRP) -> Failures:
    mounted = sum(size(file.content) for file in lrp.volume_mounted_files)
    return [field("volumeMountedFiles")] if mounted > MOUNTED_FILES_LIMIT else []


def _scheduling(lrp: wire.DesiredLRP) -> Failures:
    failures = missing(lrp, "domain")
    failures += [] if lrp.root_fs else [field("rootfs")]
    failures += rootfs_failures(lrp.root_fs)
    failures += negative(lrp, "instances", "memory_mb", "disk_mb", "max_pids") + _instances(lrp.instances)
    failures += _log_rate(lrp.log_rate_limit) if lrp.HasField("log_rate_limit") else []
    failures += parts.annotation_failures(lrp.annotation)
    failures += parts.routes_failures(lrp.routes.routes)
    failures += parts.named("metric_tags", _metric_tags(lrp)) if lrp.metric_tags else [field("metric_tags")]
    return failures + missing(lrp, "domain") + guid("process_guid", lrp.process_guid)


def _instances(wanted: int) -> Failures:
    return [f"{field('instances')} (at most {INSTANCES_LIMIT} are possible)"] if wanted > INSTANCES_LIMIT else []


def _log_rate(limit: LogRateLimit) -> Failures:
    if limit.bytes_per_second >= -1:
        return []
    return [field("log_rate_limit_bytes_per_second"), field("log_rate_limit")]


def _metric_tags(lrp: wire.DesiredLRP) -> Failures:
    failures = parts.metric_tags_failures(lrp.metric_tags)
    guid_tag = lrp.metric_tags["source_id"].static if "source_id" in lrp.metric_tags else ""
    if lrp.metrics_guid and guid_tag != lrp.metrics_guid:
        failures.append(field("source_id should match metrics_guid"))
    return failures


def _run_info(lrp: wire.DesiredLRP) -> Failures:
    failures = named_action_failures("setup", lrp.setup) if lrp.HasField("setup") else []
    failures += named_action_failures("action", lrp.action) if lrp.HasField("action") else [NO_ACTION]
    failures += named_action_failures("monitor", lrp.monitor) if lrp.HasField("monitor") else []
    failures += parts.environment_failures(lrp.environment_variables)
    failures += parts.egress_failures(lrp.egress_rules)
    failures += parts.cached_dependencies_failures(lrp.cached_dependencies)
    failures += parts.image_layers_failures(lrp.image_layers, lrp.legacy_download_user)
    failures += parts.sidecars_failures(lrp.sidecars)
    failures += parts.volume_mounts_failures(lrp.volume_mounts)
    failures += parts.check_definition_failures(lrp.check_definition)
    return failures + parts.image_credentials_failures(lrp.image_username, lrp.image_password)


def _update(update: wire.DesiredLRPUpdate) -> Failures:
    failures = negative(update, "instances") + _instances(update.instances)
    failures += parts.annotation_failures(update.annotation)
    failures += parts.routes_failures(update.routes.routes)
    failures += parts.named("metric_tags", parts.metric_tags_failures(update.metric_tags))
    return failures + _credentials_present(update)


def _credentials_present(update: wire.DesiredLRPUpdate) -> Failures:
    """Both given or neither; either may be given empty."""
    username, password = update.HasField("image_username"), update.HasField("image_password")
    if username == password:
        return []
    return [field("image_password" if username else "image_username")]
