"""A life of a process: an id that its parent can know too, and that no other process of this machine ever has."""

from __future__ import annotations

from pathlib import Path

_START_TIME = 19  # of the fields behind the command in /proc/<pid>/stat: clock ticks between boot and its start


def life_of(pid: int) -> str:
    """`<pid>.<start time>`. Raises FileNotFoundError when there is no such process."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    fields = stat.rpartition(")")[2].split()
    return f"{pid}.{fields[_START_TIME]}"
