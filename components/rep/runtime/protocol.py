"""What goes over the runtime's unix socket: one JSON object a line.

A call is {"id", "call", ...}, its answer {"id", "result"} or {"id", "error"}; what happens to a container is pushed to
every connection as {"event": a container's report}. The runtime keeps a finished container until it is deleted, so a
rep that was away loses no end: `list` tells it. Calls: ping, list, run {guid, spec}, stop {guid}, delete {guid}.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

MAX_LINE = 64 * 1024 * 1024


class Spec(TypedDict):
    """What to run. `actions`: the tree of docs/reference/cell.md, main action last; ports are the app's own numbers."""

    setup: dict[str, Any] | None
    action: dict[str, Any]
    environment: list[tuple[str, str]]
    ports: list[int]
    start_timeout_s: float
    long_running: bool
    result_file: str


class Report(TypedDict):
    """How a container is. `ports`: pairs of the app's number and the host's. `result`: a task's result file."""

    guid: str
    state: Literal["created", "running", "completed"]
    ports: list[tuple[int, int]]
    failed: bool
    stopped: bool
    reason: str
    result: str
