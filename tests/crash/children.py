"""Child processes by fork: each starts from a parent that has everything imported, and hands lines back by a pipe.

A parent that opened a gRPC channel must not fork, so parents here only fork, wait and copy files; whoever talks to a
store is a child. A child never returns into its parent's code: it ends by `os._exit`, or by the signal that kills it.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Self

Tell = Callable[[str], None]
"""Hands one line to the parent at once; what was told survives a kill that follows."""


class Child:
    """One child running `work`."""

    def __init__(self, pid: int, pipe: int) -> None:
        self.pid = pid
        self.pipe = pipe

    @classmethod
    def start(cls, work: Callable[[Tell], None]) -> Self:
        """Fork; the child runs `work` and exits 0, or 1 with a traceback on stderr."""
        read_end, write_end = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            os.close(read_end)
            _live(work, write_end)
        os.close(write_end)
        return cls(pid, read_end)

    def end(self) -> Ending:
        """Wait for it, having read all that it tells."""
        with open(self.pipe, encoding="utf-8") as told:  # noqa: PTH123 - a descriptor
            lines = tuple(line.rstrip("\n") for line in told)
        return self.reaped(lines)

    def reaped(self, lines: tuple[str, ...] = ()) -> Ending:
        """Wait for it after its pipe was read by somebody else."""
        _, status = os.waitpid(self.pid, 0)
        return Ending(os.waitstatus_to_exitcode(status), lines)


class Ending:
    """How a child ended: its exit code (negative: the signal), and what it told."""

    def __init__(self, code: int, lines: tuple[str, ...]) -> None:
        self.code = code
        self.lines = lines

    @property
    def killed(self) -> bool:
        """Whether SIGKILL ended it."""
        return self.code == -signal.SIGKILL


def freeze() -> None:
    """Before many forks: what is in memory now stays out of the collector, so children don't copy its pages."""
    gc.collect()
    gc.freeze()


def _live(work: Callable[[Tell], None], pipe: int) -> None:
    code = 1
    try:
        work(lambda line: _tell(pipe, line))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _tell(pipe: int, line: str) -> None:
    os.write(pipe, f"{line}\n".encode())
