"""Rows of this cell without a container: left by an earlier life, or by a report that got lost.

Each is checked once more right before it is removed: a container that exists by then has made it true again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial

import structlog

from bbs.client import BBSError, ClientError, ErrorType
from bbs.wire import actual_lrp_pb2, task_pb2
from components.rep import tasks
from components.rep.cell import Cell

log = structlog.get_logger()
Operation = Callable[[], Awaitable[None]]
EVACUATING = actual_lrp_pb2.ActualLRP.EVACUATING


def of_lrps(cell: Cell, rows: Iterable[actual_lrp_pb2.ActualLRP]) -> Iterator[tuple[str, Operation]]:
    """By instance guid, what to do about rows without containers."""
    for row in rows:
        guid = row.actual_lrp_instance_key.instance_guid
        if guid and cell.ledger.get(guid) is None:
            yield f"{guid}/{row.presence}", partial(_remove_row, cell, row)


def of_tasks(cell: Cell, rows: Iterable[task_pb2.Task]) -> Iterator[tuple[str, Operation]]:
    """By task guid, what to do about running tasks without containers."""
    for row in rows:
        if row.state == task_pb2.Task.Running and cell.ledger.get(row.task_guid) is None:
            yield row.task_guid, partial(_fail_task, cell, row.task_guid)


async def _remove_row(cell: Cell, row: actual_lrp_pb2.ActualLRP) -> None:
    instance = row.actual_lrp_instance_key
    if cell.ledger.get(instance.instance_guid) is not None:
        return
    key = row.actual_lrp_key
    try:
        if row.presence == EVACUATING:
            await cell.bbs.remove_evacuating_actual_lrp(key, instance)
        else:
            await cell.bbs.remove_actual_lrp(key.process_guid, key.index, instance)
        log.info("residual-removed", process_guid=key.process_guid, index=key.index, guid=instance.instance_guid)
    except BBSError as error:
        if error.type != ErrorType.ResourceNotFound:
            log.warning("residual-kept", process_guid=key.process_guid, index=key.index, error=str(error))
    except ClientError as error:
        log.warning("residual-kept", process_guid=key.process_guid, index=key.index, error=str(error))


async def _fail_task(cell: Cell, task_guid: str) -> None:
    if cell.ledger.get(task_guid) is not None:
        return
    try:
        await tasks.complete(cell, task_guid, failed=True, reason="task container does not exist")
    except ClientError as error:
        log.warning("residual-kept", task_guid=task_guid, error=str(error))
