"""How a container is given up: by the runtime first, then from the ledger, so that its room is never promised twice."""

from __future__ import annotations

import structlog

from components.rep.cell import Cell
from components.rep.containers import Container, State
from components.rep.runtime.client import RuntimeRefused, RuntimeUnavailable

log = structlog.get_logger()


async def delete(cell: Cell, container: Container) -> None:
    """End it and forget it. If the runtime does not answer it stays, and the next pass tries again."""
    try:
        await cell.runtime.delete(container.guid)
    except (RuntimeUnavailable, RuntimeRefused) as error:
        log.warning("delete-failed", guid=container.guid, error=str(error))
        return
    cell.ledger.drop(container.guid)


async def stop(cell: Cell, container: Container) -> None:
    """Begin to stop it; its end is reported as stopped, not as a crash. Raises RuntimeUnavailable."""
    container.stopped = True
    if container.state is State.RESERVED:
        container.complete("stopped", failed=False, stopped=True)
        return
    try:
        await cell.runtime.stop(container.guid)
    except RuntimeRefused:
        container.complete("stopped", failed=False, stopped=True)
