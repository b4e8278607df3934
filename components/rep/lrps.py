"""What is reported about an LRP's container, by its state and by whether the cell evacuates.

Two tables, one function each; the caller has just read the container again. An error of the BBS other than the ones
named leaves the container as it is: the next pass repeats it. Source of the tables: docs/reference/cell.md.
"""

from __future__ import annotations

import time

import structlog
from google.protobuf.message import Message

from bbs.client import BBSError, ClientError, ErrorType
from bbs.wire import actual_lrp_pb2 as wire
from components.rep import board, definitions, endings
from components.rep.cell import Cell
from components.rep.containers import Container, State
from components.rep.runtime.client import RuntimeRefused, RuntimeUnavailable
from components.rep.runtime.ports import PortsExhausted

log = structlog.get_logger()


async def ordinary(cell: Cell, container: Container) -> None:
    """Claim, run, report running, report the end."""
    match container.state:
        case State.RESERVED:
            if await _claim(cell, container):
                await _run(cell, container)
        case State.INITIALIZING | State.CREATED:
            await _claim(cell, container)
        case State.RUNNING:
            await _start(cell, container)
        case State.COMPLETED:
            await _report_end(cell, container)


async def evacuating(cell: Cell, container: Container) -> None:
    """Hand over: give back what has not started, keep what runs until its replacement runs."""
    match container.state:
        case State.RESERVED | State.INITIALIZING | State.CREATED:
            request = wire.EvacuateClaimedActualLRPRequest(
                actual_lrp_key=board.key(container),
                actual_lrp_instance_key=board.instance_key(cell, container),
            )
            await _tell(cell, container, "/v1/actual_lrps/evacuate_claimed", request)
            await endings.delete(cell, container)
        case State.RUNNING:
            if not await _must_be_kept(cell, container):
                await endings.delete(cell, container)
        case State.COMPLETED:
            await _report_end_evacuating(cell, container)


async def _claim(cell: Cell, container: Container) -> bool:
    try:
        instance = board.instance_key(cell, container)
        await cell.bbs.claim_actual_lrp(container.process_guid, container.index, instance)
    except BBSError as error:
        _refused("claim", container, error)
        if error.type == ErrorType.ActualLRPCannotBeClaimed:
            await endings.delete(cell, container)
        return False
    except ClientError as error:
        _not_taken(cell, "claim", container, error)
        return False
    cell.contact.succeeded()
    return True


async def _run(cell: Cell, container: Container) -> None:
    try:
        desired = await cell.bbs.desired_lrp(container.process_guid)
    except ClientError as error:
        _not_taken(cell, "fetch-desired-lrp", container, error)
        return
    container.metric_tags = definitions.metric_tags(desired, container.guid, container.index)
    container.internal_routes = definitions.internal_routes(desired)
    try:
        spec = definitions.of_lrp(desired, container.guid, container.index, cell.app_address)
    except definitions.Unsupported as reason:
        container.complete(str(reason))
        return
    container.state = State.INITIALIZING
    try:
        container.take(await cell.runtime.run(container.guid, spec))
    except (RuntimeRefused, RuntimeUnavailable, PortsExhausted) as error:
        log.warning("run-failed", guid=container.guid, error=str(error))
        await endings.delete(cell, container)
        await _remove(cell, container)


async def _start(cell: Cell, container: Container) -> None:
    try:
        await cell.bbs.start_actual_lrp(board.start_request(cell, container))
    except BBSError as error:
        _refused("start", container, error)
        if error.type == ErrorType.ActualLRPCannotBeStarted:
            await endings.stop(cell, container)
    except ClientError as error:
        _not_taken(cell, "start", container, error)
    else:
        cell.contact.succeeded()


async def _report_end(cell: Cell, container: Container) -> None:
    if container.stopped:
        await _remove(cell, container)
    else:
        await _tell(cell, container, "/v1/actual_lrps/crash", _crash(cell, container))
    await endings.delete(cell, container)


async def _report_end_evacuating(cell: Cell, container: Container) -> None:
    if container.stopped:
        stopped = wire.EvacuateStoppedActualLRPRequest(
            actual_lrp_key=board.key(container), actual_lrp_instance_key=board.instance_key(cell, container)
        )
        await _tell(cell, container, "/v1/actual_lrps/evacuate_stopped", stopped)
    else:
        crash = _crash(cell, container)
        crashed = wire.EvacuateCrashedActualLRPRequest.FromString(crash.SerializeToString())
        await _tell(cell, container, "/v1/actual_lrps/evacuate_crashed", crashed)
    await endings.delete(cell, container)


async def _must_be_kept(cell: Cell, container: Container) -> bool:
    """Whether the app must go on here; when in doubt it must."""
    try:
        kept = await cell.bbs.evacuate_running_actual_lrp(board.evacuate_running_request(cell, container))
    except BBSError as error:
        _refused("evacuate-running", container, error)
        return error.type != ErrorType.ResourceNotFound
    except ClientError as error:
        _not_taken(cell, "evacuate-running", container, error)
        return True
    cell.contact.succeeded()
    cell.contact.marked += 1
    return kept


def _crash(cell: Cell, container: Container) -> wire.CrashActualLRPRequest:
    return wire.CrashActualLRPRequest(
        actual_lrp_key=board.key(container),
        actual_lrp_instance_key=board.instance_key(cell, container),
        error_message=container.reason.encode() or b"exited",
    )


async def _remove(cell: Cell, container: Container) -> None:
    request = wire.RemoveActualLRPRequest(
        process_guid=container.process_guid,
        index=container.index,
        actual_lrp_instance_key=board.instance_key(cell, container),
    )
    await _tell(cell, container, "/v1/actual_lrps/remove", request)


async def _tell(cell: Cell, container: Container, path: str, request: Message) -> None:
    """A report after which the container goes whatever the answer; the row is cleaned by a later pass if need be."""
    try:
        response = wire.EvacuationResponse() if "evacuate_" in path else wire.ActualLRPLifecycleResponse()
        await cell.bbs.ask(path, request, response)
    except BBSError as error:
        _refused(path.rpartition("/")[2], container, error)
    except ClientError as error:
        _not_taken(cell, path.rpartition("/")[2], container, error)
    else:
        cell.contact.succeeded()


def _refused(call: str, container: Container, error: BBSError) -> None:
    log.info("refused", call=call, guid=container.guid, process_guid=container.process_guid, error=str(error))


def _not_taken(cell: Cell, call: str, container: Container, error: ClientError) -> None:
    cell.contact.failed(time.monotonic(), str(error))
    log.warning("not-taken", call=call, guid=container.guid, process_guid=container.process_guid, error=str(error))
