"""How a component runs as a process: configuration, logs, a stop on SIGTERM or SIGINT, exit codes."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from bbs.logs import Standing, configure
from components.configuration import ConfigurationError, Section, load

EXIT_CONFIGURATION = 2

Model = TypeVar("Model", bound=Section)


def configured(path: Path, model: type[Model]) -> Model:
    """The configuration, or exit 2 with what is wrong with it on stderr."""
    try:
        return load(path, model)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        raise SystemExit(EXIT_CONFIGURATION) from error


def log(component: str, member: str, level: str) -> None:
    """One JSON object a line on stderr from now on."""
    configure(level, Standing(component, member))


def run(main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run `main(stop)`; SIGTERM and SIGINT set `stop`."""
    asyncio.run(_stoppable(main))


async def _stoppable(main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await main(stop)
