"""NextCellAllowed: the cell before is back, holds its presence, and nothing is left over from it."""

from controllers.api import Reason
from controllers.decide.observation import Evacuation, Pod, Workload
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Unknown, Verdict

PASSING = "bbs_unavailable"
"""A cell that gave up for this reason is asked again at once: what stood in its way was not the want of room."""

ASKED_AGAIN_AFTER = 60.0
"""Seconds that a cell which gave up is left in peace: meanwhile somebody may have made room."""


def next_cell_allowed(seen: Seen) -> Verdict:
    """Asked before a cell is evacuated, never before a drained one is replaced."""
    for pod, cell in sorted(seen.world.cells.items()):
        if _gave_up_lately(cell):
            said = f"{pod} gave up with {cell.remaining} left: {cell.reason}"
            return Closed(Reason.EVACUATION_TIMED_OUT, said, "an evacuation that ends")
    out = out_of_service(seen)
    if len(out) >= max(1, seen.wanted.max_unavailable):
        return Closed(
            Reason.CELL_AWAY, f"{', '.join(out)} out", f"fewer than {max(1, seen.wanted.max_unavailable)} out"
        )
    if settling := _settling(seen):
        wanted = f"Ready for {seen.wanted.min_ready_seconds:g} s"
        return Closed(Reason.PRESENCE_NOT_HELD, f"{', '.join(settling)} just came back", wanted)
    return _leftovers(seen)


def _gave_up_lately(cell: Evacuation) -> bool:
    passing = cell.reason.startswith(PASSING)
    return cell.state == "aborted" and not passing and cell.aborted_for < ASKED_AGAIN_AFTER


def out_of_service(seen: Seen) -> list[str]:
    """Cells that take no work: missing, not Ready, going away, or handing over."""
    return sorted(
        name
        for workload in seen.existing("cell")
        for name, pod in _slots(workload)
        if pod is None or not pod.ready or pod.terminating or _handing_over(seen, name)
    )


def _slots(workload: Workload) -> list[tuple[str, Pod | None]]:
    pods = {pod.name: pod for pod in workload.pods}
    return [(name, pods.get(name)) for name in (f"{workload.name}-{i}" for i in range(workload.replicas))]


def _handing_over(seen: Seen, pod: str) -> bool:
    cell = seen.world.cells.get(pod)
    return cell is not None and cell.state in ("gating", "evacuating", "drained")


def _settling(seen: Seen) -> list[str]:
    return sorted(
        pod.name
        for workload in seen.existing("cell")
        for pod in workload.live
        if pod.revision == workload.update_revision
        and pod.ready_since is not None
        and seen.now - pod.ready_since < seen.wanted.min_ready_seconds
    )


def _leftovers(seen: Seen) -> Verdict:
    master = seen.master
    if master is None:
        return Unknown(Reason.NO_MASTER, "no master tells of suspect and evacuating instances")
    if not master.serving:
        return Closed(Reason.NO_MASTER, f"{master.pod} is {master.state}", "a master that serves")
    if master.suspect or master.evacuating:
        said = f"{master.suspect} suspect and {master.evacuating} evacuating instances"
        return Closed(Reason.ROWS_UNSETTLED, said, "none left of the cells before")
    return Open()
