"""What is reported about a task's container. Tasks are never evacuated: a drain waits for them.

Source of the table: docs/reference/cell.md, "Operations".
"""

from __future__ import annotations

import structlog

from bbs.client import BBSError, ClientError, ErrorType
from bbs.wire import task_pb2 as wire
from components.rep import definitions, endings
from components.rep.cell import Cell
from components.rep.containers import Container, State
from components.rep.runtime.client import RuntimeRefused, RuntimeUnavailable

log = structlog.get_logger()


async def operate(cell: Cell, container: Container) -> None:
    """Start it, or report its end."""
    if container.state is State.COMPLETED:
        await _report_end(cell, container)
        return
    try:
        should_start = await cell.bbs.start_task(container.guid, cell.cell_id)
    except BBSError as error:
        log.info("refused", call="start-task", guid=container.guid, error=str(error))
        if error.type in (ErrorType.InvalidStateTransition, ErrorType.ResourceNotFound):
            await endings.delete(cell, container)
        return
    except ClientError as error:
        log.warning("not-taken", call="start-task", guid=container.guid, error=str(error))
        return
    if should_start:
        await _run(cell, container)


async def complete(cell: Cell, task_guid: str, *, failed: bool, reason: str, result: str = "") -> None:
    """Tell the BBS that a task of this cell ended. Raises ClientError."""
    request = wire.CompleteTaskRequest(
        task_guid=task_guid,
        cell_id=cell.cell_id,
        failed=failed,
        failure_reason=reason.encode(),
        result=result.encode(),
    )
    await cell.bbs.complete_task(request)


async def _run(cell: Cell, container: Container) -> None:
    try:
        task = await cell.bbs.task(container.guid)
        spec = definitions.of_task(task.task_definition)
        container.state = State.INITIALIZING
        container.take(await cell.runtime.run(container.guid, spec))
    except ClientError as error:
        log.warning("not-taken", call="task", guid=container.guid, error=str(error))
    except definitions.Unsupported as reason:
        container.complete(str(reason))
    except (RuntimeRefused, RuntimeUnavailable) as error:
        log.warning("run-failed", guid=container.guid, error=str(error))
        container.complete("failed to run container")


async def _report_end(cell: Cell, container: Container) -> None:
    try:
        reason = container.reason if container.failed else ""
        failed = container.failed or container.stopped
        await complete(cell, container.guid, failed=failed, reason=reason or container.reason, result=container.result)
    except BBSError as error:
        log.info("refused", call="complete-task", guid=container.guid, error=str(error))
        if error.type == ErrorType.InvalidStateTransition:
            await _complete_again(cell, container)
    except ClientError as error:
        # The result lives only here: it is kept until a BBS takes it.
        log.warning("not-taken", call="complete-task", guid=container.guid, error=str(error))
        return
    await endings.delete(cell, container)


async def _complete_again(cell: Cell, container: Container) -> None:
    try:
        await complete(cell, container.guid, failed=True, reason="invalid state transition")
    except ClientError as error:
        log.info("refused", call="complete-task", guid=container.guid, error=str(error))
