"""What an action tree means: run, timeout, try, emit_progress, serial, parallel, codependent.

An action ends by returning, by ActionFailed with the words an operator of apps reads, or by being cancelled; a
cancelled action has ended its processes before it lets go. Source of the rules: docs/reference/cell.md, "Actions".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Action = dict[str, Any]
Runner = Callable[[Action], Awaitable[int]]
"""Starts the process of a run action and returns its exit status; negative: the signal that ended it."""


class ActionFailed(Exception):
    """The action did not succeed; the text is the failure reason."""


async def perform(action: Action, run: Runner) -> None:
    """Carry out `action`. Raises ActionFailed."""
    kind = action["kind"]
    match kind:
        case "run":
            await _run(action, run)
        case "timeout":
            await _timeout(action, run)
        case "try":
            await _try(action, run)
        case "emit_progress":
            await perform(action["action"], run)
        case "serial":
            for each in action["actions"]:
                await perform(each, run)
        case "parallel":
            await _parallel(action["actions"], run)
        case "codependent":
            await codependent([perform(each, run) for each in action["actions"]], clean_exit_fails=True)
        case _:
            raise ActionFailed(f"this cell can't carry out a {kind} action; wanted run, timeout, try, serial, parallel")


async def _run(action: Action, run: Runner) -> None:
    source = f"{action['log_source']}: " if action["log_source"] else ""
    try:
        status = await run(action)
    except OSError as error:
        raise ActionFailed(f"{source}{action['path']}: {error.strerror}") from error
    if status < 0:
        raise ActionFailed(f"{source}Ended by signal {-status}")
    if status:
        raise ActionFailed(f"{source}Exited with status {status}")


async def _timeout(action: Action, run: Runner) -> None:
    limit = action["timeout_s"]
    try:
        async with asyncio.timeout(limit):
            await perform(action["action"], run)
    except TimeoutError as error:
        raise ActionFailed(f"exceeded {limit:g}s timeout") from error


async def _try(action: Action, run: Runner) -> None:
    try:
        await perform(action["action"], run)
    except ActionFailed:
        return


async def _parallel(actions: list[Action], run: Runner) -> None:
    outcomes = await gather([perform(each, run) for each in actions])
    failures = [str(outcome) for outcome in outcomes if isinstance(outcome, ActionFailed)]
    if failures:
        raise ActionFailed("; ".join(failures))


async def gather(parts: list[Any]) -> list[ActionFailed | None]:
    """All outcomes; a cancelled wait cancels the parts and waits for them."""
    return await asyncio.gather(*(_outcome(part) for part in parts))


async def _outcome(part: Awaitable[None]) -> ActionFailed | None:
    try:
        await part
    except ActionFailed as failure:
        return failure
    return None


async def codependent(parts: list[Any], *, clean_exit_fails: bool) -> None:
    """Run all; the first end ends the others. Raises the first failure."""
    tasks = [asyncio.ensure_future(_outcome(part)) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    failure = next((task.result() for task in done if task.result() is not None), None)
    if failure is not None:
        raise failure
    if clean_exit_fails:
        raise ActionFailed("a codependent action exited")
