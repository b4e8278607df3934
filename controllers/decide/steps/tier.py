"""The roll of a tier that is one StatefulSet: locket, auctioneer, etcd. One pod at a time, the broken ones first."""

from controllers.api import Reason
from controllers.decide.actions import Action, EvictPod, ScaleWorkload, WriteWorkload
from controllers.decide.gates import Gate
from controllers.decide.observation import Workload
from controllers.decide.turn import Step, Turn

BEFORE_ANY_TEMPLATE = (
    Gate.SPEC_ACCEPTED,
    Gate.PAUSED,
    Gate.STORE_CHANGE_DECLARED,
    Gate.MOVE_ALONE,
    Gate.STEP_ALLOWED,
)
BEFORE_A_HEALTHY_POD = (Gate.STORE_REACHABLE, Gate.KEYRING_DISTRIBUTED, Gate.HEALTHY, Gate.MASTER_SERVING)


def roll_tier(turn: Turn, component: str, *gates: Gate, scales: bool = True) -> Step:
    """`gates` are asked beside the common ones before the template is written."""
    for wanted in turn.seen.wanted.of(component):
        found = turn.seen.world.workloads.get(wanted.name)
        if found is None:
            return Step(component, done=False, waiting=f"{wanted.name} is being created", reason=Reason.CREATING)
        if not turn.seen.template_current(found):
            return _template(turn, found, gates)
        if scales and found.replicas != wanted.replicas and not turn.shut(Gate.PAUSED, Gate.SPEC_ACCEPTED):
            scale = ScaleWorkload(found.name, wanted.replicas, f"spec asks for {wanted.replicas}")
            return Step(component, done=False, actions=(scale,), reason=Reason.COMPONENT_ROLLING)
        if not turn.seen.current(found):
            return _pods(turn, found)
    return Step(component, done=True)


def _template(turn: Turn, found: Workload, gates: tuple[Gate, ...]) -> Step:
    broken = not found.whole
    shut = turn.refused(*BEFORE_ANY_TEMPLATE) if broken else turn.shut(*BEFORE_ANY_TEMPLATE, *BEFORE_A_HEALTHY_POD)
    if shut := shut or turn.shut(*gates):
        return turn.held(found.component, shut, Reason.COMPONENT_ROLLING)
    version = turn.seen.wanted.workloads[found.name].version
    write: Action = WriteWorkload(found.name, version, f"{found.component} goes from {found.version} to {version}")
    return Step(found.component, done=False, actions=(write,), reason=Reason.COMPONENT_ROLLING)


def _pods(turn: Turn, found: Workload) -> Step:
    name = found.component
    stale = turn.seen.stale(found)
    broken = not found.whole and any(not pod.ready for pod in stale)  # else it would wait for what can't come
    if not stale or not (found.whole or broken):
        waiting = f"{found.name} is not whole" if found.settled else f"{found.name}: the template is not observed yet"
        return Step(name, done=False, waiting=waiting, reason=Reason.COMPONENT_ROLLING)
    first = (Gate.SPEC_ACCEPTED, Gate.PAUSED)
    if shut := turn.refused(*first) if broken else turn.shut(*first, *BEFORE_A_HEALTHY_POD):
        return turn.held(name, shut, Reason.COMPONENT_ROLLING)
    pod = min(stale, key=lambda pod: (pod.ready, pod.ordinal))  # those that stand by first
    evict = EvictPod(pod.name, pod.uid, pod.resource_version, f"{found.name} runs an older template")
    return Step(name, done=False, actions=(evict,), reason=Reason.COMPONENT_ROLLING)
