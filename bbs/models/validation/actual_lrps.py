"""What requests about actual LRPs must be: whole keys, and the reason where one is needed."""

from __future__ import annotations

from typing import Any

from bbs.models.validation.failures import Failures, field, missing, negative, require
from bbs.wire import actual_lrp_pb2 as wire


def require_process_guids(request: wire.ActualLRPsByProcessGuidsRequest) -> None:
    """Refuse a list of no guids."""
    require([] if request.process_guids else ["process_guids must not be empty"])


def require_process_guid(request: wire.ActualLRPGroupsByProcessGuidRequest) -> None:
    """Refuse a request without guid."""
    require(missing(request, "process_guid"))


def require_index(request: wire.ActualLRPGroupByProcessGuidAndIndexRequest | wire.RemoveActualLRPRequest) -> None:
    """Refuse a request without guid or with a negative index."""
    require(missing(request, "process_guid") + negative(request, "index"))


def require_claim(request: wire.ClaimActualLRPRequest) -> None:
    """Refuse a claim without guid or whole instance key; the index is not looked at."""
    require(missing(request, "process_guid") + _instance_key(request))


def require_running(request: wire.StartActualLRPRequest | wire.EvacuateRunningActualLRPRequest) -> None:
    """Refuse a running instance without keys or net info."""
    require(_key(request) + _instance_key(request) + _net_info(request))


def require_keys(request: Any) -> None:
    """Refuse a request without both whole keys."""
    require(_key(request) + _instance_key(request))


def require_evacuated_crash(request: wire.EvacuateCrashedActualLRPRequest) -> None:
    """Refuse an evacuated crash without keys or message."""
    require(_key(request) + _instance_key(request) + missing(request, "error_message"))


def require_failure(request: wire.FailActualLRPRequest) -> None:
    """Refuse a placement failure without key or message."""
    require(_key(request) + missing(request, "error_message"))


def require_key(request: wire.RetireActualLRPRequest) -> None:
    """Refuse a request without a whole key."""
    require(_key(request))


def _key(request: Any) -> Failures:
    if not request.HasField("actual_lrp_key"):
        return [field("actual_lrp_key")]
    key: wire.ActualLRPKey = request.actual_lrp_key
    return missing(key, "process_guid") + negative(key, "index") + missing(key, "domain")


def _instance_key(request: Any) -> Failures:
    if not request.HasField("actual_lrp_instance_key"):
        return [field("actual_lrp_instance_key")]
    return missing(request.actual_lrp_instance_key, "cell_id", "instance_guid")


def _net_info(request: Any) -> Failures:
    if not request.HasField("actual_lrp_net_info"):
        return [field("actual_lrp_net_info")]
    return missing(request.actual_lrp_net_info, "address")
