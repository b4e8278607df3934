"""`auctioneer serve`: placement as a process."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated

import typer

from components import process
from components.auctioneer.configuration import AuctioneerConfiguration

app = typer.Typer(help="Gives work to cells.", no_args_is_help=True, add_completion=False)
ConfigurationFile = Annotated[Path, typer.Option("--config", envvar="DIEGO_CONFIG", help="The YAML configuration.")]


@app.callback()
def auctioneer() -> None:
    """Keeps `serve` a verb of its own."""


@app.command()
def serve(config: ConfigurationFile) -> None:
    """Stand by until the lock is free, then place work until SIGTERM."""
    from components.auctioneer.process import AuctioneerProcess  # noqa: PLC0415 - `--help` need not wait for all of it

    configuration = process.configured(config, AuctioneerConfiguration)
    process.log("auctioneer", socket.gethostname(), configuration.log.level)
    process.run(lambda stop: AuctioneerProcess(configuration).run(stop))


def main() -> None:
    """The console script."""
    app()
