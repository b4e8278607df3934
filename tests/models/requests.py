"""Requests as cells, auctioneers and the cloud controller send them."""

from __future__ import annotations

from bbs.models.records import Presence
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import container_pb2 as container
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import task_pb2 as task
from tests.models.board import Board

RUN = container.Action(run_action=container.RunAction(path="/bin/true", user="vcap")).SerializeToString()


def lrp(guid: str = "pg", instances: int = 1, **members: object) -> desired.DesireLRPRequest:
    """DesireLRP of the smallest LRP that is accepted."""
    request = desired.DesireLRPRequest()
    request.desired_lrp.MergeFrom(
        desired.DesiredLRP(
            process_guid=guid, domain="dom", root_fs="preloaded:cflinuxfs4", instances=instances, action=RUN
        )
    )
    request.desired_lrp.metric_tags["source_id"].static = guid
    request.desired_lrp.MergeFrom(desired.DesiredLRP(**members))  # type: ignore[arg-type]
    return request


def key(index: int = 0, guid: str = "pg", domain: str = "dom") -> actual.ActualLRPKey:
    return actual.ActualLRPKey(process_guid=guid, index=index, domain=domain)


def instance(guid: str = "ig", cell: str = "cell-1") -> actual.ActualLRPInstanceKey:
    return actual.ActualLRPInstanceKey(instance_guid=guid, cell_id=cell)


def claim(guid: str = "ig", cell: str = "cell-1", index: int = 0) -> actual.ClaimActualLRPRequest:
    return actual.ClaimActualLRPRequest(process_guid="pg", index=index, actual_lrp_instance_key=instance(guid, cell))


def start(guid: str = "ig", cell: str = "cell-1", index: int = 0, **members: object) -> actual.StartActualLRPRequest:
    request = actual.StartActualLRPRequest(
        actual_lrp_key=key(index),
        actual_lrp_instance_key=instance(guid, cell),
        actual_lrp_net_info=actual.ActualLRPNetInfo(address="10.0.0.1"),
    )
    request.MergeFrom(actual.StartActualLRPRequest(**members))  # type: ignore[arg-type]
    return request


def remove(index: int = 0) -> actual.RemoveActualLRPRequest:
    return actual.RemoveActualLRPRequest(process_guid="pg", index=index)


def retire(index: int = 0) -> actual.RetireActualLRPRequest:
    return actual.RetireActualLRPRequest(actual_lrp_key=key(index))


def crash(guid: str = "ig", cell: str = "cell-1", reason: bytes = b"exit 1") -> actual.CrashActualLRPRequest:
    return actual.CrashActualLRPRequest(
        actual_lrp_key=key(), actual_lrp_instance_key=instance(guid, cell), error_message=reason
    )


def evacuate_running(
    guid: str = "ig", cell: str = "cell-1", address: str = "10.0.0.1"
) -> actual.EvacuateRunningActualLRPRequest:
    return actual.EvacuateRunningActualLRPRequest(
        actual_lrp_key=key(),
        actual_lrp_instance_key=instance(guid, cell),
        actual_lrp_net_info=actual.ActualLRPNetInfo(address=address),
    )


def keyed(message: type, guid: str = "ig", cell: str = "cell-1"):  # type: ignore[no-untyped-def]
    """A request of that type with both keys."""
    return message(actual_lrp_key=key(), actual_lrp_instance_key=instance(guid, cell))


def desire_task(guid: str = "t", url: str = "") -> task.DesireTaskRequest:
    request = task.DesireTaskRequest(task_guid=guid, domain="dom")
    request.task_definition.root_fs = "preloaded:cflinuxfs4"
    request.task_definition.action = RUN
    request.task_definition.completion_callback_url = url
    return request


def start_task(guid: str = "t", cell: str = "cell-1") -> task.StartTaskRequest:
    return task.StartTaskRequest(task_guid=guid, cell_id=cell)


def in_state(board: Board, state: str, guid: str = "ig", cell: str = "cell-1") -> None:
    """Desire one instance and bring it there by the calls that a cell makes."""
    board.post("/desired_lrp/desire.r2", lrp())
    if state in ("CLAIMED", "RUNNING", "CRASHED"):
        board.post("/actual_lrps/claim", claim(guid, cell))
    if state == "RUNNING":
        board.post("/actual_lrps/start.r1", start(guid, cell))
    if state == "CRASHED":
        for _ in range(3):
            board.post("/actual_lrps/start.r1", start(guid, cell))
            board.post("/actual_lrps/crash", crash(guid, cell))
    assert board.ordinary().state == state
    board.effects.clear()


def make_suspect(board: Board) -> None:
    """The ordinary row becomes the suspect one; a fresh unclaimed row takes its place."""
    from bbs.models.records import Kind, actual_lrp_key  # noqa: PLC0415

    row = board.ordinary()
    row.presence = actual.ActualLRP.SUSPECT
    board.put(Kind.ACTUAL_LRPS, actual_lrp_key("pg", 0, Presence.SUSPECT), row)
    fresh = actual.ActualLRP(state="UNCLAIMED", actual_lrp_key=key(), since=board.now, routable=False)
    fresh.modification_tag.epoch = "fresh"
    board.put(Kind.ACTUAL_LRPS, actual_lrp_key("pg", 0, Presence.ORDINARY), fresh)
