"""Repairs of pods: planned before the roll, gated by nothing, also while paused."""

from controllers.decide.actions import Action, CancelEvacuation, DeletePod, EvictPod
from controllers.decide.gates import Gate
from controllers.decide.observation import Pod, Workload
from controllers.decide.steps.move import emptied
from controllers.decide.turn import Turn
from controllers.decide.verdict import is_open


def repair_pods(turn: Turn) -> tuple[Action, ...]:
    """At most one action on a tier's pods."""
    return (*_stuck(turn), *emptied(turn), *_evacuations(turn))


def _stuck(turn: Turn) -> tuple[Action, ...]:
    """A pod that never comes and that nobody wants is replaced: else the mended template would never be used."""
    found: dict[str, Action] = {}
    for name in sorted(turn.seen.world.workloads):
        workload = turn.seen.world.workloads[name]
        for pod in turn.seen.stale(workload):
            if not pod.ready and pod.waiting and workload.component not in found:
                why = f"it never became Ready ({pod.waiting}) and runs a template that is not wanted"
                found[workload.component] = DeletePod(pod.name, pod.uid, pod.resource_version, why)
    return tuple(found.values())


def _evacuations(turn: Turn) -> tuple[Action, ...]:
    """A drained cell is replaced; an evacuation that nobody wants any more is cancelled. No cell is left drained."""
    drained: list[Action] = []
    cancelled: list[Action] = []
    for workload in turn.seen.existing("cell"):
        for pod in workload.pods:
            cell = turn.seen.world.cells.get(pod.name)
            if cell is None or cell.state == "none" or pod.terminating:
                continue
            if cell.state == "drained":
                drained += _replace_drained(turn, workload, pod)
            elif not wanted_out(turn, workload, pod):
                cancelled.append(CancelEvacuation(pod.name, "nothing asks for this cell to go"))
    return (*drained[:1], *cancelled)


def _replace_drained(turn: Turn, workload: Workload, pod: Pod) -> list[Action]:
    leaves_for_good = pod.ordinal >= _size(turn, workload) and is_open(turn.verdicts[Gate.PAUSED])
    if leaves_for_good and pod.ordinal == workload.replicas - 1:
        return []
    return [EvictPod(pod.name, pod.uid, pod.resource_version, "the cell has drained", cell=True)]


def wanted_out(turn: Turn, workload: Workload, pod: Pod) -> bool:
    """Whether the roll or a smaller size asks for this cell to go. Unobserved template: let be."""
    if not is_open(turn.verdicts[Gate.PAUSED]):
        return False
    if not workload.settled or not turn.seen.template_current(workload):
        return True
    return pod.revision != workload.update_revision or pod.ordinal >= _size(turn, workload)


def _size(turn: Turn, workload: Workload) -> int:
    wanted = turn.seen.wanted.workloads.get(workload.name)
    return wanted.replicas if wanted else 0
