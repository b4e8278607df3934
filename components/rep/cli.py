"""`rep serve`, `rep runtime`, `rep drain`: the cell as processes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from components import process
from components.rep.configuration import RepConfiguration

app = typer.Typer(help="One cell of Diego.", no_args_is_help=True, add_completion=False)
ConfigurationFile = Annotated[Path, typer.Option("--config", envvar="DIEGO_CONFIG", help="The YAML configuration.")]


@app.command()
def serve(config: ConfigurationFile) -> None:
    """Be a cell until SIGTERM."""
    from components.rep.process import run_cell  # noqa: PLC0415 - `--help` need not wait for all of it

    configuration = _configured(config)
    process.run(lambda stop: run_cell(configuration, stop))


@app.command()
def runtime(config: ConfigurationFile) -> None:
    """Only run apps, for a rep that reaches `runtime_socket`."""
    from components.rep.process import run_runtime  # noqa: PLC0415 - as above

    configuration = _configured(config)
    process.run(lambda stop: run_runtime(configuration, stop))


@app.command()
def drain(config: ConfigurationFile) -> None:
    """Evacuate this host's cell and wait: exit 0 drained or gone, 3 aborted, 4 no end in time."""
    from components.rep.drain import drain as drained  # noqa: PLC0415 - as above

    code, seen = asyncio.run(drained(_configured(config)))
    typer.echo(seen, err=True)
    raise typer.Exit(code)


def _configured(path: Path) -> RepConfiguration:
    configuration = process.configured(path, RepConfiguration)
    process.log("cell", configuration.cell_id, configuration.log.level)
    return configuration


def main() -> None:
    """The console script."""
    app()
