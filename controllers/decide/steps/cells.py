"""The roll of the cells: one at a time, each evacuated, observed drained, then replaced.

A pool's template is written only behind the gates, since a pod that comes back for any other reason takes it.
Replacing a drained cell and cancelling an evacuation nobody wants any more are repairs, not part of this step.
"""

from controllers.api import Reason
from controllers.decide.actions import Action, Evacuate, RemoveWorkload, ScaleWorkload, WriteWorkload
from controllers.decide.gates import Gate
from controllers.decide.observation import Pod, Workload
from controllers.decide.steps.bbs import examine
from controllers.decide.turn import Step, Turn

NAME = "cells"
COMMON = (Gate.SPEC_ACCEPTED, Gate.PAUSED, Gate.STORE_CHANGE_DECLARED, Gate.MOVE_ALONE)


def roll_cells(turn: Turn) -> Step:
    """Sizes first, then templates, then pods."""
    seen = turn.seen
    for workload in seen.existing("cell"):
        wanted = seen.wanted.workloads.get(workload.name)
        size = wanted.replicas if wanted else 0
        if workload.replicas != size:
            return _resize(turn, workload, size)
        if wanted is None:
            return _do(turn, RemoveWorkload(workload.name, workload.uid, "the spec has no such pool"))
    missing = [w.name for w in seen.wanted.of("cell") if w.name not in seen.world.workloads]
    if missing:
        return _wait(f"{', '.join(missing)} to be created", Reason.CREATING)
    for workload in seen.existing("cell"):
        if not seen.template_current(workload):
            return _template(turn, workload)
    return _pods(turn)


def before_templates(turn: Turn) -> tuple[Gate, ...]:
    """Upwards the cells come after everything else; downwards they go first, once the data is known to follow."""
    common = (*COMMON, Gate.STORE_REACHABLE, Gate.KEYRING_DISTRIBUTED, Gate.STEP_ALLOWED, Gate.HEALTHY)
    if not turn.seen.going_down:
        return (*common, Gate.SCHEMA_CURRENT, Gate.AUCTIONEER_CURRENT)
    return (*common, Gate.PREPARED) if turn.seen.master is not None else common


def _template(turn: Turn, workload: Workload) -> Step:
    if shut := turn.shut(*before_templates(turn)):
        held = turn.held(NAME, shut, Reason.CELLS_ROLLING)
        return Step(NAME, done=False, actions=examine(turn), waiting=held.waiting, reason=held.reason)
    version = turn.seen.wanted.workloads[workload.name].version
    return _do(turn, WriteWorkload(workload.name, version, f"pool goes from {workload.version} to {version}"))


def _pods(turn: Turn) -> Step:
    seen = turn.seen
    unsettled = [w.name for w in seen.existing("cell") if not w.settled]
    if unsettled:
        return _wait(f"{', '.join(unsettled)}: template not observed yet")
    stale = [pod for w in seen.existing("cell") for pod in seen.stale(w)]
    if not stale:
        if seen.cells_current:
            return Step(NAME, done=True)
        return _wait("cells that are not Ready")
    return _evacuate(turn, sorted(stale, key=lambda pod: pod.name), "an older template runs in it")


def _evacuate(turn: Turn, pods: list[Pod], why: str) -> Step:
    busy = [pod.name for pod in pods if _state(turn, pod) in ("gating", "evacuating", "drained")]
    gates = (*COMMON, Gate.STEP_ALLOWED, *(() if turn.seen.going_down else (Gate.SCHEMA_CURRENT,)))
    if shut := turn.shut(*gates, Gate.NEXT_CELL_ALLOWED):
        step = turn.held(NAME, shut, Reason.CELLS_ROLLING)
        return _wait(f"{', '.join(busy)} evacuating") if busy and shut is Gate.NEXT_CELL_ALLOWED else step
    idle = [pod for pod in pods if _state(turn, pod) in ("none", "aborted") and pod.ready]
    if not idle:
        return _wait(f"{pods[0].name} to answer")
    # One that gave up goes on first: with two cells half-way, none would ever be whole.
    first = min(idle, key=lambda pod: (_state(turn, pod) != "aborted", pod.name))
    return _do(turn, Evacuate(first.name, why))


def _resize(turn: Turn, workload: Workload, size: int) -> Step:
    if shut := turn.shut(*COMMON):
        return turn.held(NAME, shut, Reason.CELLS_ROLLING)
    if workload.replicas < size:
        return _do(turn, ScaleWorkload(workload.name, size, f"spec asks for {size}"))
    leaving = next((pod for pod in workload.pods if pod.ordinal == workload.replicas - 1), None)
    if leaving is None or not leaving.ready or _state(turn, leaving) == "drained":
        return _do(turn, ScaleWorkload(workload.name, workload.replicas - 1, f"spec asks for {size}"))
    return _evacuate(turn, [leaving], "the spec asks for fewer cells")


def _state(turn: Turn, pod: Pod) -> str:
    cell = turn.seen.world.cells.get(pod.name)
    return cell.state if cell else "unknown"


def _do(turn: Turn, action: Action) -> Step:
    if shut := turn.shut(*COMMON):
        return turn.held(NAME, shut, Reason.CELLS_ROLLING)
    return Step(NAME, done=False, actions=(action,), reason=Reason.CELLS_ROLLING)


def _wait(waiting: str, reason: Reason = Reason.CELLS_ROLLING) -> Step:
    return Step(NAME, done=False, waiting=waiting, reason=reason)
