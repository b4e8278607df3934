"""`bbs serve`: as PID 1 the supervisor, as its child the server."""

from __future__ import annotations

import sys
from pathlib import Path

from bbs.configuration import load
from bbs.master.supervisor import supervise


def serve(config: Path, *, child: bool) -> None:
    """Returns never but by SystemExit; a bad configuration is said before anything is started."""
    configuration = load(config)
    if child:
        from bbs.master.process import run  # noqa: PLC0415 - the supervisor stays small

        sys.exit(run(configuration))
    command = [sys.executable, "-m", "bbs.cli", "serve", "--child", "--config", str(config)]
    sys.exit(supervise(configuration, command))
