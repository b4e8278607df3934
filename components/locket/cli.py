"""`locket serve`: the lock and presence service as a process."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Annotated

import typer

from components import process
from components.locket.configuration import LocketConfiguration

app = typer.Typer(help="Diego's lock and presence service.", no_args_is_help=True, add_completion=False)
ConfigurationFile = Annotated[Path, typer.Option("--config", envvar="DIEGO_CONFIG", help="The YAML configuration.")]


@app.callback()
def locket() -> None:
    """Keeps `serve` a verb of its own."""


@app.command()
def serve(config: ConfigurationFile) -> None:
    """Serve Lock, Fetch, FetchAll and Release until SIGTERM."""
    configuration = process.configured(config, LocketConfiguration)
    process.log("locket", socket.gethostname(), configuration.log.level)
    process.run(lambda stop: _serve(configuration, stop))


async def _serve(configuration: LocketConfiguration, stop: asyncio.Event) -> None:
    from components.locket.server import LocketServer  # noqa: PLC0415 - grpc is slow to import; `--help` need not wait
    from components.locket.tables import open_table  # noqa: PLC0415 - as above

    await LocketServer(configuration, open_table(configuration.store)).run(stop)


def main() -> None:
    """The console script."""
    app()
