"""A BBS whose wall clock is told: `python -m tests.golden.clock FILE --config CONFIG` runs the server with it.

What convergence does depends on ages, and a busy machine bridges any margin. So a replayed server reads the moment of
the recording instead of its machine's clock: 8 bytes of a file that the replay writes before each step. Within a step
no time passes. Leases, time limits and sleeps keep to the steady clock, and nothing else of the process is another.
"""

from __future__ import annotations

import argparse
import mmap
import sys
from pathlib import Path

from bbs.configuration import load
from bbs.master.clock import SystemClock
from bbs.master.process import run

WIDTH = 8


class ToldClock:
    """The telling side: nanoseconds since the epoch, which never go back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = 0
        path.write_bytes(bytes(WIDTH))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), WIDTH)

    def tell(self, now: int) -> None:
        """From here on it is that late, or as late as it was if that is later."""
        self.now = max(self.now, now)
        self._map[:] = self.now.to_bytes(WIDTH, "little")


def _read_from(path: Path) -> None:
    with path.open("rb") as file:
        told = mmap.mmap(file.fileno(), WIDTH, access=mmap.ACCESS_READ)
    SystemClock.now = lambda _: int.from_bytes(told[:], "little")  # type: ignore[method-assign]


def main() -> int:
    """The exit code of the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clock", type=Path)
    parser.add_argument("--config", type=Path, required=True)
    options = parser.parse_args()
    _read_from(options.clock)
    return run(load(options.config))


if __name__ == "__main__":
    sys.exit(main())
