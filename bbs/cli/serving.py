"""`bbs serve`: as PID 1 the supervisor, as its child the server."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from bbs.configuration import load


def serve(config: Path, *, child: bool) -> None:
    """Returns never but by SystemExit; a bad configuration is said before anything is started."""
    configuration = load(config)
    if child:
        sys.exit(import_module("bbs.master.process").run(configuration))
    command = [sys.executable, "-m", "bbs.cli", "serve", "--child", "--config", str(config)]
    sys.exit(import_module("bbs.master.supervisor").supervise(configuration, command))
